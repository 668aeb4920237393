"""Answers, kept while the read models that they come from do not move."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, TypeVar, cast

from adapters.postgres.pools import Pool
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_positions

T = TypeVar("T")


class ResponseCache:
    """The latest answers, each with a mark of the read models that it shows.

    It holds `most` answers; the least recently used is dropped first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, tuple[Hashable, object]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, mark: Hashable) -> Any:  # noqa: ANN401  what was stored
        """Return the answer for a key, or None if not stored at this mark."""
        with self._lock:
            entry = self._answers.get(key)
            if entry is None or entry[0] != mark:
                return None
            self._answers.move_to_end(key)
            return entry[1]

    def clear(self) -> None:
        """Drop everything: after a lost connection, the database may be an earlier copy."""
        with self._lock:
            self._answers.clear()

    def put(self, key: Hashable, mark: Hashable, answer: object) -> None:
        """Store an answer, in place of any older one for the key."""
        with self._lock:
            self._answers[key] = (mark, answer)
            self._answers.move_to_end(key)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)

    def kept(
        self, lists: Pool, models: Sequence[type[ReadModel]], key: Hashable, read: Callable[[], T]
    ) -> T:
        """Return the answer for a key as of now, read anew if one of its read models has moved.

        The marks are read first: an answer is never older than the marks that it is kept under.
        """
        mark = lists.read(lambda cursor: tracked_positions(cursor, models))
        answer = self.get(key, mark)
        if answer is None:
            answer = read()
            self.put(key, mark, answer)
        return cast("T", answer)
