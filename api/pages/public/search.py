"""The search page: one search over published forces, reports and recommendations."""

import re
from unicodedata import normalize

from litestar import Response, get

from api.http.problems import Request
from api.pages.rendering import query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, TARGETS, asof, forces
from api.pages.rendering.render import page
from api.request.query_params import Params
from api.v1.lists import register, reports
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from domain.vocabulary.values import Code
from projections.filters import Training, Words

SHOWN = 5
"""The most results of each kind; the lists have the rest."""


class SearchParams(Params, frozen=True, kw_only=True):
    """The words to search for, and whether in training."""

    training: Training | None = None
    q: Words | None = None


@get("/search", opt=OPT, sync_to_thread=True)
def search(request: Request) -> Response[bytes]:
    """Show the forces, reports and recommendations that match the words."""
    query = query_form.read_known(request, SearchParams)
    q, training = query.params.q, query.params.training
    results: dict[str, object] = {}
    if q is not None:
        of_reports = reports.reports_page(
            request, ReportsParams(q=q, training=training, limit=SHOWN, order="newest")
        )
        of_recommendations = register.register_page(
            request, RegisterParams(q=q, training=training, limit=SHOWN)
        )
        named = named_forces(q, training=bool(training))
        results = {
            "named": named[:SHOWN],
            "more_forces": len(named) > SHOWN,
            "reports": of_reports,
            "recommendations": of_recommendations,
            "asof": asof(min(of_reports.position, of_recommendations.position)),
        }
    return page(
        request,
        "pages/public/search.html",
        status=400 if query.errors else 200,
        headers=None,
        title=_("Search for “%(words)s”", words=q) if q else _("Search"),
        crumbs=[HOME],
        query=query,
        errors=query.errors,
        targets=TARGETS,
        **results,
    )


SEARCH_PAGES = (search,)


def named_forces(q: str, *, training: bool = False) -> list[tuple[Code, str]]:
    """Return the forces whose names have a word beginning with each word of the query.

    Case and accents do not matter.
    """
    wanted = _words(q)
    return [
        (code, name)
        for code, name in forces(training=training)
        if wanted and all(any(part.startswith(word) for part in _words(name)) for word in wanted)
    ]


def _words(text: str) -> list[str]:
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.findall(r"\w+", plain.lower())
