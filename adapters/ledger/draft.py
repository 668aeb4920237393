"""Commands decided in memory, on top of some histories: a submit before it is recorded."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from adapters.clock import new_entry_id
from domain.access.decide import NoteAccess
from domain.amendments.redaction import document_of
from domain.amendments.suppression import suppressed
from domain.checks import REDACTED
from domain.commands.command import Command
from domain.commands.inspection import InspectionCommand
from domain.commands.report import Issue, IssueTo, PublishReport
from domain.decide import decide
from domain.events.event import Event, History
from domain.history import State, advance, continues, report_after, state_after
from domain.report import issues
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Entry, Origin, Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import Sha256, When


class Draft:
    """Histories that grow by the events of decided commands, all at one moment.

    A stream that a wrong clock once carried ahead of that moment goes on from its own last one.
    A stream that is not among the histories has none so far.
    """

    def __init__(
        self,
        at: datetime,
        histories: Mapping[UUID, Sequence[Entry[Event]]] | None = None,
        fold: Callable[[History], State | None] = state_after,
        documents: Collection[tuple[UUID, Sha256]] = (),
    ) -> None:
        """`fold` may know the states of the histories; `documents` are those that are stored."""
        self._recorded = histories or {}
        self._fold = fold
        self._documents: dict[UUID, set[Sha256]] = {}
        for stream, name in documents:
            self._documents.setdefault(stream, set()).add(name)
        self._histories = {stream: list(history) for stream, history in (histories or {}).items()}
        self.at = at
        self.added: list[Entry[Event]] = []
        self._states: dict[UUID, State] = {}

    @property
    def histories(self) -> Mapping[UUID, Sequence[Entry[Event]]]:
        """The histories so far, by stream."""
        return self._histories

    def include(self, stream: UUID, history: Sequence[Entry[Event]]) -> None:
        """Include the history of a stream that an entry names."""
        self._histories[stream] = list(history)

    def history(self, stream: UUID) -> list[Entry[Event]]:
        """Every entry of a stream so far, oldest first."""
        return self._histories.setdefault(stream, [])

    def put(
        self,
        stream: UUID,
        command: Command | NoteAccess | InspectionCommand,
        actor: Actor,
        origin: Origin | None = None,
    ) -> list[Entry[Event]]:
        """Decide a command; return its entries, those of the recommendations it issues among them.

        `origin` is that of a row of an import. Raises Refused, NotFound or Forbidden, after which
        the draft must not be used.
        """
        # Access is always of its own moment, and nobody chose its day.
        at = self._moment(stream) if isinstance(command, NoteAccess) else self.at
        on = command.on or day_of(at).isoformat()
        added = self._add(stream, command, actor, on, origin)
        if isinstance(command, PublishReport | Issue):
            published = report_after(self.history(stream))
            for issue in issues(command, published):
                with inside(issue.place):
                    if issue.issue.on not in (None, published.published_on):
                        raise Refused(
                            "A recommendation is issued on the first publication of its report, "
                            f"{published.published_on}.",
                            "/on",
                        )
                    stream = recommendation_id(issue.reference)
                    added += self._add(stream, issue, actor, published.published_on, origin)
        return added

    def removed(self, added: Sequence[Entry[Event]]) -> list[tuple[UUID, str]]:
        """The notes that the redactions among added entries remove, each by entry and field.

        The documents that they remove go by the entry itself: 0010_document_removal.sql.
        """
        return [
            (self.history(entry.stream)[entry.event.step - 1].id, entry.event.field)
            for entry in added
            if isinstance(entry.event, REDACTED) and document_of(entry.event.field) is None
        ]

    def _add(
        self,
        stream: UUID,
        command: Command | IssueTo | NoteAccess | InspectionCommand,
        actor: Actor,
        on: When,
        origin: Origin | None,
    ) -> list[Entry[Event]]:
        history = self.history(stream)
        stamp = Stamp(actor.id, actor.role, self._moment(stream), on, origin)
        state = self._states.pop(stream, None) or self._state(stream)
        documents = self._documents.get(stream, frozenset[Sha256]())
        events = decide(command, history, stamp, actor, state=state, documents=documents)
        added = [
            Entry(stream, len(history) + number, new_entry_id(), stamp, event)
            for number, event in enumerate(events, 1)
        ]
        history.extend(added)
        shown = suppressed(history, len(history) - len(added))
        if shown is not history:
            history[:] = shown
        self.added.extend(added)
        if all(continues(state, entry) for entry in added[:1]):
            for entry in added:
                state = advance(state, entry)
            if state:
                self._states[stream] = state
        return added

    def _moment(self, stream: UUID) -> datetime:
        history = self.history(stream)
        return max(self.at, history[-1].stamp.at) if history else self.at

    def _state(self, stream: UUID) -> State | None:
        history, recorded = self._histories[stream], self._recorded.get(stream, ())
        return self._fold(recorded) if len(recorded) == len(history) else state_after(history)
