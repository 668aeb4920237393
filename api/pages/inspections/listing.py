"""The list of inspections before publication, for those who may know of them."""

from litestar import Response, get
from msgspec import Struct

from api.http.moment import moment
from api.http.problems import Request
from api.pages.forms.paging import PageOf, orders, paging
from api.pages.inspections.way import NextMove, next_move
from api.pages.inspections.words import INSPECTIONS, STAGES
from api.pages.rendering import labels, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import Params
from api.v1.inspections.reading import (
    InspectionsOrder,
    InspectionsParams,
    counted_inspections,
    inspections_page,
)
from api.v1.inspections.views import InspectionView
from domain.access.inspections import may_draft, may_see_inspections
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.errors import NotFound
from projections.filters import PageNumber

PATH = INSPECTIONS["href"]
SHOWN = 20
"""How many inspections a page lists."""


class InspectionsPageParams(Params, frozen=True, kw_only=True):
    """The number of the page, and the order of the list."""

    page: PageNumber | None = None
    order: InspectionsOrder | None = None


class InspectionRow(Struct, frozen=True):
    """An inspection of the list: its stage in words, and whose move it is."""

    view: InspectionView
    stage: str
    move: NextMove


@get(PATH, sync_to_thread=True)
def show_inspections(request: Request) -> Response[bytes]:
    """Show the inspections that the actor may know of."""
    actor = current_actor(request)
    if not may_see_inspections(actor):
        raise NotFound
    query = query_form.read(request, InspectionsPageParams)
    of, order = PageOf(query.params.page, SHOWN), query.params.order
    wanted = InspectionsParams(after=of.offset, limit=SHOWN, order=order)
    listed, total = counted_inspections(request, wanted)
    if not listed.items and not may_draft(actor) and actor.role is Role.FORCE:
        raise NotFound  # as for a force that none is in check of
    now = moment()
    return page(
        request,
        "pages/inspections/list.html",
        status=400 if query.errors else 200,
        query=query,
        errors=query.errors,
        title=_("Inspections before publication"),
        rows=[
            InspectionRow(
                view, STAGES[view.stage], next_move(view, now, readable=_readable(actor, view))
            )
            for view in listed.items
        ],
        paging=paging(query, PATH, of, total, len(listed.items)),
        orders=orders(query, PATH, order, labels.INSPECTION_ORDERS),
        past_end=of.offset > 0,
        may_plan=may_draft(actor),
        crumbs=[HOME],
    )


def _readable(actor: Actor, view: InspectionView) -> bool:
    """Return whether an actor may read the comments of an inspection that it may see."""
    return actor.role is not Role.AUDITOR or view.report is not None


def has_inspections(request: Request) -> bool:
    """Return whether there is any inspection that the actor may know of."""
    actor = current_actor(request)
    if not may_see_inspections(actor):
        return False
    return may_draft(actor) or bool(inspections_page(request, InspectionsParams(limit=1)).items)


LISTING_PAGES = (show_inspections,)
