"""Access put on record, in the ledger like everything else."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

from adapters.ledger.ledger import Ledger
from adapters.ledger.submit import Submission
from domain.access.decide import NoteAccess
from domain.events.access import AccessEvent, HistoryReplayed, LedgerExported
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.ids import access_id

READINGS_MAX = 10_000
"""How many of today's readings are remembered; of others the ledger is asked."""


def noting(event: AccessEvent) -> Submission:
    """What to submit so that something about an actor's access is on record."""
    return Submission(access_id(event.actor), NoteAccess(event))


class Readings:
    """Puts on record what an auditor reads, before they read it: once a day of each thing.

    What this process put on record today it remembers, so that a page more costs nothing. Others
    read without leaving a trace.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen: dict[object, None] = {}

    def of_ledger(self, actor: Actor) -> None:
        """Somebody is about to read the ledger as such. Raises what `Ledger.submit` raises."""
        self._note(actor, None, lambda: LedgerExported(actor.id, self._ledger.head()))

    def of_history(
        self, actor: Actor, stream: UUID, on: date | None, known_at: datetime | None
    ) -> None:
        """Somebody is about to read a stream's history. Raises what `Ledger.submit` raises."""
        self._note(actor, stream, lambda: HistoryReplayed(actor.id, stream, on, known_at))

    def _note(
        self,
        actor: Actor,
        stream: UUID | None,
        event: Callable[[], LedgerExported | HistoryReplayed],
    ) -> None:
        if actor.role is not Role.AUDITOR:
            return
        reading = (day_of(datetime.now(UTC)), actor.id, stream)
        if reading in self._seen:
            return
        self._ledger.submit([noting(event())], actor)
        self._seen[reading] = None
        while len(self._seen) > READINGS_MAX:
            self._seen.pop(next(iter(self._seen)), None)
