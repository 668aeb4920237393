"""HTML form bodies, URL-encoded or multipart, with unique fields and files as bytes."""

from typing import Literal, TypeAlias
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
"""The most bytes that are kept of the files of one form."""
FILES_READ_MAX = 100
"""The most files that a form is read with; those beyond `FILES_MAX` are refused by name."""
FORM_READ_BYTES_MAX = 67_108_864
"""The largest form with files that is read, 64 MiB: the `request_max_body_size` of its route.

More than is kept, so that a form says which files are too large, and loses nothing else.
"""
FORM = "form"
"""The form of a request, in the state of its scope."""

Limit: TypeAlias = Literal["count", "size", "total"]
"""The limits of a file: how many, how large each, how large together."""


class SentFile(Struct, frozen=True):
    """A file of a form: its bytes, and its name as it was sent; its media type is ignored.

    A file beyond a limit has no bytes, and `over` says which limit.
    """

    content: bytes
    name: str | None = None
    over: Limit | None = None


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
    """Return the fields and files of a form, read once; an empty form for other content types.

    Repeated fields and empty file inputs are left out. The bytes of files beyond a limit are read
    and dropped, so that the rest of the form is not lost. Raises ProblemError if the form is
    malformed, or larger than its route takes.
    """
    state = request.scope["state"]
    if FORM not in state:
        state[FORM] = await _read(request)
    form: Form = state[FORM]
    return form


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, as `form_of` does."""
    return (await form_of(request)).fields


async def _read(request: Request) -> Form:
    kind, parameters = request.content_type
    try:
        if kind == URLENCODED:
            return Form(_fields(await body_of(request)))
        if kind == MULTIPART:
            return await _parts(request, parameters.get("boundary", ""))
    except ParserLimitReached:
        raise ProblemError(
            "too-large", "The form has too many parts, or a part is too large."
        ) from None
    except (MultipartError, ValueError, LookupError):
        raise ProblemError(
            "malformed", "The body is not a well-formed form, or it has too many fields."
        ) from None
    return Form({})


def _fields(body: bytes) -> dict[str, str]:
    fields = parse_qs(body.decode(), max_num_fields=FIELDS_MAX, strict_parsing=bool(body))
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


async def _parts(request: Request, boundary: str) -> Form:
    parts = _Parts()
    with PushMultipartParser(
        boundary,
        max_segment_count=FIELDS_MAX + FILES_READ_MAX,
        max_segment_size=FORM_READ_BYTES_MAX,
        strict=True,
    ) as parser:
        try:
            async for chunk in request.stream():
                for event in parser.parse(chunk) if chunk else ():
                    parts.take(event)
        except InternalServerException:  # Litestar raises this when the client disconnects
            raise ValueError from None
    return Form(
        {name: values[0] for name, values in parts.fields.items() if len(values) == 1},
        tuple(parts.files),
    )


class _Parts:
    """The parts of a multipart form as they arrive; no more of files is kept than the limits."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}
        self.files: list[SentFile] = []
        self._segment: MultipartSegment | None = None
        self._content = bytearray()
        self._over: Limit | None = None
        self._kept = 0

    def take(self, event: MultipartSegment | bytearray | bytes | None) -> None:
        """Take the next event of the parser: a part's head, some of its bytes, or its end."""
        if isinstance(event, MultipartSegment):
            self._segment, self._content, self._over = event, bytearray(), None
        elif event is None:
            self._end()
        elif self._over is None:
            self._content += event
            self._check()

    def _check(self) -> None:
        """Drop the bytes of a file beyond a limit. Raises ParserLimitReached for a field."""
        assert self._segment is not None  # noqa: S101  the parser gives a head first
        if self._segment.filename is None:
            if len(self._content) > BODY_BYTES_MAX:
                raise ParserLimitReached
        elif sum(file.over is None for file in self.files) >= FILES_MAX:
            self._over = "count"
        elif len(self._content) > DOCUMENT_BYTES_MAX:
            self._over = "size"
        elif self._kept + len(self._content) > FILES_FORM_BYTES_MAX:
            self._over = "total"
        if self._over:
            self._content.clear()

    def _end(self) -> None:
        segment = self._segment
        if segment is None:
            return
        if segment.filename is None:
            self.fields.setdefault(segment.name or "", []).append(self._content.decode())
            if sum(map(len, self.fields.values())) > FIELDS_MAX:
                raise ParserLimitReached
        elif segment.filename or self._content:
            self._kept += len(self._content)
            self.files.append(SentFile(bytes(self._content), segment.filename or None, self._over))
            if len(self.files) > FILES_READ_MAX:
                raise ParserLimitReached
