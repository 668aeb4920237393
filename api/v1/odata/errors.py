"""Errors as OData words them (JSON format 4.0, section 19), with the problem inside."""

from litestar import MediaType, Response
from msgspec import UNSET, Struct, UnsetType

from api.http import problems
from api.http.problems import Problem, Request

ROOT = "/odata/v4"
VERSION = {"OData-Version": "4.0"}


class ODataError(Struct, frozen=True):
    """An error: the slug of its problem type, what is wrong, and which option."""

    code: str
    message: str
    target: str | UnsetType
    innererror: Problem


class ODataErrorBody(Struct, frozen=True):
    """The body of an error response."""

    error: ODataError


def is_asked(path: str) -> bool:
    """Return whether a path is one of OData."""
    return f"{path}/".startswith(f"{ROOT}/")


def answer(request: Request, error: Exception) -> Response[ODataErrorBody]:
    """Return the response to any error."""
    response = problems.answer(request, error)
    problem = response.content
    wrong = problem.errors[0] if problem.errors else None
    code = problem.type.rpartition("/")[2]
    body = ODataError(code, problem.detail, (wrong and wrong.parameter) or UNSET, problem)
    return Response(
        ODataErrorBody(body),
        status_code=response.status_code,
        media_type=MediaType.JSON,
        headers={**response.headers, **VERSION},
    )
