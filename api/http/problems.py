"""Every error is answered in one way: a problem of RFC 9457, of one of the kinds in `kinds`."""

from collections.abc import Iterable, Mapping
from traceback import format_exception
from typing import TypeAlias

import litestar
import structlog
from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException, MethodNotAllowedException
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from adapters.ledger.submit import KeyReused, RetriesExhausted
from adapters.postgres.batcher import Busy
from adapters.postgres.errors import unreachable
from api.entry_view import ShownEntry
from api.http.problem_types import PROBLEM_TYPES
from api.http.refusal_log import Refusals
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Forbidden, NotFound, Refused

PROBLEM_JSON = "application/problem+json"

Request: TypeAlias = litestar.Request[Actor, str, State]

REFUSALS = frozenset({"cross-site", "forbidden", "invalid-token", "token-in-address"})
"""The kinds of problems that the log tells of as refusals of access."""
_refusals = Refusals()

log = structlog.get_logger()


class Wrong(Struct, frozen=True, omit_defaults=True):
    """What is wrong with one part of a request: a place in its body, or a named parameter."""

    detail: str
    pointer: str | None = None
    """A JSON Pointer (RFC 6901) into the body."""
    parameter: str | None = None
    """The name of a query parameter or of a header."""


class Problem(Struct, frozen=True, kw_only=True):
    """An answer that says what went wrong; `reference` finds it in the service's log."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    reference: str
    errors: tuple[Wrong, ...] | UnsetType = UNSET
    since: tuple[ShownEntry, ...] | UnsetType = UNSET
    """What happened after the step that was expected, notes only as commitments."""


_OF_STATUS: Mapping[int, str] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}
_OF_ERROR: Mapping[type[Exception], str] = {
    Refused: "refused",
    NotFound: "not-found",
    Forbidden: "forbidden",
    KeyReused: "key-reused",
    RetriesExhausted: "overtaken",
    Busy: "busy",
}


class ProblemError(Exception):
    """Answers the request with a problem of a kind; without a detail, with its meaning."""

    def __init__(
        self,
        slug: str,
        detail: str = "",
        *,
        errors: tuple[Wrong, ...] | UnsetType = UNSET,
        since: tuple[ShownEntry, ...] | UnsetType = UNSET,
        retry_after: int | None = None,
    ) -> None:
        self.kind = PROBLEM_TYPES[slug]
        super().__init__(detail or self.kind.meaning)
        self.headers = dict(self.kind.headers)
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        self.errors, self.since = errors, since


def wrong(detail: str, *, pointer: str | None = None, parameter: str | None = None) -> ProblemError:
    """One thing that is wrong with the form of a request."""
    place = f"{parameter}: " if parameter else ""
    return ProblemError("invalid", f"{place}{detail}", errors=(Wrong(detail, pointer, parameter),))


def problem(request: Request, trouble: ProblemError) -> Problem:
    """What is said about a trouble of a request."""
    return Problem(
        type=f"/problems/{trouble.kind.slug}",
        title=trouble.kind.title,
        status=trouble.kind.status,
        detail=str(trouble),
        instance=request.scope["raw_path"].decode("latin-1"),
        reference=request_id(request),
        errors=trouble.errors,
        since=trouble.since,
    )


def answer(request: Request, error: Exception) -> Response[Problem]:
    """Answer any error with a problem."""
    trouble = _problem_error(error)
    if trouble.kind.slug in REFUSALS:
        scope = request.scope
        path, role = scope["path_template"] or "unmatched", str(scope["state"]["actor"].role)
        _refusals.note(trouble.kind.slug, path, role)
    headers = dict(trouble.headers)
    if isinstance(error, MethodNotAllowedException) and error.headers:
        headers["Allow"] = allow(error.headers["allow"].split(", "))
    return Response(
        problem(request, trouble),
        status_code=trouble.kind.status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def allow(methods: Iterable[str]) -> str:
    """The Allow header of an address with some methods: whatever takes GET takes HEAD too."""
    taken = set(methods)
    return ", ".join(sorted(taken | {"HEAD"} if "GET" in taken else taken))


def request_id(request: Request) -> str:
    """The name under which the log speaks of a request."""
    return str(request.scope["state"]["request_id"])


def _problem_error(error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if slug := _OF_ERROR.get(type(error)):
        return ProblemError(slug, str(error))
    if isinstance(error, HTTPException) and (slug := _OF_STATUS.get(error.status_code)):
        return ProblemError(slug)
    if isinstance(error, ClientException):
        return ProblemError("invalid", error.detail)
    if unreachable(error):
        log.warning("database_unreachable", error=type(error).__name__)
        return ProblemError("unavailable")
    # Formatted here, without the values of variables, among which are tokens and notes.
    log.error("request_failed", exception="".join(format_exception(error)))
    return ProblemError("fault")


class Explained(Struct, frozen=True):
    """What a kind of problem means."""

    type: str
    title: str
    status: int
    meaning: str


@get("/problems/{slug:str}", opt={"public": True}, sync_to_thread=False)
def explain(slug: FromPath[str]) -> Explained:
    """What a kind of problem means."""
    if slug not in PROBLEM_TYPES:
        raise NotFound("There is no such kind of problem.")
    kind = PROBLEM_TYPES[slug]
    return Explained(f"/problems/{slug}", kind.title, kind.status, kind.meaning)
