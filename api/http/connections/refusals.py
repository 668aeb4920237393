"""The answer to a request that is refused before it is complete."""

from collections.abc import Iterable
from http import HTTPStatus
from uuid import uuid4

import msgspec

from api.http.headers import NO_STORE, VARY
from api.http.problem_types import PROBLEM_TYPES
from api.http.problems import PROBLEM_JSON, Problem


def answer(slug: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a whole response: a problem, after which the connection is closed."""
    kind, identity = PROBLEM_TYPES[slug], uuid4().hex
    body = msgspec.json.encode(
        Problem(
            type=f"/problems/{slug}",
            title=kind.title,
            status=kind.status,
            detail=kind.meaning,
            instance="",
            reference=identity,
        )
    )
    fields = {
        **kind.headers,
        "Content-Type": PROBLEM_JSON,
        "Content-Length": str(len(body)),
        "Cache-Control": NO_STORE,
        "Vary": VARY,
        "X-Request-Id": identity,
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in headers]
    lines += [f"{name.lower()}: {value}".encode() for name, value in fields.items()]
    return b"\r\n".join([*lines, b"", body])
