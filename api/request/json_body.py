"""What a writer sends: a body of JSON by its type, and the headers that say on what terms."""

import re
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.ledger.append import Key
from api.http.conditional import expected_step
from api.http.forms import body_of
from api.http.problems import ProblemError, Request, request_id, wrong
from api.request.authentication import current_actor

_KEY = re.compile(r"[\x20-\x7e]{1,200}")
_PLACE = re.compile(r"\.(\w+)|\[(\d+)\]")


class WriteHeaders(Struct, frozen=True):
    """On what terms a command is recorded: behind which step, once under which key."""

    expected_step: int | None
    key: Key | None
    metadata: dict[str, str]


async def payload(request: Request) -> object:
    """The dependency `payload`: the body, as the handler's annotation says."""
    kind, parameters = request.content_type
    charset = parameters.get("charset", "utf-8").lower()
    if (kind, charset) != ("application/json", "utf-8"):
        raise ProblemError("unsupported-media-type")
    handler = request.route_handler
    return _decode(handler.parsed_fn_signature.parameters["payload"].raw, await body_of(request))


async def write_headers(request: Request, payload: NamedDependency[object]) -> WriteHeaders:  # noqa: ARG001
    """The dependency `terms`: If-Match and Idempotency-Key, and under which id it is logged.

    It waits for `payload`, since Litestar makes a task of each dependency that could run beside
    another.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise wrong("A key is 1 to 200 printable ASCII characters.", parameter="Idempotency-Key")
    fingerprint = f"{request.method} {request.url.path}\n".encode() + await body_of(request)
    return WriteHeaders(
        expected_step(request.headers.get("if-match")),
        Key(current_actor(request).id, key, sha256(fingerprint).digest()) if key else None,
        {"request_id": request_id(request)},
    )


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401  a type expression
    return msgspec.json.Decoder(kind)


def _decode(kind: Any, body: bytes) -> object:  # noqa: ANN401  a type expression
    try:
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        detail, _, place = str(error).partition(" - at `$")
        pointer = "".join(f"/{name or number}" for name, number in _PLACE.findall(place))
        raise wrong(detail, pointer=pointer) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError("malformed", f"The body is not JSON: {error}.") from None
