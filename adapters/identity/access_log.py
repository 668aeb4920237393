"""Access log: access events, kept in the ledger like everything else."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from adapters.clock import now
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.access.decide import NoteAccess
from domain.events.access import AccessEvent, HistoryReplayed, LedgerExported, ListRead, PrivateList
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.ids import access_id

READINGS_MAX = 10_000
"""How many of today's readings are remembered; the ledger is consulted for others."""


def access_submission(event: AccessEvent) -> Submission:
    """Return the submission that puts an access event on record."""
    return Submission(access_id(event.actor), NoteAccess(event))


class Readings:
    """Records an auditor's readings before they happen, once a day for each thing read.

    This process remembers what it recorded today, so that further pages cost nothing. Other
    actors read without leaving a trace.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime] = now) -> None:
        self._ledger, self._clock = ledger, clock
        self._seen: dict[object, None] = {}

    def record_ledger_read(self, actor: Actor) -> None:
        """Record that the actor is about to read the ledger as a whole.

        Raises what `Ledger.submit` raises.
        """
        self._record(actor, None, lambda: LedgerExported(actor.id, self._ledger.head()))

    def record_history_read(
        self, actor: Actor, stream: UUID, on: date | None, known_at: datetime | None
    ) -> None:
        """Record that the actor is about to read a stream's history.

        Raises what `Ledger.submit` raises.
        """
        self._record(actor, stream, lambda: HistoryReplayed(actor.id, stream, on, known_at))

    def record_list_read(self, actor: Actor, read: PrivateList) -> None:
        """Record that the actor is about to read a list that is not public.

        Raises what `Ledger.submit` raises.
        """
        self._record(actor, read, lambda: ListRead(actor.id, read))

    def _record(
        self,
        actor: Actor,
        thing: UUID | PrivateList | None,
        event: Callable[[], LedgerExported | HistoryReplayed | ListRead],
    ) -> None:
        if actor.role is not Role.AUDITOR:
            return
        reading = (day_of(self._clock()), actor.id, thing)
        if reading in self._seen:
            return
        self._ledger.submit([access_submission(event())], actor)
        self._seen[reading] = None
        while len(self._seen) > READINGS_MAX:
            self._seen.pop(next(iter(self._seen)), None)
