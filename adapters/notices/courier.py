"""The courier: sends notices to subscriptions, in order and at least once each.

One process of all is the courier, by an advisory lock. A notice counts as taken once the receiver
has answered 2xx and that is noted; if either process dies between, it is sent again under the same
`webhook-id`. What fails is tried again later and later, and pauses in the end.
"""

import random
import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

import msgspec
import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec.structs import replace

from adapters.clock import now
from adapters.ledger.codec import UnreadableEntry
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import Ends, ends
from adapters.ledger.recorder import environment
from adapters.notices.cloud_event import about_of, cloud_event
from adapters.notices.delivery import SUCCESS, deliver, deliver_test
from adapters.notices.reading import Notices
from adapters.notices.subscriptions import (
    Subscription,
    advance,
    due,
    note_failure,
    note_test,
    secrets_of,
)
from adapters.notices.turns import AT_ONCE, Turns
from adapters.postgres.database import DEADLINE_SECONDS, Database
from adapters.sole_worker import Connection, SoleWorker
from domain.access.notices import Notice
from domain.vocabulary.forces import is_training

LOOK_SECONDS = 0.5
"""How often it looks for something to send."""
TURN_SECONDS = 5.0
"""After so long, the next subscription is served. A turn is one notice, or one page, at least."""
FIRST_WAIT_SECONDS = 5.0
"""The wait after the first failure; each further one doubles it."""
WAIT_SECONDS_MAX = 4 * 3600.0
FAILURES_MAX = 20
"""Failures in a row after which a subscription is paused: after about a day and a half."""
LINEAGE = "another-lineage"
"""The failure of a subscription whose position is one of a ledger that was put back since."""
LOCK = 1

log = structlog.get_logger()


class Lists(Protocol):
    """The lists of recommendations, asked which steps changed them. For threads."""

    def reached(self) -> int:
        """Return the position that the lists have come to."""
        ...

    def changed_by(self, filters: str, notices: Sequence[Notice]) -> Collection[int]:
        """Return the positions of those steps by which a list changed, or changed in it."""
        ...


