"""Pages about the service: purpose, methodology, verification, accessibility."""

from litestar import Response, get

from api.http.problems import Request
from api.pages.rendering import labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT
from api.pages.rendering.render import page
from domain.recommendation.deadlines import RULES
from domain.vocabulary.values import AREAS

NO_AREA = {"unknown", "n/a"}
ABOUT = {"text": N_("About"), "href": "/about"}


@get("/about", opt=OPT, sync_to_thread=False)
def about(request: Request) -> Response[bytes]:
    """Show the purpose of the service and the sources of its facts."""
    return page(request, "pages/public/about/about.html", title=_("About"), crumbs=[HOME])


@get("/about/methodology", opt=OPT, sync_to_thread=False)
def methodology(request: Request) -> Response[bytes]:
    """Show each edition of the methodology, each deadline with its rule, and the stages."""
    return page(
        request,
        "pages/public/about/methodology.html",
        title=_("Methodology and deadlines"),
        crumbs=[HOME, ABOUT],
        areas={edition: sorted(map(_named, areas - NO_AREA)) for edition, areas in AREAS.items()},
        rules=RULES.values(),
    )


@get("/about/accessibility", opt=OPT, sync_to_thread=False)
def accessibility(request: Request) -> Response[bytes]:
    """Show how accessible the pages are, and how they were tested."""
    crumbs = [HOME, ABOUT]
    return page(
        request, "pages/public/about/accessibility.html", title=_("Accessibility"), crumbs=crumbs
    )


@get("/about/verify", opt=OPT, sync_to_thread=False)
def verify(request: Request) -> Response[bytes]:
    """Show how to verify the record, and which checks are not possible yet."""
    return page(
        request,
        "pages/public/about/verify.html",
        title=_("How to verify the record"),
        crumbs=[HOME, ABOUT],
    )


ABOUT_PAGES = (about, methodology, verify, accessibility)


def _named(area: str) -> str:
    return labels.AREAS[area]
