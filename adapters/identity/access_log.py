"""Access put on record, in the ledger like everything else."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

from adapters.ledger.ledger import Ledger
from adapters.ledger.submit import Request
from domain.access.decide import NoteAccess
from domain.events.access import AccessEvent, HistoryReplayed, LedgerExported
from domain.vocabulary.actors import Role, Who
from domain.vocabulary.dates import day_of
from domain.vocabulary.ids import access_id

READINGS_MAX = 10_000
"""How many of today's readings are remembered; of others the ledger is asked."""


def noting(event: AccessEvent) -> Request:
    """What to submit so that something about an actor's access is on record."""
    return Request(access_id(event.actor), NoteAccess(event))


class Readings:
    """Puts on record what an auditor reads, before they read it: once a day of each thing.

    What this process put on record today it remembers, so that a page more costs nothing. Others
    read without leaving a trace.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen: dict[object, None] = {}

    def of_ledger(self, who: Who) -> None:
        """Somebody is about to read the ledger as such. Raises what `Ledger.submit` raises."""
        self._note(who, None, lambda: LedgerExported(who.actor, self._ledger.head()))

    def of_history(
        self, who: Who, stream: UUID, on: date | None, known_at: datetime | None
    ) -> None:
        """Somebody is about to read a stream's history. Raises what `Ledger.submit` raises."""
        self._note(who, stream, lambda: HistoryReplayed(who.actor, stream, on, known_at))

    def _note(
        self, who: Who, stream: UUID | None, event: Callable[[], LedgerExported | HistoryReplayed]
    ) -> None:
        if who.role is not Role.AUDITOR:
            return
        reading = (day_of(datetime.now(UTC)), who.actor, stream)
        if reading in self._seen:
            return
        self._ledger.submit([noting(event())], who)
        self._seen[reading] = None
        while len(self._seen) > READINGS_MAX:
            self._seen.pop(next(iter(self._seen)), None)
