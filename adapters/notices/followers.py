"""Those who follow the notices of a process as they come: how many, and where the ledger ends.

All of them share one look at the end of the ledger, so that a thousand cost no more than one.
"""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from adapters.ledger.queries import Ends, ends
from adapters.postgres.query import RunQueries

FOLLOWERS_MAX = 200
"""Per process."""
FOLLOWERS_EACH_MAX = 5
"""Of one actor, or for the public from one address, per process."""
LOOK_SECONDS = 0.5
"""How often the end of the ledger is looked at, while anybody follows."""


class TooManyFollowers(Exception):  # noqa: N818  says what is the matter
    """There is no place left: of this follower's, or of the process."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("too many follow")
        self.own = own


class Followers:
    """Followers of one process. Belongs to one event loop."""

    def __init__(self, run: RunQueries) -> None:
        self._run = run
        self._places: Counter[str | None] = Counter()
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._ends: Ends | None = None
        self.stopping = False
        """Set by `stop`, for all to end at once."""

    def stop(self) -> None:
        """Let all who follow end, since the process stops; from any thread."""
        self.stopping = True

    @contextmanager
    def place(self, owner: str | None) -> Generator[None]:
        """Hold a place for a follower; None is an owner who is not counted by itself.

        Raises TooManyFollowers.
        """
        if owner is not None and self._places[owner] >= FOLLOWERS_EACH_MAX:
            raise TooManyFollowers(own=True)
        if self._places.total() >= FOLLOWERS_MAX:
            raise TooManyFollowers(own=False)
        self._places[owner] += 1
        try:
            yield
        finally:
            self._places[owner] -= 1
            self._places += Counter()  # drops those that are zero

    async def ends(self) -> Ends:
        """Return the ends of the ledger, as of LOOK_SECONDS ago at most."""
        loop = asyncio.get_running_loop()
        async with self._looking:
            if self._ends is None or loop.time() - self._looked_at >= LOOK_SECONDS:
                self._ends, self._looked_at = await self._run(ends()), loop.time()
            return self._ends
