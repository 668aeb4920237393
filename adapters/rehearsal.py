"""The rules, played in memory on top of some histories: what a submit would record or refuse.

Nothing is recorded. The ledger decides everything again when it is asked in earnest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from adapters.entry import new_entry_id
from domain import life
from domain.commands import Command, Issue, IssueTo, PublishReport
from domain.dates import day_of
from domain.events import Event
from domain.report import issues, recommendation_id
from domain.stamp import Entry, Stamp, Who
from domain.values import When


class Rehearsal:
    """Histories that grow by what commands come to, all at one moment."""

    def __init__(
        self, at: datetime, histories: Mapping[UUID, Sequence[Entry[Event]]] | None = None
    ) -> None:
        self._at = at
        self._histories = {stream: list(history) for stream, history in (histories or {}).items()}

    def history(self, stream: UUID) -> list[Entry[Event]]:
        """Every entry of a stream so far, oldest first."""
        return self._histories.setdefault(stream, [])

    def play(self, stream: UUID, command: Command, who: Who) -> list[Entry[Event]]:
        """What somebody's command comes to, with the recommendations that it issues.

        Raises Refused, Absent or Forbidden; then nothing was added but what came before.
        """
        on = command.on or day_of(self._at).isoformat()
        added = self._add(stream, command, who, on)
        if isinstance(command, PublishReport | Issue):
            state = life.report_after(self.history(stream))
            for issue in issues(command, state):
                named = recommendation_id(issue.reference)
                added += self._add(named, issue, who, state.published_on)
        return added

    def _add(
        self, stream: UUID, command: Command | IssueTo, who: Who, on: When
    ) -> list[Entry[Event]]:
        history = self.history(stream)
        stamp = Stamp(who.actor, who.role, self._at, on)
        events = life.decide(command, history, stamp, who)
        added = [
            Entry(stream, len(history) + number, new_entry_id(), stamp, event)
            for number, event in enumerate(events, 1)
        ]
        history.extend(added)
        return added
