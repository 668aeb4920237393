"""Statements of published sources, page by page: outcomes, milestones, areas to improve."""

from typing import ClassVar

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.problems import Request
from api.request.pagination import paged, read_page, total_of
from api.request.query_params import PageParams
from projections.runtime.read_model import ReadModel
from projections.statements import listing as statements
from projections.statements.listing import StatementsFilter, StatementsPage
from projections.statements.model import Statements


class StatementsParams(StatementsFilter, PageParams, frozen=True, kw_only=True):
    """The statements to list; without a force, all but the training force's."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Statements,)


@get("/v1/statements", opt={"public": True}, sync_to_thread=True)
def list_statements(
    request: Request, params: NamedDependency[StatementsParams]
) -> Response[StatementsPage]:
    """List what sources said of recommendations, of reports and of areas to improve."""
    return paged("/v1/statements", params, statements_page(request, params))


def statements_page(request: Request, params: StatementsParams) -> StatementsPage:
    """Return one page of statements."""
    return read_page(request, params, statements.page)


def statements_total(request: Request, params: StatementsParams) -> int:
    """Return how many statements are on all pages of the list."""
    return total_of(request, params, statements.count)
