"""The register: the state of every recommendation, page by page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec.structs import replace

from api.http.moment import today
from api.http.problems import Request, Wrong
from api.request.pagination import paged, read_page, total_of
from api.request.query_params import PageParams
from api.request.services import services
from domain.vocabulary.forces import is_training
from projections.filters import AsOfFilter
from projections.register import listing, names
from projections.register.listing import RegisterFilter, RegisterPage
from projections.register.model import Register
from projections.register.names import RecommendationName
from projections.runtime.read_model import ReadModel

AS_AT_TODAY = "Leave out the date: what changed since a moment is listed as at today only."
"""Said of a day beside `changed_since`, which compares with the present states."""


class RegisterParams(RegisterFilter, PageParams, frozen=True, kw_only=True):
    """The recommendations to list; without a force, all but the training forces'."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.on is not None and self.changed_since is not None:
            yield Wrong(AS_AT_TODAY, parameter="on")


class FollowedParams(RegisterParams, frozen=True, kw_only=True):
    """A list of recommendations whose changes can be followed."""

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.training or is_training(self.force):
            name = "training" if self.training else "force"
            yield Wrong("Training forces are in no feed.", parameter=name)
        if self.age_known is not None:
            words = "What is open gets older every day, without a step. Leave this out."
            yield Wrong(words, parameter="age_known")
        if self.changed_since is not None:
            words = "What changes since one moment is the feed itself. Leave this out."
            yield Wrong(words, parameter="changed_since")
        if self.known_at is not None:
            words = "A list as known at one moment never changes. Leave this out."
            yield Wrong(words, parameter="known_at")


@get("/v1/recommendations", opt={"public": True}, sync_to_thread=True)
def list_recommendations(
    request: Request, params: NamedDependency[RegisterParams]
) -> Response[RegisterPage]:
    """List recommendations with their states, from the register."""
    return paged("/v1/recommendations", params, register_page(request, params))


def register_total(request: Request, params: RegisterParams) -> int:
    """Return how many recommendations are on all pages of the register."""
    every = replace(params, order=None)
    if params.changed_since is not None:  # an index has them, and each visit has another moment
        return services(request).lists.read(lambda c: listing.count(c, every, today()))
    return total_of(request, every, listing.count)


def register_page(request: Request, params: RegisterParams) -> RegisterPage:
    """Return one page of the register."""
    return read_page(request, params, listing.page)


def names_of(
    request: Request, params: AsOfFilter, streams: Sequence[UUID]
) -> Mapping[UUID, RecommendationName]:
    """Return the names of some recommendations, by their streams."""
    if not streams:
        return {}
    return services(request).lists.read(lambda c: names.names_of(c, params, today(), streams))