class Courier(SoleWorker):
    """Sends in threads of this process, from its start to its end."""

    def __init__(
        self, database: Database, lists: Lists, *, address: str | None, loopback: bool
    ) -> None:
        """`address` is that of the service; `loopback` allows receivers on this machine."""
        super().__init__(database, "courier", LOCK)
        self._address, self._loopback, self._lists = address, loopback, lists

    def work(self, db: Connection) -> None:
        """Send what is due, as long as this process is the courier."""
        env = environment(self.conninfo, pool=2, wait=DEADLINE_SECONDS, deadline=DEADLINE_SECONDS)
        with Ledger(env) as ledger, ThreadPoolExecutor(AT_ONCE, "courier") as pool:
            under_way: dict[Future[None], Subscription] = {}
            notices, turns = Notices(ledger), Turns()
            while not self.stopping.wait(LOOK_SECONDS):
                db.execute("SELECT 1")  # a lost session has lost the lock
                end = ledger.rows.run(ends())
                under_way = {job: of for job, of in under_way.items() if not job.done()}
                waiting = ledger.rows.run(due(end.published))
                for subscription in turns.begin(waiting, [*under_way.values()]):
                    job = pool.submit(self._serve_turn, ledger, notices, subscription, end)
                    under_way[job] = subscription

    def _serve_turn(
        self, ledger: Ledger, notices: Notices, subscription: Subscription, end: Ends
    ) -> None:
        """Send a subscription what is for it up to an end, until its turn is over or it fails."""
        try:
            if subscription.test is not None and subscription.test_waits:
                self._try_receiver(ledger, subscription, subscription.test.id)
                return
            if subscription.lineage != end.lineage:
                self._fail(ledger, subscription, subscription.position, LINEAGE, paused=True)
                return
            if subscription.filters is not None:  # the lists follow the ledger, and may be behind
                reached = self._lists.reached()
                end = replace(
                    end, last=min(end.last, reached), published=min(end.published, reached)
                )
            position: int | None = subscription.position
            over_at = time.monotonic() + TURN_SECONDS
            while position is not None and position < end.published and not self.stopping.is_set():
                page = notices.after(position, end)
                position = self._send_page(
                    ledger, subscription, page, position, end, over_at=over_at
                )
                if time.monotonic() >= over_at:
                    return
        except (psycopg.Error, PersistenceError, UnreadableEntry) as error:
            log.warning("courier_waited", error=type(error).__name__)
        except Exception:
            log.exception("courier_failed", subscription=str(subscription.id))

    def _try_receiver(self, ledger: Ledger, subscription: Subscription, test: UUID) -> None:
        """Send a test, which is no attempt at a notice: a failure of it pauses nothing."""
        secrets = ledger.rows.run(secrets_of(subscription.id))
        if not secrets:  # it was removed meanwhile
            return
        _, outcome = deliver_test(subscription, secrets, test, now(), loopback=self._loopback)
        ledger.rows.run(note_test(subscription.id, test, outcome))
        log.info("webhook_tested", subscription=str(subscription.id), outcome=outcome)

    def _send_page(
        self,
        ledger: Ledger,
        subscription: Subscription,
        page: Sequence[Notice],
        position: int,
        end: Ends,
        *,
        over_at: float,
    ) -> int | None:
        """Send what is for a subscription of some notices after a position.

        Returns the position that it has come to, or None if it cannot go on now.
        """
        taken = [notice for notice in page if _takes(subscription, notice)]
        if subscription.filters is not None:
            changed = self._lists.changed_by(subscription.filters, taken)
            taken = [notice for notice in taken if notice.position in changed]
        for notice in taken:
            if self.stopping.is_set():
                return None
            if not self._send(ledger, subscription, notice, position):
                return None
            position = notice.position
            if time.monotonic() >= over_at:
                return None
        passed = min(page[-1].position, end.published) if page else end.published
        if passed > position and not ledger.rows.run(advance(subscription.id, position, passed)):
            return None
        return passed

    def _send(
        self, ledger: Ledger, subscription: Subscription, notice: Notice, position: int
    ) -> bool:
        """Send a notice, and note that it was taken; return whether both were done."""
        secrets, at = ledger.rows.run(secrets_of(subscription.id)), int(now().timestamp())
        if not secrets:  # it was removed meanwhile
            return False
        body = msgspec.json.encode(cloud_event(notice, subscription.lineage, self._address))
        url, loopback = subscription.url, self._loopback
        status, failure = deliver(url, secrets, notice.id, at, body, loopback=loopback)
        if status in SUCCESS:
            return ledger.rows.run(advance(subscription.id, position, notice.position))
        self._fail(ledger, subscription, position, failure, paused=status == HTTPStatus.GONE)
        return False

    def _fail(
        self,
        ledger: Ledger,
        subscription: Subscription,
        position: int,
        failure: str,
        *,
        paused: bool = False,
    ) -> None:
        # The failures before are of this position, or none: an advance sets them to zero.
        failures = subscription.failures if position == subscription.position else 0
        paused = paused or failures + 1 >= FAILURES_MAX
        wait = min(FIRST_WAIT_SECONDS * 2.0**failures, WAIT_SECONDS_MAX)
        next_at = now() + timedelta(seconds=wait * random.uniform(0.5, 1.0))  # noqa: S311  no secret
        ledger.rows.run(note_failure(subscription.id, position, failure, next_at, paused=paused))
        log.warning(
            "webhook_paused" if paused else "webhook_failed",
            subscription=str(subscription.id),
            failure=failure,
            failures=failures + 1,
        )


def _takes(subscription: Subscription, notice: Notice) -> bool:
    """Return whether a notice is for a subscription, which is told what the public is told."""
    return (
        notice.published
        and subscription.force in {None, notice.addressee}
        and subscription.about in {None, about_of(notice)}
        and subscription.training == is_training(notice.addressee)
    )
