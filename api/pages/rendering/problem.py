"""An error for who reads pages: in the same words as for programs, in the language of the pages.

What is said about one case only has no translation, and stays as the rules say it.
"""

from litestar import Response

from api.http import problems
from api.http.problems import PROBLEM_JSON, Problem, Request
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page

OF_PROGRAMS = ("/v1", "/health", "/problems")


def answer(request: Request, error: Exception) -> Response[Problem] | Response[bytes]:
    """Answer any error: a page to a browser, and a problem to everybody else."""
    told = problems.answer(request, error)
    if not _is_for_people(request):
        return told
    return page(
        request,
        "pages/problem.html",
        status=told.status_code or 500,
        headers=told.headers,
        title=_(told.content.title),
        problem=told.content,
        detail=_(told.content.detail),
    )


def _is_for_people(request: Request) -> bool:
    path = request.scope["path"]
    if any(path == one or path.startswith(f"{one}/") for one in OF_PROGRAMS):
        return False
    return request.accept.best_match([PROBLEM_JSON, "application/json", "text/html"]) == "text/html"
