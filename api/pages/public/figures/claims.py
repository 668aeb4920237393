"""The page of the claims that work is done, each with its first judgement."""

from litestar import Response, get
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.forms.paging import orders, paging
from api.pages.public import filters
from api.pages.public.figures import silence
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, forces, render_view
from api.v1.lists import measures, register
from api.v1.lists.measures import ClaimsParams

CLAIMS_SHOWN = 50
"""The most claims on a page."""


@get("/claims", opt=OPT, sync_to_thread=True)
def list_claims(request: Request) -> Response[bytes]:
    """List claims of completion, each with its first judgement."""
    query = query_form.read_known(request, ClaimsParams)
    params = replace(query.params, limit=CLAIMS_SHOWN)
    listed = measures.claims_page(request, params)
    total = measures.claims_total(request, params)
    return render_view(
        request,
        "pages/public/claims.html",
        query,
        title=_("Claims that the work is done: %(force)s", force=formatting.force(params.force))
        if params.force
        else _("Claims that the work is done"),
        crumbs=[HOME, {"text": N_("Claims, time taken and load"), "href": "/measures"}],
        listed=listed,
        names=register.names_of(request, params, [item.id for item in listed.items]),
        silence=silence.of_force(request, query, params),
        applied=filters.applied(query, "/claims", filters.DAYS_SAID),
        paging=paging(query, "/claims", params, total, len(listed.items), single=_("1 claim")),
        orders=orders(query, "/claims", params.order, labels.CLAIM_ORDERS),
        forces=forces(training=bool(params.training)),
        position=listed.position,
    )


CLAIM_PAGES = (list_claims,)
