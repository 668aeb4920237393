"""The history of one stream: every entry, as recorded and as corrected, with its notes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from adapters.documents import store
from adapters.documents.store import Stored
from adapters.ledger.codec import tag_of
from api.entry_view import ShownEntry, shown
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.pagination import link_to_next
from api.request.query_params import LIMIT_MAX, StreamParams
from api.request.services import services
from domain.access.permissions import ReadPermission, may_read, may_read_note
from domain.amendments.correction import amend, notes_of
from domain.amendments.redaction import documents_of
from domain.amendments.threads import party_to
from domain.events.event import Event, History
from domain.events.recommendation import Corrected, Withdrawn
from domain.events.report import ReportCorrected
from domain.history import (
    Placed,
    State,
    addressee_of,
    advance,
    certain_by_itself,
    chronology,
    recommendation_entries,
    report_entries,
)
from domain.recommendation.state import Recommendation, Stage
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Sha256, StepNumber, When


class Amended(Struct, frozen=True):
    """An entry after its known corrections; `step` is that of the last correction."""

    step: int
    on: When
    event: Event


class HistoryItem(ShownEntry, frozen=True, kw_only=True):
    """One entry, with its notes, the documents that it names, and its corrected form.

    A note is null once its text was removed; a document then has no size and no name.
    """

    notes: dict[str, str | None] | UnsetType = UNSET
    documents: tuple[Stored, ...] | UnsetType = UNSET
    amended: Amended | UnsetType = UNSET
    withdrawn: StepNumber | UnsetType = UNSET
    """The step that withdrew this one, as recorded by mistake."""
    stage: Stage | UnsetType = UNSET
    """The stage of a recommendation after this entry."""


class HistoryPage(Struct, frozen=True, kw_only=True):
    """Entries of one stream, oldest first; more follow after step `next`, at the link."""

    id: UUID
    step: int
    items: tuple[HistoryItem, ...]
    next: int | None
    on: date
    known_at: datetime | None


class HistoryParams(StreamParams, frozen=True, kw_only=True):
    """The day, moment and last step to show, and the step after which to begin."""

    after: Annotated[StepNumber, Meta(description="Only entries after that step.")] | None = None


@get(
    "/v1/recommendations/{stream:uuid}/history",
    opt={"sight": ReadPermission.HISTORY},
    sync_to_thread=True,
)
def get_recommendation_history(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[HistoryParams],
) -> Response[HistoryPage]:
    """List every entry of a recommendation, oldest first."""
    history = recommendation_entries(services(request).ledger.history(stream))
    return _page_response(request, history_items(request, history, params), params)


@get(
    "/v1/reports/{stream:uuid}/history", opt={"sight": ReadPermission.HISTORY}, sync_to_thread=True
)
def get_report_history(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[HistoryParams],
) -> Response[HistoryPage]:
    """List every entry of a report, oldest first."""
    history = report_entries(services(request).ledger.history(stream))
    return _page_response(request, history_items(request, history, params), params)


def _page_response(
    request: Request, page: HistoryPage, params: HistoryParams
) -> Response[HistoryPage]:
    more = (
        link_to_next(request.scope["path"], replace(params, after=page.next)) if page.next else {}
    )
    return Response(page, headers=more)


def history_items(
    request: Request, history: History, params: HistoryParams, limit: int = LIMIT_MAX
) -> HistoryPage:
    """Return the entries of a stream, from after a step, at most `limit` of them.

    Raises NotFound if there are none, or the actor may not read the history.
    """
    opened, actor = services(request), current_actor(request)
    if not history or not may_read(actor, ReadPermission.HISTORY, addressee_of(history)):
        raise NotFound("There is no such recommendation or report.")
    known = params.known(history)
    opened.readings.record_history_read(actor, known[0].stream, params.on, params.known_at)
    order = chronology(known)
    steps = _steps(known, order, params)
    page = steps[:limit]
    amended, stages = amend(known), _stages(order)
    corrections = {
        e.event.step: e.step for e in known if isinstance(e.event, Corrected | ReportCorrected)
    }
    withdrawals = {
        step: e.step for e in known if isinstance(e.event, Withdrawn) for step in e.event.steps
    }
    notes = opened.ledger.notes([known[step - 1].id for step in page])
    documents = _documents(request, [known[step - 1] for step in page])
    return HistoryPage(
        id=known[0].stream,
        step=known[-1].step,
        items=tuple(
            HistoryItem(
                **asdict(shown(known[step - 1], actor, known)),
                notes=_notes(known[step - 1], notes.get(known[step - 1].id, {}), actor, known),
                documents=tuple(
                    documents[name]
                    for name in documents_of(known[step - 1].event)
                    if name in documents
                )
                or UNSET,
                amended=_amended(known[step - 1], amended[step - 1], corrections),
                withdrawn=withdrawals.get(step, UNSET),
                stage=stages.get(step, UNSET),
            )
            for step in page
        ),
        next=page[-1] if len(steps) > limit else None,
        on=params.day,
        known_at=params.known_at,
    )


def _documents(request: Request, entries: History) -> Mapping[Sha256, Stored]:
    """The documents of the recommendation, if any of some of its entries names one."""
    if not any(documents_of(entry.event) for entry in entries):
        return {}
    stored = services(request).ledger.rows.run(store.listing(entries[0].stream))
    return {document.sha256: document for document in stored}


def _steps(known: History, order: Sequence[Placed], params: HistoryParams) -> list[int]:
    """Return the steps to list, in the order of recording.

    On a past day those are the steps that had happened by then, and withdrawn ones dated by then.
    """
    happened = {placed.entry.step: placed.day for placed in order}
    days = [happened.get(entry.step, certain_by_itself(entry)) for entry in known]
    return [
        entry.step
        for entry, day in zip(known, days, strict=True)
        if entry.step > (params.after or 0) and (params.on is None or day <= params.on)
    ]


def _stages(order: Sequence[Placed]) -> dict[int, Stage]:
    """Return the stage after each standing step, where it stands in time."""
    stages: dict[int, Stage] = {}
    state: State | None = None
    for placed in order:
        state = advance(state, placed.entry)
        if isinstance(state, Recommendation):
            stages[placed.entry.step] = state.stage
    return stages


def _amended(
    entry: Entry[Event], amended: Entry[Event], corrections: dict[int, int]
) -> Amended | UnsetType:
    if (amended.event, amended.stamp.on) == (entry.event, entry.stamp.on):
        return UNSET
    return Amended(corrections[entry.step], amended.stamp.on, amended.event)


def _notes(
    entry: Entry[Event], texts: dict[str, str], actor: Actor, history: History
) -> dict[str, str | None] | UnsetType:
    fields = [
        field
        for field in sorted(notes_of(type(entry.event)))
        if getattr(entry.event, field) is not None
    ]
    by, party = entry.stamp.role, party_to(entry.event)
    readable = may_read_note(actor, tag_of(entry.event), by, addressee_of(history), party)
    return {field: texts.get(field) for field in fields} if fields and readable else UNSET
