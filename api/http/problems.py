"""Error responses: problem details (RFC 9457), each of a type in `problem_types`."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import litestar
import structlog
from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException, MethodNotAllowedException
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from adapters.batcher import Busy
from adapters.ledger.codec import UnreadableEntry
from adapters.ledger.lineage import ClockWrong, CopyUnconfirmed
from adapters.ledger.submission import KeyReused, RetriesExhausted
from adapters.postgres.errors import is_transient
from adapters.telemetry.metrics import PROBLEMS
from api.entry_view import ShownEntry
from api.http.problem_types import PROBLEM_TYPES
from api.http.refusal_log import Faults, Refusals
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Forbidden, NotFound, Refused, RuleError, TooEarly

PROBLEM_JSON = "application/problem+json"

Request: TypeAlias = litestar.Request[Actor, str, State]

REFUSALS = frozenset({"cross-site", "forbidden", "invalid-token", "token-in-address"})
"""Slugs of the problems that are logged as refused access."""
_refusals = Refusals()
_faults = Faults()

log = structlog.get_logger()


class Wrong(Struct, frozen=True, omit_defaults=True):
    """An error in one part of a request: a place in its body, or a named parameter."""

    detail: str
    pointer: str | None = None
    """A JSON Pointer (RFC 6901) into the body."""
    parameter: str | None = None
    """The name of a query parameter or of a header."""


class Problem(Struct, frozen=True, kw_only=True):
    """Problem details of an error response; `reference` is its request id in the service's log."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    reference: str
    errors: tuple[Wrong, ...] | UnsetType = UNSET
    since: tuple[ShownEntry, ...] | UnsetType = UNSET
    """The entries recorded after the expected step, with notes only as commitments."""


_OF_STATUS: Mapping[int, str] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}
_OF_ERROR: Mapping[type[Exception], str] = {
    Refused: "refused",
    TooEarly: "refused",
    NotFound: "not-found",
    Forbidden: "forbidden",
    KeyReused: "key-reused",
    RetriesExhausted: "overtaken",
    ClockWrong: "clock-wrong",
    CopyUnconfirmed: "restored",
    UnreadableEntry: "unreadable-entry",
    Busy: "busy",
}


class ProblemError(Exception):
    """Answers the request with a problem; the detail defaults to the meaning of its type."""

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


def invalid(
    detail: str, *, pointer: str | None = None, parameter: str | None = None
) -> ProblemError:
    """Return the error for one invalid part of a request."""
    place = f"{parameter}: " if parameter else ""
    return ProblemError("invalid", f"{place}{detail}", errors=(Wrong(detail, pointer, parameter),))


def problem(request: Request, error: ProblemError) -> Problem:
    """Return the problem details of an error, and count it."""
    PROBLEMS.labels(error.kind.slug).inc()
    return Problem(
        type=f"/problems/{error.kind.slug}",
        title=error.kind.title,
        status=error.kind.status,
        detail=str(error),
        instance=request.scope["raw_path"].decode("latin-1"),
        reference=request_id(request),
        errors=error.errors,
        since=error.since,
    )


def answer(request: Request, error: Exception) -> Response[Problem]:
    """Return the problem response to any error, and log refused access."""
    problem_error = _problem_error(error)
    if problem_error.kind.slug in REFUSALS:
        scope = request.scope
        path, role = scope["path_template"] or "unmatched", str(scope["state"]["actor"].role)
        _refusals.note(problem_error.kind.slug, path, role)
    headers = dict(problem_error.headers)
    if isinstance(error, MethodNotAllowedException) and error.headers:
        headers["Allow"] = allow(error.headers["allow"].split(", "))
    return Response(
        problem(request, problem_error),
        status_code=problem_error.kind.status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def allow(methods: Iterable[str]) -> str:
    """Return the Allow header of a path with these methods; GET implies HEAD."""
    allowed = set(methods)
    return ", ".join(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed))


def request_id(request: Request) -> str:
    """Return the id of a request in the log."""
    return str(request.scope["state"]["request_id"])


def _problem_error(error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if slug := _OF_ERROR.get(type(error)):
        place = error.place if isinstance(error, RuleError) else ""
        errors = (Wrong(str(error), place),) if place else UNSET
        return ProblemError(slug, str(error), errors=errors)
    if isinstance(error, HTTPException) and (slug := _OF_STATUS.get(error.status_code)):
        return ProblemError(slug)
    if isinstance(error, ClientException):
        return ProblemError("invalid", error.detail)
    if is_transient(error):
        log.warning("database_unreachable", error=type(error.__cause__ or error).__name__)
        return ProblemError("unavailable")
    _faults.note(error)
    return ProblemError("fault")


class Explained(Struct, frozen=True):
    """Explanation of a problem type."""

    type: str
    title: str
    status: int
    meaning: str


@get("/problems/{slug:str}", opt={"public": True}, sync_to_thread=False)
def explain(slug: FromPath[str]) -> Explained:
    """Explain a problem type."""
    if slug not in PROBLEM_TYPES:
        raise NotFound("There is no problem type of this name.")
    kind = PROBLEM_TYPES[slug]
    return Explained(f"/problems/{slug}", kind.title, kind.status, kind.meaning)
