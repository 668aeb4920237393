"""The published reports: one report, folded from the ledger, and the list of all."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from api.http.conditional import step_headers
from api.http.moment import today
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.pagination import paged, read_page, total_of
from api.request.query_params import AsOfParams, PageParams, StreamParams
from api.request.services import services
from api.v1.record.disputes import PublicDispute, public_disputes
from domain.access.permissions import ReadPermission, may_read
from domain.access.published import last_published
from domain.events.event import Event, History
from domain.events.report import (
    AreaNoted,
    Cases,
    ReportEvent,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    TopicGrades,
)
from domain.history import addressee_of, as_at, report_entries, state_of
from domain.report import Report, flags
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import (
    Code,
    Confidence,
    Count,
    Edition,
    Line,
    Product,
    Reference,
    When,
)
from projections.coverage import count_of_report
from projections.reports import listing as reports
from projections.reports.listing import ReportsFilter, ReportsPage
from projections.reports.model import Reports
from projections.runtime.read_model import ReadModel


class ReportView(Struct, frozen=True, kw_only=True):
    """The record of one report; `flags` name the published figures that do not add up."""

    id: UUID
    step: int
    position: int
    on: date
    known_at: datetime | None
    reference: Reference
    addressee: Code
    product: Product
    edition: Edition
    programme: bool
    title: Line
    address: Line
    published_on: When
    page_date: When | None
    fieldwork_from: When | None
    fieldwork_to: When | None
    recommendations_stated: Count | None
    causes_of_concern_stated: Count | None
    cases: Cases
    flags: tuple[str, ...]
    grades: TopicGrades
    follows: Reference | None
    sources: tuple[Line, ...]
    confidence: Confidence
    publisher: Line | None
    areas: tuple[AreaNoted, ...]
    outcomes: tuple[ReportOutcomeNoted, ...]
    milestones: tuple[ReportMilestoneNoted, ...]
    disputes: tuple[PublicDispute, ...]
    """Facts that a force or body says are wrong here, oldest first, with what came of each."""


@get("/v1/reports/{stream:uuid}", opt={"public": True}, sync_to_thread=True)
def get_report(
    request: Request, stream: FromPath[UUID], params: NamedDependency[StreamParams]
) -> Response[ReportView]:
    """Return the record of one report. Its step begins the ETag."""
    view = report_view(request, stream, params)
    headers = step_headers(view.step, immutable=params.on is not None)
    return Response(view, headers=headers)


def report_view(request: Request, stream: UUID, params: StreamParams) -> ReportView:
    """Return the record of one report. Raises NotFound if there is none."""
    return _view_of(request, _known(request, stream, params), params)


def _known(request: Request, stream: UUID, params: StreamParams) -> Sequence[Entry[ReportEvent]]:
    history = report_entries(services(request).ledger.history(stream))
    return report_entries(params.known(history, inside=_reads(request, history)))


def _reads(request: Request, history: History) -> bool:
    if not history:
        return False
    return may_read(current_actor(request), ReadPermission.HISTORY, addressee_of(history))


def _view_of(
    request: Request, known: Sequence[Entry[ReportEvent]], params: StreamParams
) -> ReportView:
    last = known[-1] if _reads(request, known) else last_published(known)
    view = _view(known, params, last)
    if view is None:
        raise NotFound("There is no such report, or there was none then.")
    return view


def report_views(
    request: Request, streams: Collection[UUID], params: AsOfParams
) -> dict[UUID, ReportView]:
    """Return the records of several reports, of those that there are."""
    at = params.known_at
    views: dict[UUID, ReportView] = {}
    for stream, history in services(request).ledger.histories(streams).items():
        known = [entry for entry in report_entries(history) if at is None or entry.stamp.at <= at]
        if known and (view := _view(known, params, last_published(known))):
            views[stream] = view
    return views


def on_record(request: Request, stream: UUID, params: AsOfParams) -> int:
    """Return how many recommendations of a report are on record, each addressee's as one."""
    lists = services(request).lists
    return lists.read(lambda c: count_of_report(c, stream, params, today()))


def _view(
    known: Sequence[Entry[ReportEvent]], params: AsOfParams, last: Entry[Event]
) -> ReportView | None:
    entries = report_entries(as_at(known, on=params.on))
    state = state_of(entries)
    published = state.published if isinstance(state, Report) else None
    if not isinstance(state, Report) or published is None:
        return None
    events = [entry.event for entry in entries]
    return ReportView(
        id=last.stream,
        step=last.step,
        position=last.position,
        on=params.day,
        known_at=params.known_at,
        reference=published.reference,
        addressee=published.addressee,
        product=published.product,
        edition=published.edition,
        programme=published.programme,
        title=published.title,
        address=published.address,
        published_on=state.published_on,
        page_date=published.page_date,
        fieldwork_from=published.fieldwork_from,
        fieldwork_to=published.fieldwork_to,
        recommendations_stated=published.recommendations_stated,
        causes_of_concern_stated=published.causes_of_concern_stated,
        cases=published.cases,
        flags=flags(published.cases),
        grades=published.grades,
        follows=published.follows,
        sources=published.sources,
        confidence=published.confidence,
        publisher=published.publisher,
        areas=tuple(replace(e, remark=None) for e in events if isinstance(e, AreaNoted)),
        outcomes=tuple(
            replace(e, remark=None) for e in events if isinstance(e, ReportOutcomeNoted)
        ),
        milestones=tuple(
            replace(e, remark=None) for e in events if isinstance(e, ReportMilestoneNoted)
        ),
        disputes=public_disputes(state.threads),
    )


class ReportsParams(ReportsFilter, PageParams, frozen=True, kw_only=True):
    """The reports to list; without a force, all but the training forces'."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Reports,)


@get("/v1/reports", opt={"public": True}, sync_to_thread=True)
def list_reports(request: Request, params: NamedDependency[ReportsParams]) -> Response[ReportsPage]:
    """List the published reports."""
    return paged("/v1/reports", params, reports_page(request, params))


def reports_page(request: Request, params: ReportsParams) -> ReportsPage:
    """Return one page of the published reports."""
    return read_page(request, params, reports.page)


def reports_total(request: Request, params: ReportsParams) -> int:
    """Return how many reports are on all pages of the list."""
    return total_of(request, params, reports.count)
