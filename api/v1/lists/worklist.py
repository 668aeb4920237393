"""What waits for reviewers."""

from datetime import date, datetime
from typing import ClassVar, LiteralString

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.problems import Asker
from api.request.pagination import behind, cursor, paged
from api.request.query_params import Listing, today
from api.request.services import services
from domain.access.permissions import Sight
from domain.recommendation.worklist import Work
from projections import worklist


class WorklistAsked(Listing, frozen=True, kw_only=True):
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


@get("/v1/worklist", opt={"sight": Sight.WORKLIST}, sync_to_thread=True)
def list_(request: Asker, asked: NamedDependency[WorklistAsked]) -> Response[WorklistPage]:
    """What waits for reviewers."""
    return paged("/v1/worklist", asked, listed(request, asked))


def listed(request: Asker, asked: WorklistAsked) -> WorklistPage:
    """One page of what waits for reviewers."""
    ledger = services(request).ledger
    after = behind(asked)
    work, _, reference = (after or "").partition(" ")
    wanted = worklist.Filter(
        on=asked.on,
        known_at=asked.known_at,
        force=asked.force,
        work=asked.work,
        after=(work, reference) if after else None,
        limit=asked.limit,
    )
    page = ledger.rows.read(lambda c: worklist.page(c, wanted, today()))
    last = page.items[-1] if page.more else None
    return WorklistPage(
        counts=page.counts,
        items=page.items,
        next=cursor(asked, f"{last.work} {last.reference}") if last else None,
        position=page.position,
        on=asked.day,
        known_at=asked.known_at,
    )
