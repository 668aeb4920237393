"""Every error is answered in one way: a problem of RFC 9457, of one of the kinds in `kinds`."""

from collections.abc import Iterable, Mapping
from traceback import format_exception
from typing import TypeAlias

import structlog
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException, MethodNotAllowedException
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from adapters.ledger.submit import KeyReused, Overtaken
from adapters.postgres.batcher import Busy
from adapters.postgres.errors import unreachable
from api.entry_view import ShownEntry
from api.http.problem_types import KINDS
from api.http.refusal_log import Refusals
from domain.vocabulary.actors import Who
from domain.vocabulary.errors import Absent, Forbidden, Refused

PROBLEM_JSON = "application/problem+json"

Asker: TypeAlias = Request[Who, str, State]

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
    Absent: "not-found",
    Forbidden: "forbidden",
    KeyReused: "key-reused",
    Overtaken: "overtaken",
    Busy: "busy",
}


class Trouble(Exception):  # noqa: N818  what it says depends on its kind
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
        self.kind = KINDS[slug]
        super().__init__(detail or self.kind.meaning)
        self.headers = dict(self.kind.headers)
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        self.errors, self.since = errors, since


def wrong(detail: str, *, pointer: str | None = None, parameter: str | None = None) -> Trouble:
    """One thing that is wrong with the form of a request."""
    place = f"{parameter}: " if parameter else ""
    return Trouble("invalid", f"{place}{detail}", errors=(Wrong(detail, pointer, parameter),))


def problem(request: Asker, trouble: Trouble) -> Problem:
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


def answer(request: Asker, error: Exception) -> Response[Problem]:
    """Answer any error with a problem."""
    trouble = _trouble(error)
    if trouble.kind.slug in REFUSALS:
        scope = request.scope
        path, role = scope["path_template"] or "unmatched", str(scope["state"]["who"].role)
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


def request_id(request: Asker) -> str:
    """The name under which the log speaks of a request."""
    return str(request.scope["state"]["request_id"])


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, Trouble):
        return error
    if slug := _OF_ERROR.get(type(error)):
        return Trouble(slug, str(error))
    if isinstance(error, HTTPException) and (slug := _OF_STATUS.get(error.status_code)):
        return Trouble(slug)
    if isinstance(error, ClientException):
        return Trouble("invalid", error.detail)
    if unreachable(error):
        log.warning("database_unreachable", error=type(error).__name__)
        return Trouble("unavailable")
    # Formatted here, without the values of variables, among which are tokens and notes.
    log.error("request_failed", exception="".join(format_exception(error)))
    return Trouble("fault")


class Explained(Struct, frozen=True):
    """What a kind of problem means."""

    type: str
    title: str
    status: int
    meaning: str


@get("/problems/{slug:str}", opt={"public": True}, sync_to_thread=False)
def explain(slug: FromPath[str]) -> Explained:
    """What a kind of problem means."""
    if slug not in KINDS:
        raise Absent("There is no such kind of problem.")
    kind = KINDS[slug]
    return Explained(f"/problems/{slug}", kind.title, kind.status, kind.meaning)
