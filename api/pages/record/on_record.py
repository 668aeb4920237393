"""The record beside a form: the steps that its answer judges, and what it would change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from adapters.documents import store
from adapters.documents.store import Stored
from adapters.ledger.async_ledger import apart
from adapters.ledger.codec import tag_of
from api.http.problems import Request
from api.pages.record.subject import subject_of
from api.pages.rendering import event_fields, formatting, labels
from api.pages.rendering.event_fields import CORRECTIONS, EventField, Links
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.permissions import Verdict, may, may_read_note
from domain.access.proposals import as_read
from domain.amendments.correction import notes_of
from domain.amendments.redaction import documents_of
from domain.amendments.threads import party_to
from domain.checks import ABOUT_THE_RECORD, REPLIES
from domain.commands.common import Correct
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
    Withdraw,
)
from domain.events.correspondence import Disputed, ReportDisputed
from domain.events.event import Event, History
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    AssuranceRecorded,
    ClosureDeclined,
    ClosureProposed,
    CompletionClaimed,
    Corrected,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    Section55Responded,
    WithdrawalRequested,
    Withdrawn,
)
from domain.events.report import ReportCorrected
from domain.history import addressee_of, neighbours, recommendation_after, standing
from domain.recommendation.available_commands import Action
from domain.recommendation.rules import needs_second_inspector
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import Sha256, When

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
    return [
        [
            await apart(history, _in_full, entry, notes.get(entry.id, {}), actor, history, stored)
            for entry in of_history
        ]
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


def _in_full(
    entry: Entry[Event],
    notes: Mapping[str, str],
    actor: Actor,
    history: History,
    stored: Mapping[tuple[UUID, Sha256], Stored],
) -> OnRecord:
    event, address = as_read(entry, actor, history).event, subject_of(history).address
    of_stream = {name: kept for (stream, name), kept in stored.items() if stream == entry.stream}
    links = Links(
        address, lambda step: f"{address}/history?after={step - 1}#step-{step}", of_stream
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


def cautions(command: Action, history: History, actor: Actor) -> list[str]:
    """Return what is to be known before answering a form."""
    if command is not Close or not isinstance(history[0].event, Issued):
        return []
    state = recommendation_after(history)
    if not needs_second_inspector(state):
        return []
    reason = _("No finding of a follow-up is on record.")
    if state.findings:
        finding = labels.FINDINGS[state.findings[-1].finding].lower()
        reason = _("The last finding on record is: %(finding)s.", finding=finding)
    second = _("To close it as verified takes two inspectors: one proposes, and another agrees.")
    proposal = state.proposal
    if proposal is None:
        next_step = _("No proposal waits for an answer. You can close it for another reason.")
    elif proposal.by == actor.id:
        next_step = _(
            "You proposed it at step %(step)s, so another inspector has to agree. "
            "You can close it for another reason.",
            step=proposal.step,
        )
    else:
        next_step = _(
            "It was proposed at step %(step)s. If you agree, close it as verified.",
            step=proposal.step,
        )
    return [f"{reason} {second} {next_step}"]


def consequences(history: History, added: Sequence[Entry[Event]], actor: Actor) -> list[str]:
    """Return what recording would change, and how a mistake in it could be put right."""
    if not added:
        return []
    entry, after = added[-1], [*history, *added]
    words = [*_standing_after(entry, after), *place_of(entry, after)]
    return [*words, *_undoing(entry, actor, addressee_of(history))]


def _standing_after(entry: Entry[Event], after: History) -> Iterator[str]:
    """Yield what stands once steps are withdrawn."""
    event = entry.event
    if isinstance(event, WithdrawalRequested):
        yield _(
            "You cannot withdraw this alone: it is not all your own, or a decision was recorded "
            "later. This asks for it. Another person has to agree, and until then all of it stands."
        )
        withdrawn = Withdrawn(event.steps)
        after = [*after[:-1], Entry(entry.stream, entry.step, entry.id, entry.stamp, withdrawn)]
    elif not isinstance(event, Withdrawn):
        return
    state = recommendation_after(after)
    if state.issued is None:
        yield _("Nothing of the recommendation would stand: it would no longer be shown.")
    else:
        yield _(
            "Without these steps it stands at: %(stage)s.", stage=labels.STAGES[state.stage].lower()
        )
    yield _("The steps stay readable in the history, marked as withdrawn.")


def place_of(entry: Entry[Event], after: History) -> Iterator[str]:
    """Yield where a late step, or a step with a corrected date, stands in time."""
    event = entry.event
    if isinstance(event, Corrected | ReportCorrected) and event.field == "on":
        before, later = neighbours(after, event.step)
        yield from _between(event.step, before, later)
        return
    _before, later = neighbours(after, entry.step)
    if later is not None and later.step < entry.step:
        yield _(
            "It is recorded after later steps. By its date, it stands before step %(step)s: "
            "%(what)s (%(day)s).",
            step=later.step,
            what=what_of(later.event),
            day=formatting.dated(later.stamp.on),
        )


def _between(step: int, before: Entry[Event] | None, later: Entry[Event] | None) -> Iterator[str]:
    """Yield between which steps a step stands in time."""
    if before is not None:
        yield _(
            "By this date, step %(step)s stands after step %(other)s: %(what)s (%(day)s).",
            step=step,
            other=before.step,
            what=what_of(before.event),
            day=formatting.dated(before.stamp.on),
        )
    if later is not None:
        yield _(
            "By this date, step %(step)s stands before step %(other)s: %(what)s (%(day)s).",
            step=step,
            other=later.step,
            what=what_of(later.event),
            day=formatting.dated(later.stamp.on),
        )


def _undoing(entry: Entry[Event], actor: Actor, addressee: str) -> Iterator[str]:
    """Yield how a mistake in a step can be put right, by this actor."""
    yield _("Once recorded, this is part of the history.")
    event = entry.event
    if isinstance(event, Corrected | ReportCorrected):
        yield _("If it is a mistake, correct the same field again. All versions stay readable.")
        return
    if isinstance(event, Disputed | ReportDisputed):
        yield _("You can take the dispute back until it is settled. Both stay readable.")
        return
    if isinstance(event, (*ABOUT_THE_RECORD, *REPLIES)):
        yield _("It cannot be taken back.")
        return
    if may(actor, Withdraw, addressee) is Verdict.ALLOWED:
        yield _(
            "If it is a mistake, you can withdraw it at once until a decision is recorded after "
            "it. From then on, a second person has to agree. It stays readable."
        )
    if may(actor, Correct, addressee) is Verdict.ALLOWED:
        yield _("A wrong date can be corrected. Both dates stay readable.")
