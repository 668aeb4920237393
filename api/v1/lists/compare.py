"""Two days side by side, and what of a past day was changed by what was recorded later.

Both show figures and which recommendations explain them: published facts, as the register does.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, LiteralString

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from api.http.problems import Asker, Wrong
from api.request.pagination import behind, cursor, paged
from api.request.query_params import Listing, today
from api.request.services import services
from domain.vocabulary.dates import last_moment
from domain.vocabulary.values import Code
from projections.register import comparison
from projections.register.comparison import Differing, Pair, View

DAYS_BETWEEN = 365
"""How far apart two days are where only one is asked for."""

Since = Annotated[
    date, Meta(description=f"The earlier day; else {DAYS_BETWEEN} days before the later one.")
]
KnownBy = Annotated[
    date,
    Meta(description="As the service knew that day at the end of this one; else at its own end."),
]


class CompareAsked(Listing, frozen=True, kw_only=True):
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


class RestatementAsked(Listing, frozen=True, kw_only=True):
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

    before: View
    after: View
    figures: Pair
    forces: dict[Code, Pair]
    items: tuple[Differing, ...]
    next: str | None
    position: int


@get("/v1/compare", opt={"public": True}, sync_to_thread=True)
def two_days(request: Asker, asked: NamedDependency[CompareAsked]) -> Response[Compared]:
    """What changed from one day to another: figures, and each recommendation that stands elsewhere.

    Both days are as known at one moment.
    """
    return paged("/v1/compare", asked, between(request, asked))


@get("/v1/restatement", opt={"public": True}, sync_to_thread=True)
def restatement(request: Asker, asked: NamedDependency[RestatementAsked]) -> Response[Compared]:
    """What later entries changed about a day: as known then, and as known now or at `known_at`."""
    return paged("/v1/restatement", asked, restated(request, asked))


def between(request: Asker, asked: CompareAsked) -> Compared:
    """Two days, each as known at the moment asked for."""
    views = View(asked.start, asked.known_at), View(asked.day, asked.known_at)
    return _compared(request, asked, *views)


def restated(request: Asker, asked: RestatementAsked) -> Compared:
    """One day, as known at first and as known at the moment asked for."""
    views = View(asked.day, asked.first_known_at), View(asked.day, asked.known_at)
    return _compared(request, asked, *views)


def _compared(request: Asker, asked: Listing, before: View, after: View) -> Compared:
    last = behind(asked)
    found = services(request).ledger.rows.read(
        lambda c: comparison.compare(
            c, before, after, force=asked.force, behind=last, limit=asked.limit
        )
    )
    return Compared(
        before=before,
        after=after,
        figures=found.every,
        forces=found.forces,
        items=found.items,
        next=cursor(asked, found.items[-1].reference) if found.more else None,
        position=found.position,
    )
