"""Documents of a recommendation: sent by its force, read by readers of its history.

The type of a document is detected from its bytes. It is named by its SHA-256 and is answered as a
file to save, never to be displayed.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from adapters.documents import store
from adapters.documents.media_types import ACCEPTED_TYPES, TYPES, UnsupportedDocument, detect_media
from adapters.documents.store import DOCUMENT_BYTES_MAX, Document, Stored
from api.http.forms import body_of
from api.http.moment import moment
from api.http.problems import ProblemError, Request
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record.recommendations import history_of
from domain.access.permissions import ReadPermission, may_read, require
from domain.commands.recommendation import ClaimCompletion
from domain.history import addressee_of
from domain.vocabulary.errors import NotFound

PART_BYTES = 262_144
"""The bytes of a document that are held in memory while it is sent."""
ANY_BYTES = "application/octet-stream"
POLICY = "sandbox; default-src 'none'"
"""Besides the policy of every response: a document opened all the same has no rights here."""
_NAME = re.compile(r"[0-9a-f]{64}")


class Documents(Struct, frozen=True):
    """Every document of a recommendation, in order of arrival."""

    id: UUID
    items: tuple[Stored, ...]


@post(
    "/v1/recommendations/{stream:uuid}/documents",
    opt={"raw": True},
    request_max_body_size=DOCUMENT_BYTES_MAX,
)
async def upload_document(request: Request, stream: FromPath[UUID]) -> Response[Document]:
    """Store a document of a recommendation; the same bytes again are the same document.

    The body is the document itself. Its type is detected from its content; its name is its SHA-256.
    """
    await require_uploader(request, stream)
    if request.content_type[0] not in {ANY_BYTES, *TYPES}:
        raise ProblemError("unsupported-document")
    ((document, is_new),) = await attach(request, stream, [await body_of(request)])
    path = f"/v1/recommendations/{stream}/documents/{document.sha256}"
    return Response(document, status_code=201 if is_new else 200, headers={"Location": path})


@get(
    "/v1/recommendations/{stream:uuid}/documents",
    opt={"sight": ReadPermission.HISTORY},
)
async def list_documents(request: Request, stream: FromPath[UUID]) -> Documents:
    """List every document of a recommendation, whether a claim names it or not."""
    await _check_reader(request, stream)
    return Documents(stream, await services(request).async_ledger.run(store.listing(stream)))


@get(
    "/v1/recommendations/{stream:uuid}/documents/{sha256:str}",
    opt={"sight": ReadPermission.HISTORY, "raw": True},
)
async def download_document(
    request: Request, stream: FromPath[UUID], sha256: FromPath[str]
) -> Stream:
    """Return one document, as a file to save."""
    await _check_reader(request, stream)
    run = services(request).async_ledger.run
    document = await run(store.find(stream, sha256)) if _NAME.fullmatch(sha256) else None
    if document is None:
        raise NotFound("There is no such document.")

    async def parts() -> AsyncGenerator[bytes]:
        for first in range(0, document.size, PART_BYTES):
            yield await run(store.read_part(stream, sha256, first, PART_BYTES))

    return Stream(
        parts(),
        media_type=document.media_type,
        headers={
            "Content-Length": str(document.size),
            "Content-Disposition": f'attachment; filename="{file_name(document)}"',
            "Content-Security-Policy": POLICY,
            "ETag": f'"{sha256}"',
        },
    )


def file_name(document: Document) -> str:
    """The file name for saving a document; it carries no name chosen by a user."""
    return f"evidence-{document.sha256[:12]}.{TYPES[document.media_type].extension}"


async def require_uploader(request: Request, stream: UUID) -> None:
    """Raise NotFound or Forbidden unless the actor may claim the recommendation's completion."""
    history = await history_of(request, stream)
    require(current_actor(request), ClaimCompletion, addressee_of(history))


async def attach(
    request: Request, stream: UUID, contents: Sequence[bytes]
) -> list[tuple[Document, bool]]:
    """Store documents of a recommendation; return each, and whether it is new.

    Call `require_uploader` first. The types of all are detected before any is stored. Raises
    ProblemError, and Refused if there are too many.
    """
    opened, actor = services(request), current_actor(request).id

    def put(content: bytes, document: Document) -> bool:
        return opened.ledger.rows.run(store.put(stream, document, content, actor, moment()))

    # In threads: reading, hashing and sending ten megabytes would hold up the event loop.
    described = [await asyncio.to_thread(_described, content) for content in contents]
    return [
        (document, await asyncio.to_thread(put, content, document))
        for content, document in zip(contents, described, strict=True)
    ]


def _described(content: bytes) -> Document:
    try:
        return store.describe(content, detect_media(content))
    except UnsupportedDocument as error:
        raise ProblemError(
            "unsupported-document", f"{error} Accepted types: {ACCEPTED_TYPES}."
        ) from None


async def _check_reader(request: Request, stream: UUID) -> None:
    """Raise NotFound unless the actor may read the history; record an auditor's reading."""
    history, actor = await history_of(request, stream), current_actor(request)
    if not may_read(actor, ReadPermission.HISTORY, addressee_of(history)):
        raise NotFound("There is no such recommendation.")
    await asyncio.to_thread(
        services(request).readings.record_history_read, actor, stream, None, None
    )
