"""The worklist: the work that waits for reviewers."""

from typing import ClassVar

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.pagination import paged, read_page
from api.request.query_params import PageParams
from api.request.services import services
from domain.access.permissions import ReadPermission
from projections import worklist
from projections.runtime.read_model import ReadModel
from projections.worklist import Worklist, WorklistFilter, WorklistPage


class WorklistParams(WorklistFilter, PageParams, frozen=True, kw_only=True):
    """The work to list; without a force, all but the training forces'."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Worklist,)


@get("/v1/worklist", opt={"sight": ReadPermission.WORKLIST}, sync_to_thread=True)
def get_worklist(
    request: Request, params: NamedDependency[WorklistParams]
) -> Response[WorklistPage]:
    """List the work that waits for reviewers."""
    return paged("/v1/worklist", params, worklist_page(request, params))


def worklist_page(request: Request, params: WorklistParams) -> WorklistPage:
    """Return one page of the work that waits for reviewers; an auditor's reading is recorded."""
    services(request).readings.record_list_read(current_actor(request), "worklist")
    return read_page(request, params, worklist.page)
