"""The JSON body and the precondition headers of a write request."""

import json
import re
from collections import Counter
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.ledger.append import Key
from api.http.conditional import expected_step
from api.http.forms import body_of
from api.http.problems import ProblemError, Request, invalid, request_id
from api.request.authentication import current_actor

_KEY = re.compile(r"[\x20-\x7e]{1,200}")
_PLACE = re.compile(r"\.(\w+)|\[(\d+)\]")


class WriteHeaders(Struct, frozen=True):
    """Preconditions of a command: the expected step and the idempotency key."""

    expected_step: int | None
    key: Key | None
    metadata: dict[str, str]


async def payload(request: Request) -> object:
    """Return the body, decoded as the handler's `payload` parameter is annotated.

    Provides the dependency `payload`. Raises ProblemError if the body is not valid JSON in UTF-8
    of that type.
    """
    kind, parameters = request.content_type
    charset = parameters.get("charset", "utf-8").lower()
    if (kind, charset) != ("application/json", "utf-8"):
        raise ProblemError("unsupported-media-type")
    handler = request.route_handler
    return _decode(handler.parsed_fn_signature.parameters["payload"].raw, await body_of(request))


async def write_headers(request: Request, payload: NamedDependency[object]) -> WriteHeaders:  # noqa: ARG001
    """Return If-Match, Idempotency-Key and the request id.

    Provides the dependency `write_headers`. Depends on `payload` only for the order, since Litestar
    would run independent dependencies in tasks of their own. Raises ProblemError ("invalid") if a
    header is malformed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise invalid(
            "A key must be 1 to 200 printable ASCII characters.", parameter="Idempotency-Key"
        )
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
        value = _decoder(kind).decode(body)
        _ONCE.decode(body.decode())
    except msgspec.ValidationError as error:
        detail, _, place = str(error).partition(" - at `$")
        pointer = "".join(f"/{name or number}" for name, number in _PLACE.findall(place))
        raise invalid(detail, pointer=pointer) from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ProblemError("malformed", f"The body is not JSON: {error}.") from None
    return value


def _check_names(pairs: list[tuple[str, Any]]) -> None:
    """Raise ProblemError ("malformed") if an object has a name twice (RFC 8259, section 4).

    Readers differ on which of the values counts; msgspec takes the last without a word.
    """
    names = Counter(name for name, _ in pairs)
    if len(names) < len(pairs):
        name = json.dumps(names.most_common(1)[0][0])
        raise ProblemError("malformed", f"An object of the body has a name twice: {name}.")


_ONCE = json.JSONDecoder(object_pairs_hook=_check_names, parse_int=str, parse_float=str)
"""Reads a body that msgspec has accepted once more, for its names alone."""
