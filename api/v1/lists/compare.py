"""Two days side by side, and what of a past day was changed by what was recorded later.

Both show figures and which recommendations explain them: published facts, as the register does.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, LiteralString

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from api.http.problems import Request, Wrong
from api.request.pagination import cursor, last_seen, paged
from api.request.query_params import PageParams, today
from api.request.services import services
from domain.vocabulary.dates import last_moment
from domain.vocabulary.values import Code
from projections.register import comparison
from projections.register.comparison import AsOf, Differing, Pair

DAYS_BETWEEN = 365
"""How far apart two days are where only one is asked for."""

Since = Annotated[
    date, Meta(description=f"The earlier day; else {DAYS_BETWEEN} days before the later one.")
]
KnownBy = Annotated[
    date,
    Meta(description="As the service knew that day at the end of this one; else at its own end."),
]


class CompareParams(PageParams, frozen=True, kw_only=True):
    """Which two days, and of which force; else of all but the training force."""

    read_model: ClassVar[LiteralString | None] = "register"
    since: Since | None = None

    @property
    def start(self) -> date:
        """The earlier day."""
        return self.since or date.fromordinal(max(1, self.day.toordinal() - DAYS_BETWEEN))

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from super().wrong()
        if self.since and self.since > self.day:
            yield Wrong(f"{self.since} is after {self.day}, the later day.", parameter="since")


class RestatementParams(PageParams, frozen=True, kw_only=True):
    """Which past day, known by when at first; else the last day of the month before."""

    read_model: ClassVar[LiteralString | None] = "register"
    known_by: KnownBy | None = None

    @property
    def day(self) -> date:
        """The day that counts."""
        return self.on or today().replace(day=1) - timedelta(days=1)

    @property
    def first_known_at(self) -> datetime:
        """The moment of what was known at first."""
        return last_moment(self.known_by or self.day)

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from super().wrong()
        if self.known_by and self.known_by > today():
            yield Wrong(f"{self.known_by} is in the future.", parameter="known_by")


class Compared(Struct, frozen=True, kw_only=True):
    """Figures of both views, the forces that differ, and which recommendations stand elsewhere.

    As of a position of the ledger.
    """

    before: AsOf
    after: AsOf
    figures: Pair
    forces: dict[Code, Pair]
    items: tuple[Differing, ...]
    next: str | None
    position: int


@get("/v1/compare", opt={"public": True}, sync_to_thread=True)
def compare_days(request: Request, params: NamedDependency[CompareParams]) -> Response[Compared]:
    """What changed from one day to another: figures, and each recommendation that stands elsewhere.

    Both days are as known at one moment.
    """
    return paged("/v1/compare", params, between(request, params))


@get("/v1/restatement", opt={"public": True}, sync_to_thread=True)
def get_restatement(
    request: Request, params: NamedDependency[RestatementParams]
) -> Response[Compared]:
    """What later entries changed about a day: as known then, and as known now or at `known_at`."""
    return paged("/v1/restatement", params, restated(request, params))


def between(request: Request, params: CompareParams) -> Compared:
    """Two days, each as known at the moment asked for."""
    views = AsOf(params.start, params.known_at), AsOf(params.day, params.known_at)
    return _compared(request, params, *views)


def restated(request: Request, params: RestatementParams) -> Compared:
    """One day, as known at first and as known at the moment asked for."""
    views = AsOf(params.day, params.first_known_at), AsOf(params.day, params.known_at)
    return _compared(request, params, *views)


def _compared(request: Request, params: PageParams, before: AsOf, after: AsOf) -> Compared:
    last = last_seen(params)
    found = services(request).ledger.rows.read(
        lambda c: comparison.compare(
            c, before, after, force=params.force, after_reference=last, limit=params.limit
        )
    )
    return Compared(
        before=before,
        after=after,
        figures=found.every,
        forces=found.forces,
        items=found.items,
        next=cursor(params, found.items[-1].reference) if found.more else None,
        position=found.position,
    )
