"""Documents of a recommendation: sent with its plan or a claim, read by readers of its history.

The type of a document is detected from its bytes. It is named by its SHA-256 and is answered as a
file to save, never to be displayed.
"""

import asyncio
import math
import re
from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

import structlog
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct
from msgspec.structs import replace

from adapters.documents import store
from adapters.documents.errors import UnsupportedDocument
from adapters.documents.file_names import clean_name
from adapters.documents.media_types import ACCEPTED_TYPES, TYPES, detect_media
from adapters.documents.scanner import Infected, Scanner, Unscanned
from adapters.documents.store import (
    DOCUMENT_BYTES_A_DAY_MAX,
    DOCUMENT_BYTES_MAX,
    Document,
    Stored,
)
from api.http.forms import SentFile, body_of
from api.http.moment import moment, today
from api.http.problems import ProblemError, Request, invalid
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.readings import record_history_read
from api.request.services import services
from api.v1.record.content_disposition import attachment, sent_name
from api.v1.record.recommendations import history_of
from domain.access.permissions import (
    ReadPermission,
    Verdict,
    can_read,
    may,
    may_read,
    require,
)
from domain.commands.recommendation import ClaimCompletion, ReceiveActionPlan
from domain.history import addressee_of
from domain.vocabulary.dates import first_moment, last_moment
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Sha256

PART_BYTES = 262_144
"""The bytes of a document that are held in memory while it is sent."""
ANY_BYTES = "application/octet-stream"
POLICY = "sandbox; default-src 'none'"
"""Besides the policy of every response: a document opened all the same has no rights here."""
SHOWN_NAME_MAX = 80
"""How much of the name of a refused file is said, in characters."""
_NAME = re.compile(r"[0-9a-f]{64}")

