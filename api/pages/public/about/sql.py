"""Pages for analysts who read by SQL: the views, their columns, and how to get a login."""

from litestar import Response, get
from litestar.params import FromPath

from adapters.postgres.upkeep.bi_logins import CONNECTIONS, STATEMENT_SECONDS
from api.http.problems import Request
from api.pages.public.about.pages import ABOUT
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT
from api.pages.rendering.render import page
from domain.vocabulary.errors import NotFound
from projections.filters import EVERY_AUDIENCE
from projections.reporting.views import VIEWS

MADE = {made.name: made for view in VIEWS for made in view.made}
"""Each view by its name in the database."""
SQL = "/data/sql"


@get(SQL, opt=OPT, sync_to_thread=False)
def list_views(request: Request) -> Response[bytes]:
    """Show each view, and how to ask for a login."""
    return page(
        request,
        "pages/public/about/sql.html",
        title=_("Read the data by SQL"),
        crumbs=[HOME, ABOUT],
        views=MADE.values(),
        everybody=EVERY_AUDIENCE,
        connections=CONNECTIONS,
        seconds=STATEMENT_SECONDS,
    )


@get(f"{SQL}/{{view:str}}", opt=OPT, sync_to_thread=False)
def show_view(request: Request, view: FromPath[str]) -> Response[bytes]:
    """Show each column of a view. Raises NotFound."""
    made = MADE.get(view)
    if made is None:
        raise NotFound("There is no such view.")
    return page(
        request,
        "pages/public/about/view.html",
        title=made.name,
        crumbs=[HOME, ABOUT, {"text": _("Read the data by SQL"), "href": SQL}],
        view=made,
        everybody=EVERY_AUDIENCE,
    )


SQL_PAGES = (list_views, show_view)
