"""The read models that one process keeps: they follow the ledger together, in one thread.

A history is then read and folded once for all of them, and a batch is one transaction. One that
cannot take a batch is let go with its error, and the others go on.
"""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Self

from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import LockNotAvailable

from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import environment
from adapters.ledger.subscription import BatchSubscription
from projections.runtime.follower import FollowedModel, Follower
from projections.runtime.read_model import OnProgress, ReadModel
from projections.runtime.tracking import WAIT_SECONDS, opened_store

POOL = 3
"""Connections to the ledger: one listens, one reads ahead, one reads histories."""
LOCK_MILLISECONDS = 500
"""How long a batch waits for a read model that a rebuild holds still, before it goes on without."""


class Member:
    """One of the group; `gone` is set when it was let go, with its error if there was one."""

    def __init__(self, kept: FollowedModel) -> None:
        self.kept = kept
        self.gone = threading.Event()
        self.error: Exception | None = None


class FollowerGroup:
    """Follows the ledger for those that joined, until it is closed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._turn = threading.Lock()
        """Whoever has it may change who is in the group, or take in a batch."""
        self._members: Sequence[Member] = ()
        self._follower: Follower | None = None
        self._position = 0
        """Up to where rows were handed to the group, whoever was in it."""
        self._subscription: BatchSubscription | None = None
        self._thread = threading.Thread(target=self._follow, name="follow")

    def __enter__(self) -> Self:
        """Begin; nothing is read until the first one joins."""
        env = environment(self._conninfo, pool=POOL, wait=WAIT_SECONDS)
        self._ledger = Ledger(env).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Give everything back, once nobody is in the group."""
        if self._subscription:
            self._subscription.stop()
            self._thread.join()
        self._ledger.close()

    def part(self) -> None:
        """Let everyone go."""
        with self._turn:
            self._let_go(self._members)

    @contextmanager
    def joined(self, model: type[ReadModel], told: OnProgress) -> Generator[Member]:
        """Have a read model in the group, once it is level with it; inside, watch `gone`."""
        with opened_store(_impatient(self._conninfo), model.name, model.name) as view:
            member = Member(FollowedModel(model, view))
            alone = self._following([member])
            alone.catch_up(self._ledger.head(), told)
            with self._turn:
                alone.catch_up(self._position, told)
                self._begin(alone.position)
                self._have([*self._members, member])
            try:
                yield member
            finally:
                with self._turn:
                    self._have([other for other in self._members if other is not member])

    def _begin(self, position: int) -> None:
        """Follow from a position on, unless that is begun."""
        if self._subscription is None:
            self._position = position
            subscription = self._ledger.rows.subscribe(gt=position)
            assert isinstance(subscription, BatchSubscription)  # noqa: S101  the ledger's own
            self._subscription = subscription
            self._thread.start()

    def _have(self, members: Sequence[Member]) -> None:
        self._members, self._follower = members, None

    def _let_go(self, members: Sequence[Member], error: Exception | None = None) -> None:
        for member in members:
            member.error = error
            member.gone.set()
        self._have([member for member in self._members if member not in members])

    def _following(self, members: Sequence[Member]) -> Follower:
        return Follower(self._ledger.rows, [member.kept for member in members])

    def _follow(self) -> None:
        assert self._subscription  # noqa: S101  begun by the first member
        with self._subscription as subscription:
            for rows in subscription.batches():
                with self._turn:
                    self._position = rows[-1][4]
                    if self._members:
                        self._take(rows)

    def _take(self, rows: Sequence[StoredRow]) -> None:
        """Take in rows for all together; if that fails, for each by itself."""
        try:
            self._follower = self._follower or self._following(self._members)
            self._follower.take(rows)
        except Exception as error:  # noqa: BLE001  whoever waits for the member is told
            self._have(self._members)
            if _away(error):
                self._let_go(self._members, error)
            for member in self._members:
                self._take_alone(member, rows)

    def _take_alone(self, member: Member, rows: Sequence[StoredRow]) -> None:
        try:
            self._following([member]).take(rows)
        except Exception as error:  # noqa: BLE001  as above
            self._let_go([member], error)


def _away(error: Exception) -> bool:
    """Say whether the database is, so that there is no use in trying each for itself."""
    lost = isinstance(error, OperationalError | InterfaceError)
    return lost and not isinstance(error.__cause__, LockNotAvailable)


def _impatient(conninfo: str) -> str:
    """A connection that does not wait long for what somebody holds."""
    options = conninfo_to_dict(conninfo).get("options") or ""
    return make_conninfo(conninfo, options=f"{options} -c lock_timeout={LOCK_MILLISECONDS}")
