"""One recommendation, folded from the ledger and therefore always current."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace

from adapters.ledger.async_ledger import apart
from api.http.conditional import step_headers
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.query_params import StreamParams
from api.request.readings import record_history_read
from api.request.services import services
from api.v1.record.disputes import PublicDispute, public_disputes
from domain.access.permissions import ReadPermission, may_read
from domain.access.published import last_published
from domain.events.event import Event, History
from domain.events.recommendation import MilestoneNoted, OutcomeNoted, RecommendationEvent
from domain.history import addressee_of, as_at, recommendation_entries, state_of
from domain.recommendation.clocks import Clock, clocks
from domain.recommendation.decisions import Decision
from domain.recommendation.state import (
    Assurance,
    Closure,
    FirstStep,
    FollowUp,
    Plan,
    Recommendation,
    ReportedFinding,
    Stage,
)
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    ActorId,
    Answer,
    Area,
    Code,
    Confidence,
    Edition,
    Kind,
    Line,
    Reference,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)


class Read(Struct, frozen=True):
    """A recommendation as read: the known entries, those that count on a day, and the state."""

    known: History
    entries: Sequence[Entry[RecommendationEvent]]
    state: Recommendation
    last: Entry[Event]
    """The last of the known entries, as far as its reader may know of them."""


class Claimed(Struct, frozen=True):
    """The force's claim that it is done, and the date of the claim."""

    step: int
    on: When


class Section55(Struct, frozen=True):
    """The local policing body's published comments; a text is null if removed.

    `chief_officer` has the comments of the chief officer that it published with them, and is null
    if none are on record either. `copied_on` is when a copy went to the Secretary of State.
    """

    step: int
    on: When
    answer: Answer
    address: Line | None
    copied_on: When | None
    explanation: str | None
    chief_officer: str | None


class PublishedStatement(Struct, frozen=True):
    """A later statement of a published source on the recommendation, and its date."""

    step: int
    on: When
    what: OutcomeNoted | MilestoneNoted


class Inside(Struct, frozen=True):
    """The parts for readers of the history: the follow-up, the claimant and the decision."""

    follow_up: FollowUp | None
    claimed_by: ActorId | None
    decision: Decision | None


class RecommendationView(Struct, frozen=True, kw_only=True):
    """The state of one recommendation; `step` is its last known step, or the last published one.

    The latter is for those who may not read its history.
    """

    id: UUID
    step: int
    position: int
    on: date
    known_at: datetime | None
    reference: Reference
    report: UUID
    addressee: Code
    addressee_name: str
    edition: Edition
    kind: Kind
    ordinal: int | None
    cause: int | None
    """The number of the cause of concern in the same report that it belongs to, if to one."""
    text: Text
    area: Area
    topic: Topic | None
    wording: Wording
    sources: tuple[Line, ...]
    confidence: Confidence
    issued_on: When
    time_limit: TimeLimit
    stage: Stage
    stage_since: When
    plan: Plan
    cycle: int | None
    """The round of plan and follow-up; None while it is not known where it stands."""
    clocks: tuple[Clock, ...]
    findings: tuple[ReportedFinding, ...]
    claimed: Claimed | None
    assurance: Assurance | None
    section_55: Section55 | None
    responses: tuple[Section55, ...]
    """All of those comments, oldest first; `section_55` is the latest."""
    statements: tuple[PublishedStatement, ...]
    """The later statements of published sources, oldest first."""
    taken_over: FirstStep | None
    closure: Closure | None
    disputes: tuple[PublicDispute, ...]
    """Facts that a force or body says are wrong here, oldest first, with what came of each."""
    inside: Inside | UnsetType = UNSET


@get("/v1/recommendations/{stream:uuid}", opt={"public": True})
async def get_recommendation(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[StreamParams],
) -> Response[RecommendationView]:
    """Return the state of one recommendation, with its clocks. Its step begins the ETag."""
    entries_read = await read(request, stream, params)
    view = await recommendation_view(request, entries_read, params)
    headers = step_headers(view.step, immutable=params.on is not None)
    return Response(view, headers=headers)


