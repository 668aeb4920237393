"""What a form sends, of either kind that browsers send: fields, each once, and files as bytes."""

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
"""The largest body of any route that says nothing else."""
FIELDS_MAX = 1_000
"""As many as a report with all its recommendations has, and a list of plans to review."""
FILES_MAX = 10
"""The most files of one form."""
FILES_FORM_BYTES_MAX = 2 * DOCUMENT_BYTES_MAX + 65_536
"""The largest form with files; for `request_max_body_size` of a route that takes one."""


class Sent(Struct, frozen=True):
    """What was sent; the names of files are not looked at, and neither are their types."""

    fields: dict[str, str]
    files: tuple[bytes, ...] = ()


async def body_of(request: Request) -> bytes:
    """The whole body, of as many bytes as its route takes."""
    try:
        return await request.body()
    except InternalServerException:  # Litestar's word for a sender who went away
        raise ProblemError("malformed", "The body was not sent to its end.") from None


async def uploaded(request: Request) -> Sent:
    """The fields and the files of a form; nothing if it is no form.

    For the handler of a route whose `request_max_body_size` is `FILES_FORM_BYTES_MAX`. A field
    that was sent twice is left out, and so is where a file could be chosen and none was.
    """
    return await _read(request, files=True)


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once; none if it is no form."""
    return (await _read(request, files=False)).fields


async def _read(request: Request, *, files: bool) -> Sent:
    kind, parameters = request.content_type
    if kind not in {URLENCODED, MULTIPART}:
        return Sent({})
    body = await body_of(request)
    try:
        if kind == URLENCODED:
            return Sent(_fields(body))
        return _parts(body, parameters.get("boundary", ""), files=files)
    except ParserLimitReached:
        raise ProblemError("too-large", "The form has too many parts, or too large ones.") from None
    except (MultipartError, ValueError, LookupError):
        raise ProblemError("malformed", "The body is no form, or one of too many fields.") from None


def _fields(body: bytes) -> dict[str, str]:
    fields = parse_qs(body.decode(), max_num_fields=FIELDS_MAX, strict_parsing=bool(body))
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _parts(body: bytes, boundary: str, *, files: bool) -> Sent:
    fields: dict[str, list[str]] = {}
    found: list[bytes] = []
    for segment, content in _segments(body, boundary):
        if segment.filename is None:
            fields.setdefault(segment.name or "", []).append(bytes(content).decode())
        elif files and (segment.filename or content):
            found.append(bytes(content))
    if sum(map(len, fields.values())) > FIELDS_MAX or len(found) > FILES_MAX:
        raise ParserLimitReached
    return Sent({name: sent[0] for name, sent in fields.items() if len(sent) == 1}, tuple(found))


def _segments(body: bytes, boundary: str) -> Iterator[tuple[MultipartSegment, bytearray]]:
    """Each part of a form with its bytes."""
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
