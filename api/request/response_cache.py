"""Encoded responses, kept while the read model that they come from does not move."""

from collections import OrderedDict
from collections.abc import Hashable

KEPT_MAX = 200
"""The most responses in one cache; the least recently used is dropped first."""


class ResponseCache:
    """The latest responses, each with a mark of the read model that it shows."""

    def __init__(self) -> None:
        self._responses: OrderedDict[Hashable, tuple[Hashable, bytes]] = OrderedDict()

    def get(self, key: Hashable, mark: Hashable) -> bytes | None:
        """Return the response for a key, or None if not stored at this mark."""
        entry = self._responses.get(key)
        if entry is None or entry[0] != mark:
            return None
        self._responses.move_to_end(key)
        return entry[1]

    def clear(self) -> None:
        """Drop everything: after a lost connection, the database may be an earlier copy."""
        self._responses.clear()

    def put(self, key: Hashable, mark: Hashable, response: bytes) -> None:
        """Store a response, in place of any older one for the key."""
        self._responses[key] = (mark, response)
        self._responses.move_to_end(key)
        if len(self._responses) > KEPT_MAX:
            self._responses.popitem(last=False)
