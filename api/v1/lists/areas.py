"""Recommendations counted by area and force."""

from typing import ClassVar

from litestar import get
from litestar.di import NamedDependency

from api.http.moment import today
from api.http.problems import Request
from api.request.published import as_published
from api.request.query_params import TrainingParams
from api.request.services import services
from projections.register import areas
from projections.register.areas import AreasPage
from projections.register.model import Register
from projections.runtime.read_model import ReadModel


class AreasParams(TrainingParams, frozen=True, kw_only=True):
    """The day and moment at which to count, and whether training."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)


@get("/v1/areas", opt={"public": True}, sync_to_thread=True)
def list_areas(request: Request, params: NamedDependency[AreasParams]) -> AreasPage:
    """Count recommendations by area and force."""
    return counted(request, params)


def counted(request: Request, params: AreasParams) -> AreasPage:
    """Return the counts of recommendations by area and force."""
    opened = services(request)
    page = opened.answers.kept(
        opened.lists,
        params.read_models,
        ("areas", params.day, params.known_at, bool(params.training)),
        lambda: opened.lists.read(lambda c: areas.count(c, params, today())),
    )
    return as_published(request, page)
