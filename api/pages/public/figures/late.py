"""The page of what is late: who owes it, and what is not owed any more."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from litestar import Response, get
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.forms.paging import orders, paging
from api.pages.public import filters
from api.pages.public.figures import silence
from api.pages.rendering import labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, forces, render_view
from api.pages.rendering.timeline import Happened, timeline
from api.request.pagination import read_page
from api.request.services import services
from api.v1.lists import register, worklist
from api.v1.lists.worklist import LateParams, clearing_entries
from domain.recommendation.deadlines import ClockName
from projections.worklist import late
from projections.worklist.late import LatePage

LATE_SHOWN = 50
"""How many are on one page."""


@get("/late", opt=OPT, sync_to_thread=True)
def show_late(request: Request) -> Response[bytes]:
    """Show what is certainly late by a deadline, or what was late and is not any more."""
    query = query_form.read_known(request, LateParams)
    params = replace(query.params, limit=LATE_SHOWN)
    listed = read_page(request, params, late.page)
    total = worklist.late_total(request, params)
    return render_view(
        request,
        "pages/public/late.html",
        query,
        title=_("What is not owed any more") if params.since else _("What is late"),
        crumbs=[HOME, {"text": N_("Progress of all forces"), "href": "/progress"}],
        listed=listed,
        names=register.names_of(request, params, [item.id for item in listed.items]),
        silence=silence.of_force(request, query, params),
        applied=filters.applied(query, "/late", filters.DAYS_SAID),
        cleared_by=_cleared_by(request, params, listed),
        paging=paging(query, "/late", params, total, len(listed.items), single=_("1 deadline")),
        orders=orders(query, "/late", params.order, labels.LATE_ORDERS),
        forces=forces(training=query.training),
        clocks=[*labels.CLOCKS.items()],
        position=listed.position,
    )


LATE_PAGES = (show_late,)


def _cleared_by(
    request: Request, params: LateParams, listed: LatePage
) -> Mapping[tuple[UUID, ClockName], Sequence[Happened]]:
    """Return what cleared each deadline in words: the steps that the list of the API names."""
    if params.since is None:
        return {}
    histories = services(request).ledger.histories([item.id for item in listed.items])
    return {
        (item.id, item.clock): timeline(
            clearing_entries(histories[item.id], item.cleared_on, params.known_at)
        )
        for item in listed.items
    }
