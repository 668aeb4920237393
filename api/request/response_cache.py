"""Answers that are kept encoded for as long as the list that they come from has not moved."""

from collections import OrderedDict
from collections.abc import Hashable

KEPT_MAX = 200
"""How many answers of one kind are kept; the one not asked for the longest goes first."""


class ResponseCache:
    """The last answers, each with a mark of the list that it shows."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[Hashable, bytes]] = OrderedDict()

    def get(self, key: Hashable, mark: Hashable) -> bytes | None:
        """The answer to what is asked, if it was given at this very mark."""
        found = self._answers.get(key)
        if found is None or found[0] != mark:
            return None
        self._answers.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, mark: Hashable, answer: bytes) -> None:
        """Keep an answer in place of an older one."""
        self._answers[key] = (mark, answer)
        self._answers.move_to_end(key)
        if len(self._answers) > KEPT_MAX:
            self._answers.popitem(last=False)
