"""The steps that the answer to a form judges, in full."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from adapters.documents import store
from adapters.documents.store import Stored
from adapters.ledger.async_ledger import apart
from adapters.ledger.codec import tag_of
from api.http.problems import Request
from api.pages.people import names_seen
from api.pages.record.subject import subject_of
from api.pages.rendering import event_fields
from api.pages.rendering.event_fields import CORRECTIONS, EventField, Links
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.permissions import may_read_note
from domain.access.proposals import as_read
from domain.amendments.correction import notes_of
from domain.amendments.redaction import documents_of
from domain.amendments.threads import party_to
from domain.commands.recommendation import (
    ChangeFollowUp,
    Close,
    ConfirmDecision,
    DeclineClosure,
    ProposeClosure,
    ReceiveActionPlan,
    ReportFollowUp,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
)
from domain.events.event import Event, History
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    AssuranceRecorded,
    ClosureDeclined,
    ClosureProposed,
    CompletionClaimed,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    Section55Responded,
)
from domain.history import addressee_of, recommendation_after, standing
from domain.recommendation.available_commands import Action
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import ActorId, Sha256, When

_FOLLOW_UP = (FollowUpAssigned, FollowUpChanged)
_COMPLETION = (ActionPlanReceived, FollowUpReported, CompletionClaimed, AssuranceRecorded)
_OF_STATE = (*_FOLLOW_UP, CompletionClaimed, ClosureProposed)
"""Of these, the state names the one that counts, which may not be the latest."""
JUDGED: Mapping[Action, tuple[type[Event], ...]] = {
    ReceiveActionPlan: (ActionPlanReviewed,),
    ReviewActionPlan: (ActionPlanReceived,),
    ChangeFollowUp: _FOLLOW_UP,
    ReportFollowUp: _FOLLOW_UP,
    ReturnClaim: (ActionPlanReceived, CompletionClaimed),
    ProposeClosure: (*_COMPLETION, ClosureDeclined),
    **dict.fromkeys((DeclineClosure, Close), (*_COMPLETION, ClosureProposed)),
    RespondUnderSection55: (Section55Responded,),
}
"""The steps that a form's answer judges: the latest of each kind that stands."""


class OnRecord(Struct, frozen=True):
    """A step in full: its fields, and its notes as far as the reader may read them."""

    step: int
    on: When
    what: str
    fields: list[EventField]
    notes: list[tuple[str, str]]


class _Read(Struct, frozen=True):
    """Notes by entry, documents and names, read for several steps at once."""

    notes: Mapping[UUID, Mapping[str, str]]
    stored: Mapping[tuple[UUID, Sha256], Stored]
    people: Mapping[ActorId, str]


async def judged(request: Request, command: Action, history: History) -> list[OnRecord]:
    """Return the steps that the answer to a form judges, oldest first."""
    if not history or not isinstance(history[0].event, Issued):
        return []
    return (await judged_each(request, command, [history]))[0]


async def judged_each(
    request: Request, command: Action, histories: Sequence[History]
) -> list[list[OnRecord]]:
    """Return the steps that an answer judges, for each of some recommendations."""
    steps = [await apart(history, _judged, command, history) for history in histories]
    return await _in_full_each(request, histories, steps)


async def in_full(request: Request, history: History, steps: Collection[int]) -> list[OnRecord]:
    """Return some steps with all that their reader may read."""
    (shown,) = await _in_full_each(request, [history], [steps])
    return shown


async def _in_full_each(
    request: Request, histories: Sequence[History], steps: Sequence[Collection[int]]
) -> list[list[OnRecord]]:
    """Return some steps of each of some histories; their notes are read together."""
    entries = [
        await apart(history, _steps_of, history, numbers)
        for history, numbers in zip(histories, steps, strict=True)
    ]
    every = [entry for of_history in entries for entry in of_history]
    ledger, actor = services(request).async_ledger, current_actor(request)
    notes = await ledger.notes([entry.id for entry in every]) if every else {}
    claimed = {(entry.stream, name) for entry in every for name in documents_of(entry.event)}
    stored = await ledger.run(store.named(claimed)) if claimed else {}
    read = _Read(notes, stored, await names_seen(request, every))
    return [
        [await apart(history, _in_full, entry, actor, history, read) for entry in of_history]
        for history, of_history in zip(histories, entries, strict=True)
    ]


def _steps_of(history: History, numbers: Collection[int]) -> list[Entry[Event]]:
    """Return those of some steps that stand."""
    return [entry for entry in standing(history) if entry.step in numbers] if numbers else []


def _judged(command: Action, history: History) -> set[int]:
    """Return the numbers of the judged steps."""
    state, kinds = recommendation_after(history), JUDGED.get(command, ())
    latest = {type(entry.event): entry.step for entry in standing(history)}
    steps = {latest.get(kind, 0) for kind in kinds if kind not in _OF_STATE}
    if command is ConfirmDecision and state.decision is not None:
        steps |= {state.decision.step, state.decision.stale_step or 0}
    named = (state.claim, state.proposal, state.follow_up)
    of_kinds = zip((CompletionClaimed, ClosureProposed, FollowUpAssigned), named, strict=True)
    steps |= {each.step for kind, each in of_kinds if each and kind in kinds}
    return steps - {0}


def _in_full(entry: Entry[Event], actor: Actor, history: History, read: _Read) -> OnRecord:
    event, address = as_read(entry, actor, history).event, subject_of(history).address
    notes = read.notes.get(entry.id, {})
    stored = {name: kept for (of, name), kept in read.stored.items() if of == entry.stream}
    links = Links(
        address,
        lambda step: f"{address}/history?after={step - 1}#step-{step}",
        stored,
        people=read.people,
    )
    about = history[event.step - 1].event if isinstance(event, CORRECTIONS) else None
    by, party = entry.stamp.role, party_to(event)
    readable = may_read_note(actor, tag_of(event), by, addressee_of(history), party)
    names = sorted(notes_of(type(event)) & notes.keys()) if readable else []
    return OnRecord(
        entry.step,
        entry.stamp.on,
        what_of(event),
        event_fields.fields_of(event, links, about),
        [(event_fields.label_of(type(event), name), notes[name]) for name in names],
    )