log = structlog.get_logger()


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

    The body is the document itself. Its type is detected from its content, and it is identified by
    its SHA-256. The first file name that it is sent with stays; only readers are told it. A
    document that was removed from the recommendation is refused.
    """
    await require_uploader(request, stream)
    if request.content_type[0] not in {ANY_BYTES, *TYPES}:
        raise ProblemError("unsupported-document")
    name = _sent_name(request)
    file = SentFile(await body_of(request), name)
    ((document, is_new),) = await attach(request, stream, [file])
    if not is_new and not can_read(current_actor(request), ReadPermission.HISTORY):
        document = replace(document, name=None)
    path = f"/v1/recommendations/{stream}/documents/{document.sha256}"
    return Response(document, status_code=201 if is_new else 200, headers={"Location": path})


@get(
    "/v1/recommendations/{stream:uuid}/documents",
    opt={"sight": ReadPermission.HISTORY},
)
async def list_documents(request: Request, stream: FromPath[UUID]) -> Documents:
    """List every document of a recommendation, whether a claim names it or not.

    A document that was removed is listed without its size and name.
    """
    await _check_reader(request, stream)
    return Documents(stream, await services(request).async_ledger.run(store.listing(stream)))


@get(
    "/v1/recommendations/{stream:uuid}/documents/{sha256:str}",
    opt={"sight": ReadPermission.HISTORY, "raw": True},
)
async def download_document(
    request: Request, stream: FromPath[UUID], sha256: FromPath[str]
) -> Stream:
    """Return one document, as a file to save; 410 once it was removed."""
    await _check_reader(request, stream)
    run = services(request).async_ledger.run
    document = await run(store.find(stream, sha256)) if _NAME.fullmatch(sha256) else None
    if document is None:
        raise NotFound("There is no such document.")
    if document.size is None:
        raise ProblemError("removed")
    size = document.size

    async def parts() -> AsyncGenerator[bytes]:
        for first in range(0, size, PART_BYTES):
            yield await run(store.read_part(stream, sha256, first, PART_BYTES))

    return Stream(
        parts(),
        media_type=document.media_type,
        headers={
            "Content-Length": str(size),
            "Content-Disposition": attachment(document.file_name),
            "Content-Security-Policy": POLICY,
            "ETag": f'"{sha256}"',
        },
    )


async def stored_documents(request: Request, stream: UUID) -> tuple[Stored, ...]:
    """Return every document of a recommendation, for an actor who may read its history.

    An auditor's reading is recorded if there are any.
    """
    documents = await services(request).async_ledger.run(store.listing(stream))
    if documents:
        await record_history_read(request, stream)
    return documents


async def require_uploader(request: Request, stream: UUID) -> None:
    """Raise NotFound or Forbidden unless the actor may claim completion or record a plan."""
    actor, addressee = current_actor(request), addressee_of(await history_of(request, stream))
    if may(actor, ReceiveActionPlan, addressee) is not Verdict.ALLOWED:
        require(actor, ClaimCompletion, addressee)


async def attach(
    request: Request, stream: UUID, files: Sequence[SentFile]
) -> list[tuple[Document, bool]]:
    """Store documents of a recommendation; return each as it is stored, and whether it is new.

    Call `require_uploader` first. All are checked before any is stored. Raises ProblemError, and
    Refused if there are too many, or one was removed.
    """
    opened, actor = services(request), current_actor(request).id
    await _spend(request, len(files), sum(len(file.content) for file in files))

    def put(content: bytes, document: Document) -> tuple[Document, bool]:
        return opened.ledger.rows.run(store.put(stream, document, content, actor, moment()))

    # In threads: reading, hashing and sending ten megabytes would hold up the event loop.
    described = [await asyncio.to_thread(_checked, file, opened.scanner) for file in files]
    return [
        await asyncio.to_thread(put, file.content, document)
        for file, document in zip(files, described, strict=True)
    ]


async def share(request: Request, streams: Sequence[UUID], names: Sequence[Sha256]) -> None:
    """Store documents of one of some recommendations at the others too.

    The actor may give a command that names documents about each. A document that none of them has
    is left to the command's own check. Raises as `attach`.
    """
    opened, actor = services(request), current_actor(request).id
    run = opened.async_ledger.run
    pairs = [(stream, name) for name in dict.fromkeys(names) for stream in streams]
    stored = await run(store.existing(pairs))
    for name in dict.fromkeys(names):
        holders = [stream for stream in streams if (stream, name) in stored]
        others = [stream for stream in streams if (stream, name) not in stored]
        document = await run(store.find(holders[0], name)) if holders and others else None
        if document is None or document.size is None:
            continue
        await _spend(request, len(others), document.size * len(others))
        parts = [
            await run(store.read_part(holders[0], name, first, PART_BYTES))
            for first in range(0, document.size, PART_BYTES)
        ]
        copy = Document(name, document.media_type, document.size, document.name)
        for stream in others:
            put = store.put(stream, copy, b"".join(parts), actor, moment())
            await asyncio.to_thread(opened.ledger.rows.run, put)


async def _spend(request: Request, documents: int, size: int) -> None:
    """Count documents as commands, and their bytes against those of the day.

    The bytes of several requests at the same time may go beyond that by as much as those hold.
    Raises ProblemError ("too-many", 429) if the actor has sent too many.
    """
    spend(request, documents)
    stored = store.bytes_of(current_actor(request).id, first_moment(today()))
    stored_bytes = await services(request).async_ledger.run(stored)
    if stored_bytes + size > DOCUMENT_BYTES_A_DAY_MAX:
        wait = (last_moment(today()) - moment()).total_seconds()
        limit = DOCUMENT_BYTES_A_DAY_MAX // 2**20
        raise ProblemError(
            "too-many",
            f"You can send {limit} MiB of documents in a day. Send the others tomorrow.",
            retry_after=math.ceil(wait) + 1,
        )


def _sent_name(request: Request) -> str | None:
    """Return the file name in Content-Disposition; raises ProblemError if it has none."""
    header = request.headers.get("Content-Disposition")
    if header is None:
        return None
    name = sent_name(header)
    if name is None:
        raise invalid(
            "Send the name as attachment; filename=\"audit.pdf\", or as filename*=UTF-8''… "
            "(RFC 6266).",
            parameter="Content-Disposition",
        )
    return name


def _checked(file: SentFile, scanner: Scanner | None) -> Document:
    """Return the description of a document of an accepted type in which the scanner finds nothing.

    Raises ProblemError, which says which file it is about if that has a name.
    """
    shown = clean_name(file.name or "")[:SHOWN_NAME_MAX]
    which = f"{shown}: " if shown else ""
    try:
        media = detect_media(file.content)
        if scanner is not None:
            scanner.scan(file.content)
    except UnsupportedDocument as error:
        raise ProblemError(
            "unsupported-document", f"{which}{error} Accepted types: {ACCEPTED_TYPES}."
        ) from None
    except Infected as infected:
        log.warning("document_infected", signature=infected.signature)
        raise ProblemError("infected", f"{which}{infected} It was not kept.") from None
    except Unscanned as error:
        log.warning("document_unscanned", reason=str(error))
        raise ProblemError(
            "unscanned", f"{which}Documents are scanned first. {error} It was not kept."
        ) from None
    return store.describe(file.content, media, file.name)


async def _check_reader(request: Request, stream: UUID) -> None:
    """Raise NotFound unless the actor may read the history; record an auditor's reading."""
    history, actor = await history_of(request, stream), current_actor(request)
    if not may_read(actor, ReadPermission.HISTORY, addressee_of(history)):
        raise NotFound("There is no such recommendation.")
    await record_history_read(request, stream)
