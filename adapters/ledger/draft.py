"""What commands come to, decided in memory on top of some histories: a submit before it is one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from adapters.clock import new_entry_id
from domain.access.decide import NoteAccess
from domain.checks import REDACTED
from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.report import Issue, IssueTo, PublishReport
from domain.decide import decide
from domain.events.event import Event, History
from domain.history import State, advance, report_after, state_after
from domain.report import issues
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import When


class Draft:
    """Histories that grow by what commands come to, all at one moment.

    A stream whose history is not given has none.
    """

    def __init__(
        self,
        at: datetime,
        histories: Mapping[UUID, Sequence[Entry[Event]]] | None = None,
        fold: Callable[[History], State | None] = state_after,
    ) -> None:
        """`fold` may know the states of the histories."""
        self._given = histories or {}
        self._fold = fold
        self._histories = {stream: list(history) for stream, history in (histories or {}).items()}
        self.at = max([at, *(h[-1].stamp.at for h in self._histories.values() if h)])
        self.added: list[Entry[Event]] = []
        self._states: dict[UUID, State] = {}

    def history(self, stream: UUID) -> list[Entry[Event]]:
        """Every entry of a stream so far, oldest first."""
        return self._histories.setdefault(stream, [])

    def put(self, stream: UUID, command: Command | NoteAccess, actor: Actor) -> list[Entry[Event]]:
        """What somebody's command comes to, with the recommendations that it issues.

        Raises Refused, NotFound or Forbidden; then the draft is good for nothing more.
        """
        added = self._add(stream, command, actor, command.on or day_of(self.at).isoformat())
        if isinstance(command, PublishReport | Issue):
            published = report_after(self.history(stream))
            for issue in issues(command, published):
                if issue.issue.on not in (None, published.published_on):
                    raise Refused(
                        "A recommendation is issued on the first publication of its report, "
                        f"{published.published_on}."
                    )
                named = recommendation_id(issue.reference)
                added += self._add(named, issue, actor, published.published_on)
        return added

    def removed(self) -> list[tuple[UUID, str]]:
        """The notes that its redactions remove, each by entry and field."""
        return [
            (self.history(entry.stream)[entry.event.step - 1].id, entry.event.field)
            for entry in self.added
            if isinstance(entry.event, REDACTED)
        ]

    def _add(
        self, stream: UUID, command: Command | IssueTo | NoteAccess, actor: Actor, on: When
    ) -> list[Entry[Event]]:
        history = self.history(stream)
        stamp = Stamp(actor.id, actor.role, self.at, on)
        state = self._states.pop(stream, None) or self._state(stream)
        added = [
            Entry(stream, len(history) + number, new_entry_id(), stamp, event)
            for number, event in enumerate(decide(command, history, stamp, actor, state=state), 1)
        ]
        history.extend(added)
        self.added.extend(added)
        if not isinstance(command, Correct):  # which changes what went before
            for entry in added:
                state = advance(state, entry)
            if state:
                self._states[stream] = state
        return added

    def _state(self, stream: UUID) -> State | None:
        history, given = self._histories[stream], self._given.get(stream, ())
        return self._fold(given) if len(given) == len(history) else state_after(history)
