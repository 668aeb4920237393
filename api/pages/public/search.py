"""One search over all that is published: forces, reports and recommendations."""

import re
from unicodedata import normalize

from litestar import Response, get

from api.http.problems import Request
from api.pages.rendering import query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, TARGETS, asof, forces
from api.pages.rendering.render import page
from api.request.query_params import Params, Words
from api.v1.lists import register, reports
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from domain.vocabulary.values import Code

SHOWN = 5
"""How many of each kind; the rest is in the lists."""


class SearchParams(Params, frozen=True, kw_only=True):
    """Which words."""

    q: Words | None = None


@get("/search", opt=OPT, sync_to_thread=True)
def search(request: Request) -> Response[bytes]:
    """The forces, reports and recommendations that some words find."""
    sent = query_form.read(request, SearchParams)
    q = sent.params.q
    found: dict[str, object] = {}
    if q is not None:
        of_reports = reports.reports_page(request, ReportsParams(q=q, limit=SHOWN, order="newest"))
        of_recommendations = register.register_page(request, RegisterParams(q=q, limit=SHOWN))
        named = named_forces(q)
        found = {
            "named": named[:SHOWN],
            "more_forces": len(named) > SHOWN,
            "reports": of_reports,
            "recommendations": of_recommendations,
            "asof": asof(min(of_reports.position, of_recommendations.position)),
        }
    return page(
        request,
        "pages/public/search.html",
        status=400 if sent.errors else 200,
        headers=None,
        title=_("Search for “%(words)s”", words=q) if q else _("Search"),
        crumbs=[HOME],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        **found,
    )


SEARCH_PAGES = (search,)


def named_forces(q: str) -> list[tuple[Code, str]]:
    """The forces in whose names every word begins a word; case and accents do not matter."""
    params = _words(q)
    return [
        (code, name)
        for code, name in forces()
        if params and all(any(one.startswith(word) for one in _words(name)) for word in params)
    ]


def _words(text: str) -> list[str]:
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.findall(r"\w+", plain.lower())
