"""The register: where every recommendation stands, page by page."""

from datetime import date, datetime
from typing import Annotated, ClassVar, LiteralString
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from api.http.problems import Request
from api.request.pagination import cursor, last_seen, paged
from api.request.query_params import PageParams, Words, today
from api.request.services import services
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Stage
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Area, CloseReason, Kind
from projections.register import listing

ReportName = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=100,
        pattern=r"^[a-z0-9-]+$(?!\n)",
        description="The id or the reference of a report.",
    ),
]
ClosedFrom = Annotated[
    date, Meta(description="Closed on that day or later, and not reopened since.")
]
ClosedTo = Annotated[date, Meta(description="Closed by that day, and not reopened since.")]


class RegisterParams(PageParams, frozen=True, kw_only=True):
    """Which recommendations; without a force, all but the training force's."""

    read_model: ClassVar[LiteralString | None] = "register"
    report: ReportName | None = None
    area: Area | None = None
    stage: Stage | None = None
    kind: Kind | None = None
    open: Annotated[bool, Meta(description="Not closed, or closed.")] | None = None
    reason: Annotated[CloseReason, Meta(description="Closed for that reason.")] | None = None
    overdue: bool | None = None
    due_before: date | None = None
    claimed: bool | None = None
    closed_from: ClosedFrom | None = None
    closed_to: ClosedTo | None = None
    slip: Annotated[Slip, Meta(description="Slipped in that way.")] | None = None
    q: Words | None = None


class RegisterPage(Struct, frozen=True, kw_only=True):
    """One page of the register, in order of reference; as of a position of the ledger."""

    items: tuple[listing.Listed, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


@get("/v1/recommendations", opt={"public": True}, sync_to_thread=True)
def list_recommendations(
    request: Request, params: NamedDependency[RegisterParams]
) -> Response[RegisterPage]:
    """The register: where every recommendation stands."""
    return paged("/v1/recommendations", params, register_page(request, params))


def register_page(request: Request, params: RegisterParams) -> RegisterPage:
    """One page of the register."""
    ledger = services(request).ledger
    wanted = listing.Filter(
        on=params.on,
        known_at=params.known_at,
        force=params.force,
        report=report_named(params.report) if params.report else None,
        area=params.area,
        stage=params.stage,
        kind=params.kind,
        open=params.open,
        reason=params.reason,
        overdue=params.overdue,
        due_before=params.due_before,
        claimed=params.claimed,
        closed_from=params.closed_from,
        closed_to=params.closed_to,
        slip=params.slip,
        q=params.q,
        after=last_seen(params),
        limit=params.limit,
    )
    page = ledger.rows.read(lambda c: listing.page(c, wanted, today()))
    more = cursor(params, page.items[-1].standing.reference) if page.more else None
    return RegisterPage(
        items=page.items,
        next=more,
        position=page.position,
        on=params.day,
        known_at=params.known_at,
    )


def report_named(name: str) -> UUID:
    """The id of a report, by its id or its reference."""
    try:
        return UUID(name)
    except ValueError:
        return report_id(name)