async def recommendation_view(
    request: Request, recommendation: Read, params: StreamParams
) -> RecommendationView:
    """Return the state of a recommendation, as far as the actor may read it."""
    ledger = services(request).async_ledger
    actor = current_actor(request)
    known, state = recommendation.known, recommendation.state
    if _reads(request, known):
        await record_history_read(request, known[0].stream, params.on, params.known_at)
    ids = [known[response.step - 1].id for response in state.responses]
    notes = await ledger.notes(ids) if ids else {}
    texts = [notes.get(entry, {}) for entry in ids]
    responses = tuple(
        Section55(
            **asdict(response),
            explanation=text.get("explanation"),
            chief_officer=text.get("chief_officer"),
        )
        for response, text in zip(state.responses, texts, strict=True)
    )
    statements = tuple(
        PublishedStatement(said.step, said.on, replace(said.event, remark=None))
        for said in state.statements
        if isinstance(said.event, OutcomeNoted | MilestoneNoted)
    )
    return _shown(recommendation.last, state, params, actor, responses, statements)


async def history_of(request: Request, stream: UUID) -> Sequence[Entry[RecommendationEvent]]:
    """Return every entry of a recommendation. Raises NotFound if there are none."""
    history = recommendation_entries(await services(request).async_ledger.history(stream))
    if not history:
        raise NotFound("There is no such recommendation.")
    return history


async def read(request: Request, stream: UUID, params: StreamParams) -> Read:
    """Return a recommendation as known at the moment asked for, and as it was on that day.

    Raises NotFound if there was none.
    """
    history = recommendation_entries(await services(request).async_ledger.history(stream))
    inside = bool(history) and _reads(request, history)
    return await apart(history, _read, history, params, inside=inside)


def _reads(request: Request, history: History) -> bool:
    return may_read(current_actor(request), ReadPermission.HISTORY, addressee_of(history))


def _read(history: History, params: StreamParams, *, inside: bool) -> Read:
    known = params.known(history, inside=inside)
    entries = recommendation_entries(as_at(known, on=params.on))
    state = state_of(entries)
    if not isinstance(state, Recommendation) or state.issued is None:
        raise NotFound("There is no such recommendation, or there was none then.")
    return Read(known, entries, state, known[-1] if inside else last_published(known))


def _shown(  # noqa: PLR0917  each is a part of the answer
    last: Entry[Event],
    state: Recommendation,
    params: StreamParams,
    actor: Actor,
    responses: tuple[Section55, ...],
    statements: tuple[PublishedStatement, ...],
) -> RecommendationView:
    issued = state.issued
    assert issued is not None  # noqa: S101  a recommendation begins with its issue
    claim = state.claim
    inside = Inside(state.follow_up, claim.by if claim else None, state.decision)
    return RecommendationView(
        id=last.stream,
        step=last.step,
        position=last.position,
        on=params.day,
        known_at=params.known_at,
        reference=issued.reference,
        report=issued.report,
        addressee=issued.addressee,
        addressee_name=ADDRESSEES[issued.addressee].name,
        edition=issued.edition,
        kind=issued.kind,
        ordinal=issued.ordinal,
        cause=issued.cause,
        text=issued.text,
        area=issued.area,
        topic=issued.topic,
        wording=issued.wording,
        sources=issued.sources,
        confidence=issued.confidence,
        issued_on=state.issued_on,
        time_limit=state.time_limit,
        stage=state.stage,
        stage_since=state.moved_on,
        plan=state.plan,
        cycle=state.known_cycle,
        clocks=clocks(state, params.day),
        findings=state.findings,
        claimed=Claimed(claim.step, claim.on) if claim else None,
        assurance=state.assurance,
        section_55=responses[-1] if responses else None,
        responses=responses,
        statements=statements,
        taken_over=state.taken_over,
        closure=state.closure,
        disputes=public_disputes(state.threads),
        inside=inside if may_read(actor, ReadPermission.HISTORY, issued.addressee) else UNSET,
    )
