"""Comparisons of two days, and of one past day with its restatement by later entries.

Both show figures and the recommendations that explain them, all of it public, as in the register.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import replace

from api.http.moment import moment, today
from api.http.problems import Request, Wrong
from api.request.pagination import paged, read_page, total_of
from api.request.query_params import PageParams
from api.v1.known_counts import KnownTally, known_tally
from domain.vocabulary.dates import last_moment
from domain.vocabulary.values import Code
from projections.register.comparison import Comparison, Differing, Pair, compare, count
from projections.register.model import Register
from projections.register.views import AsOf, CompareFilter, RestatementFilter
from projections.runtime.read_model import ReadModel


class KnownPair(Struct, frozen=True):
    """The same figures in both views."""

    before: KnownTally
    after: KnownTally


class KnownComparison(Struct, frozen=True, kw_only=True):
    """All figures of both views, those of each force that differ, and the differing items.

    One page of items, in the filter's order, as of a position of the ledger. `next` is the place
    after which the next page begins; the API answers it as a cursor.
    """

    before: AsOf
    after: AsOf
    figures: KnownPair
    forces: dict[Code, KnownPair]
    items: tuple[Differing, ...]
    next: str | None
    position: int


class CompareParams(CompareFilter, PageParams, frozen=True, kw_only=True):
    """The two days to compare, and the force; all but the training forces by default."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.since and self.since > self.day:
            yield Wrong(f"{self.since} is after {self.day}, the later day.", parameter="since")


class RestatementParams(RestatementFilter, PageParams, frozen=True, kw_only=True):
    """The past day, and when it was first known.

    The last day of the month before is the default.
    """

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.known_by and self.known_by > today():
            yield Wrong(f"{self.known_by} is in the future.", parameter="known_by")

    @property
    def frozen(self) -> datetime | None:
        """The later of the two moments; this one, if the first day is not over."""
        first = min(last_moment(self.known_by or self.day), moment())
        return max(first, self.known_at or first)


@get("/v1/compare", opt={"public": True}, sync_to_thread=True)
def compare_days(
    request: Request, params: NamedDependency[CompareParams]
) -> Response[KnownComparison]:
    """Compare two days: figures, and each recommendation whose state differs.

    Both days are as known at one moment.
    """
    return paged("/v1/compare", params, between(request, params))


@get("/v1/restatement", opt={"public": True}, sync_to_thread=True)
def get_restatement(
    request: Request, params: NamedDependency[RestatementParams]
) -> Response[KnownComparison]:
    """Compare a day as known then with the same day as known now.

    With `known_at`, as known at that moment instead of now; later entries make the difference.
    """
    return paged("/v1/restatement", params, restated(request, params))


def between(request: Request, params: CompareParams) -> KnownComparison:
    """Return the comparison of two days, both as known at the requested moment."""
    return _known(read_page(request, params, compare))


def differing_total(request: Request, params: CompareParams | RestatementParams) -> int:
    """Return how many recommendations differ, on all pages of a comparison."""
    return total_of(request, replace(params, order=None), count)


def restated(request: Request, params: RestatementParams) -> KnownComparison:
    """Return the comparison of a day as known at first, and at the requested moment."""
    return _known(read_page(request, params, compare))


def _known(compared: Comparison) -> KnownComparison:
    return KnownComparison(
        before=compared.before,
        after=compared.after,
        figures=_pair(compared.figures),
        forces={code: _pair(pair) for code, pair in compared.forces.items()},
        items=compared.items,
        next=compared.next,
        position=compared.position,
    )


def _pair(pair: Pair) -> KnownPair:
    return KnownPair(known_tally(pair.before), known_tally(pair.after))
