"""What waits for reviewers."""

from datetime import date, datetime
from typing import ClassVar, LiteralString

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.problems import Request
from api.request.pagination import cursor, last_seen, paged
from api.request.query_params import PageParams, today
from api.request.services import services
from domain.access.permissions import ReadPermission
from domain.recommendation.worklist import Work
from projections import worklist


class WorklistParams(PageParams, frozen=True, kw_only=True):
    """Which things to do; without a force, all but the training force's."""

    read_model: ClassVar[LiteralString | None] = "worklist"
    work: Work | None = None


class WorklistPage(Struct, frozen=True, kw_only=True):
    """One page of things to do, in order of kind and reference, and how many of each kind wait."""

    counts: dict[str, int]
    items: tuple[worklist.Listed, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


@get("/v1/worklist", opt={"sight": ReadPermission.WORKLIST}, sync_to_thread=True)
def get_worklist(
    request: Request, params: NamedDependency[WorklistParams]
) -> Response[WorklistPage]:
    """What waits for reviewers."""
    return paged("/v1/worklist", params, worklist_page(request, params))


def worklist_page(request: Request, params: WorklistParams) -> WorklistPage:
    """One page of what waits for reviewers."""
    ledger = services(request).ledger
    seen = last_seen(params)
    work, _, reference = (seen or "").partition(" ")
    wanted = worklist.Filter(
        on=params.on,
        known_at=params.known_at,
        force=params.force,
        work=params.work,
        after=(work, reference) if seen else None,
        limit=params.limit,
    )
    page = ledger.rows.read(lambda c: worklist.page(c, wanted, today()))
    last = page.items[-1] if page.more else None
    return WorklistPage(
        counts=page.counts,
        items=page.items,
        next=cursor(params, f"{last.work} {last.reference}") if last else None,
        position=page.position,
        on=params.day,
        known_at=params.known_at,
    )
