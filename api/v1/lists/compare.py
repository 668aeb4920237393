"""Comparisons of two days, and of one past day with its restatement by later entries.

Both show figures and the recommendations that explain them, all of it public, as in the register.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.moment import moment, today
from api.http.problems import Request, Wrong
from api.request.pagination import paged, read_page, total_of
from api.request.query_params import PageParams
from domain.vocabulary.dates import last_moment
from projections.register.comparison import (
    CompareFilter,
    Comparison,
    RestatementFilter,
    compare,
    count,
)
from projections.register.model import Register
from projections.runtime.read_model import ReadModel


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
def compare_days(request: Request, params: NamedDependency[CompareParams]) -> Response[Comparison]:
    """Compare two days: figures, and each recommendation whose state differs.

    Both days are as known at one moment.
    """
    return paged("/v1/compare", params, between(request, params))


@get("/v1/restatement", opt={"public": True}, sync_to_thread=True)
def get_restatement(
    request: Request, params: NamedDependency[RestatementParams]
) -> Response[Comparison]:
    """Compare a day as known then with the same day as known now.

    With `known_at`, as known at that moment instead of now; later entries make the difference.
    """
    return paged("/v1/restatement", params, restated(request, params))


def between(request: Request, params: CompareParams) -> Comparison:
    """Return the comparison of two days, both as known at the requested moment."""
    return read_page(request, params, compare)


def differing_total(request: Request, params: CompareParams | RestatementParams) -> int:
    """Return how many recommendations differ, on all pages of a comparison."""
    return total_of(request, params, count)


def restated(request: Request, params: RestatementParams) -> Comparison:
    """Return the comparison of a day as known at first, and at the requested moment."""
    return read_page(request, params, compare)
