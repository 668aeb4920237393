"""HTML form bodies, URL-encoded or multipart, with unique fields and files as bytes."""

from collections.abc import Iterator
from urllib.parse import parse_qs

from litestar.exceptions import InternalServerException
from msgspec import Struct
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
)

from adapters.documents.store import DOCUMENT_BYTES_MAX
from api.http.problems import ProblemError, Request

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
BODY_BYTES_MAX = 1_048_576
"""The largest body of a route that sets no limit of its own."""
FIELDS_MAX = 1_000
"""Enough for a report with all its recommendations, or for a list of plans to review."""
FILES_MAX = 10
"""The most files of one form."""
FILES_FORM_BYTES_MAX = 2 * DOCUMENT_BYTES_MAX + 65_536
"""The largest form with files: the `request_max_body_size` of a route that accepts them."""


class SentFile(Struct, frozen=True):
    """A file of a form: its bytes, and its name as it was sent; its media type is ignored."""

    content: bytes
    name: str | None = None


class Form(Struct, frozen=True):
    """A submitted form."""

    fields: dict[str, str]
    files: tuple[SentFile, ...] = ()


async def body_of(request: Request) -> bytes:
    """Return the whole body, up to the limit of its route.

    Raises ProblemError ("malformed") if the client disconnects before the end.
    """
    try:
        return await request.body()
    except InternalServerException:  # Litestar raises this when the client disconnects
        raise ProblemError(
            "malformed", "The connection closed before the body was complete."
        ) from None


async def form_of(request: Request) -> Form:
    """Return the fields and files of a form; an empty form for any other content type.

    For handlers whose `request_max_body_size` is `FILES_FORM_BYTES_MAX`. Repeated fields and
    empty file inputs are left out. Raises ProblemError if the form is malformed or too large.
    """
    return await _read(request, files=True)


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form without repeated ones; none for any other content type.

    Raises ProblemError if the form is malformed or too large.
    """
    return (await _read(request, files=False)).fields


async def _read(request: Request, *, files: bool) -> Form:
    kind, parameters = request.content_type
    if kind not in {URLENCODED, MULTIPART}:
        return Form({})
    body = await body_of(request)
    try:
        if kind == URLENCODED:
            return Form(_fields(body))
        return _parts(body, parameters.get("boundary", ""), files=files)
    except ParserLimitReached:
        raise ProblemError(
            "too-large", "The form has too many parts, or a part is too large."
        ) from None
    except (MultipartError, ValueError, LookupError):
        raise ProblemError(
            "malformed", "The body is not a well-formed form, or it has too many fields."
        ) from None


def _fields(body: bytes) -> dict[str, str]:
    fields = parse_qs(body.decode(), max_num_fields=FIELDS_MAX, strict_parsing=bool(body))
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _parts(body: bytes, boundary: str, *, files: bool) -> Form:
    fields: dict[str, list[str]] = {}
    contents: list[SentFile] = []
    for segment, content in _segments(body, boundary):
        if segment.filename is None:
            fields.setdefault(segment.name or "", []).append(bytes(content).decode())
        elif files and (segment.filename or content):
            contents.append(SentFile(bytes(content), segment.filename or None))
    if sum(map(len, fields.values())) > FIELDS_MAX or len(contents) > FILES_MAX:
        raise ParserLimitReached
    return Form(
        {name: values[0] for name, values in fields.items() if len(values) == 1}, tuple(contents)
    )


def _segments(body: bytes, boundary: str) -> Iterator[tuple[MultipartSegment, bytearray]]:
    """Yield each part of a form with its bytes."""
    with PushMultipartParser(
        boundary,
        content_length=len(body),
        max_segment_count=FIELDS_MAX + FILES_MAX,
        max_segment_size=DOCUMENT_BYTES_MAX,
        strict=True,
    ) as parser:
        content = bytearray()
        segment: MultipartSegment | None = None
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                segment, content = event, bytearray()
            elif event is not None:
                content += event
            elif segment is not None:
                yield segment, content
