"""Error pages: the same words that programs get, in the language of the pages.

The detail of a single case has no translation, and stays as the rules word it.
"""

from litestar import Response

from api.http import problems
from api.http.problems import PROBLEM_JSON, Problem, Request
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page

OF_PROGRAMS = ("/v1", "/health", "/problems")


def answer(request: Request, error: Exception) -> Response[Problem] | Response[bytes]:
    """Answer an error: a page for browsers, a problem (RFC 9457) for other clients."""
    response = problems.answer(request, error)
    if not _is_for_people(request):
        return response
    return page(
        request,
        "pages/problem.html",
        status=response.status_code or 500,
        headers=response.headers,
        title=_(response.content.title),
        problem=response.content,
        detail=_(response.content.detail),
    )


def _is_for_people(request: Request) -> bool:
    path = request.scope["path"]
    if any(path == prefix or path.startswith(f"{prefix}/") for prefix in OF_PROGRAMS):
        return False
    return request.accept.best_match([PROBLEM_JSON, "application/json", "text/html"]) == "text/html"
