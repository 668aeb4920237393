"""The read models that one process keeps: they follow the ledger together, in one thread.

Each history is read and folded once for all of them, and a batch is one transaction. A read model
that cannot take a batch is released with its error, and the others carry on.
"""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import LockNotAvailable

from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import environment
from adapters.ledger.subscription import STOP_SECONDS, BatchSubscription, LedgerReplaced
from adapters.postgres.database import DEADLINE_SECONDS
from adapters.telemetry.traces import span
from adapters.threads import LastingThread
from projections.runtime.follower import FollowedModel, Follower
from projections.runtime.read_model import OnProgress, ReadModel
from projections.runtime.tracking import WAIT_SECONDS, opened_store

POOL = 3
"""Connections to the ledger: one listens, one reads ahead, one reads histories."""
LOCK_MILLISECONDS = 500
"""How long a batch waits for a read model that a rebuild has locked.

After that, the batch goes on without it.
"""


class Member:
    """A read model in the group.

    `gone` is set when it is released, and `error` before that if an error was the cause.
    """

    def __init__(self, followed: FollowedModel) -> None:
        self.followed = followed
        self.gone = threading.Event()
        self.error: BaseException | None = None


class FollowerGroup:
    """Follows the ledger for its members until it is closed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._turn = threading.Lock()
        """Held while the membership changes or a batch is applied."""
        self._members: Sequence[Member] = ()
        self._follower: Follower | None = None
        self._position = 0
        """The last position handed to the group, whatever its members at the time."""
        self._begun = threading.Event()
        """Set while there is a position to follow from: that of the first member to join."""
        self._stopping = threading.Event()
        self._thread = LastingThread(self._follow, "follow")

    def __enter__(self) -> Self:
        """Open the ledger; nothing is read until the first member joins."""
        env = environment(self._conninfo, pool=POOL, wait=WAIT_SECONDS, deadline=DEADLINE_SECONDS)
        self._ledger = Ledger(env).__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop following and close the ledger; the group must have no members left."""
        self._stopping.set()
        self._thread.join()
        self._ledger.close()

    def release_all(self) -> None:
        """Release all members."""
        with self._turn:
            self._release(self._members)

    @contextmanager
    def joined(self, model: type[ReadModel], on_progress: OnProgress) -> Generator[Member]:
        """Make a read model, once level with the group, a member within the context.

        The caller should watch the member's `gone`.
        """
        conninfo = _with_lock_timeout(self._conninfo)
        with opened_store(conninfo, model.schema, model.schema, limit=DEADLINE_SECONDS) as store:
            member = Member(FollowedModel(model, store))
            alone = self._follower_of([member])
            alone.catch_up(self._ledger.head(), on_progress)
            with self._turn:
                self._begin(alone.position)
                alone.catch_up(self._position, on_progress)
                self._set_members([*self._members, member])
            try:
                yield member
            finally:
                with self._turn:
                    self._set_members([other for other in self._members if other is not member])

    def _begin(self, position: int) -> None:
        """Start following after a position, unless it has begun."""
        if not self._begun.is_set():
            self._position = position
            self._begun.set()

    def _set_members(self, members: Sequence[Member]) -> None:
        self._members, self._follower = members, None

    def _release(self, members: Sequence[Member], error: BaseException | None = None) -> None:
        for member in members:
            member.error = error
            member.gone.set()
        self._set_members([member for member in self._members if member not in members])

    def _follower_of(self, members: Sequence[Member]) -> Follower:
        return Follower(self._ledger.rows, [member.followed for member in members])

    def _follow(self) -> None:
        while not self._stopping.is_set():
            if self._begun.wait(STOP_SECONDS):
                with suppress(LedgerReplaced):
                    self._follow_on()

    def _follow_on(self) -> None:
        """Follow until stopped; after an error, whoever joins next says from where."""
        subscription = self._ledger.rows.subscribe(gt=self._position)
        assert isinstance(subscription, BatchSubscription)  # noqa: S101  the ledger's own
        try:
            with subscription:
                for rows in subscription.batches(self._stopping):
                    with self._turn:
                        self._position = rows[-1][4]
                        if self._members:
                            self._take(rows)
        except BaseException as error:
            with self._turn:
                self._begun.clear()
                self._release(self._members, error)
            raise

    def _take(self, rows: Sequence[StoredRow]) -> None:
        """Apply rows to all members together; if that fails, to each on its own."""
        try:
            self._follower = self._follower or self._follower_of(self._members)
            with span("follow", len(rows)):
                self._follower.take(rows)
        except Exception as error:  # noqa: BLE001  whoever waits for the member is told
            self._set_members(self._members)
            if _is_unreachable(error):
                self._release(self._members, error)
            for member in self._members:
                self._take_alone(member, rows)

    def _take_alone(self, member: Member, rows: Sequence[StoredRow]) -> None:
        try:
            self._follower_of([member]).take(rows)
        except Exception as error:  # noqa: BLE001  whoever waits for the member is told
            self._release([member], error)


def _is_unreachable(error: Exception) -> bool:
    """Return whether the database is unreachable, which makes trying each member pointless."""
    lost = isinstance(error, OperationalError | InterfaceError)
    return lost and not isinstance(error.__cause__, LockNotAvailable)


def _with_lock_timeout(conninfo: str) -> str:
    """Return the connection string with a short lock timeout."""
    options = conninfo_to_dict(conninfo).get("options") or ""
    return make_conninfo(conninfo, options=f"{options} -c lock_timeout={LOCK_MILLISECONDS}")
