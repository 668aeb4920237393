"""Document store: the files of a recommendation, kept beside the ledger, known by their SHA-256.

These are the queries, for threads and the event loop alike. Nothing here removes a document: the
entry that approves its removal does, in the database (0010_document_removal.sql).
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from adapters.documents.file_names import safe_name
from adapters.documents.media_types import TYPES, Media
from adapters.postgres.binary import BinaryArray, bigint, bytea, byteas, moment, text, uuid, uuids
from adapters.postgres.query import Query, QuerySteps, rows
from domain.amendments.redaction import refuse_removed_document
from domain.recommendation.decide import refuse_more_documents
from domain.vocabulary.values import ActorId, Sha256

DOCUMENT_BYTES_MAX = 10_485_760
"""The database has the same limit, in 0009_documents.sql."""
DOCUMENT_BYTES_A_DAY_MAX = 524_288_000
"""The most bytes of documents that one actor stores on one day, in London."""


class Document(Struct, frozen=True):
    """A document's description.

    `sha256` identifies it, and `name` is the safe form of its file's name, if that is known.
    """

    sha256: Sha256
    media_type: str
    size: int
    name: str | None = None


class Stored(Struct, frozen=True):
    """A document that was stored at `at`. Once it is removed it has no size and no name."""

    sha256: Sha256
    media_type: str
    size: int | None
    name: str | None
    at: datetime
    removed: bool

    @property
    def file_name(self) -> str:
        """The name to show, and to save it under: one made of its hash, if none is known."""
        return self.name or f"evidence-{self.sha256[:12]}.{TYPES[self.media_type].extension}"


def describe(content: bytes, media: Media, sent_name: str | None = None) -> Document:
    """Return the description of a document of some type, sent under some name."""
    name = safe_name(sent_name, media) if sent_name else None
    return Document(sha256(content).hexdigest(), media.media_type, len(content), name)


def put(
    stream: UUID, document: Document, content: bytes, by: ActorId, at: datetime
) -> QuerySteps[tuple[Document, bool]]:
    """Store a document of a recommendation; return it as it is stored, and whether it is new.

    Storing it again is harmless: the same bytes are stored once, and their first name stays.
    Raises Refused if the document was removed, or the recommendation has as many documents as it
    may, which the database counts under a lock.
    """
    sql: LiteralString = "SELECT documents_put($1, $2, $3, nullif($4, ''), $5, $6, $7)"
    name = bytes.fromhex(document.sha256)
    parameters = [
        *(uuid(stream), bytea(name), text(document.media_type), text(document.name or "")),
        *(bytea(content), text(by), moment(at)),
    ]
    outcome: str = (yield from rows(Query(sql, parameters)))[0][0]
    if outcome == "full":
        refuse_more_documents()
    if outcome == "removed":
        refuse_removed_document()
    if outcome == "stored":
        return document, True
    known = yield from find(stream, document.sha256)
    return replace(document, name=known.name if known else None), False


def bytes_of(by: ActorId, since: datetime) -> QuerySteps[int]:
    """Return how many bytes of documents an actor has stored since a moment."""
    sql: LiteralString = (
        "SELECT coalesce(sum(octet_length(content)), 0)::bigint FROM documents"
        " WHERE uploaded_by = $1 AND at >= $2"
    )
    return int((yield from rows(Query(sql, [text(by), moment(since)])))[0][0])


_STORED: LiteralString = (
    "SELECT encode(sha256, 'hex'), media_type, octet_length(content), name, at, content IS NULL"
    " FROM documents WHERE stream = $1"
)


def listing(stream: UUID) -> QuerySteps[tuple[Stored, ...]]:
    """Return every document of a recommendation, removed ones too, oldest first."""
    sql: LiteralString = _STORED + " ORDER BY at, sha256"
    return tuple(Stored(*row) for row in (yield from rows(Query(sql, [uuid(stream)]))))


def named(
    claimed: Collection[tuple[UUID, Sha256]],
) -> QuerySteps[dict[tuple[UUID, Sha256], Stored]]:
    """Return those of some documents, each of a recommendation, that were ever stored."""
    sql: LiteralString = (
        "SELECT stream, encode(sha256, 'hex'), media_type, octet_length(content), name, at,"
        " content IS NULL FROM unnest($1, $2) AS named (stream, sha256)"
        " JOIN documents USING (stream, sha256)"
    )
    return {
        (row[0], row[1]): Stored(*row[1:]) for row in (yield from rows(Query(sql, _pairs(claimed))))
    }


def find(stream: UUID, name: Sha256) -> QuerySteps[Stored | None]:
    """Return a document of a recommendation; None if there is none of that hash."""
    sql: LiteralString = _STORED + " AND sha256 = $2"
    parameters = [uuid(stream), bytea(bytes.fromhex(name))]
    documents = yield from rows(Query(sql, parameters))
    return Stored(*documents[0]) if documents else None


def read_part(stream: UUID, name: Sha256, first: int, size: int) -> QuerySteps[bytes]:
    """Return up to `size` bytes of a document from offset `first`; none after its end.

    There are none either once it is removed.
    """
    sql: LiteralString = (
        "SELECT substring(content FROM $3::integer FOR $4::integer) FROM documents"
        " WHERE stream = $1 AND sha256 = $2"
    )
    parameters = [uuid(stream), bytea(bytes.fromhex(name)), bigint(first + 1), bigint(size)]
    parts = yield from rows(Query(sql, parameters))
    return (parts[0][0] or b"") if parts else b""


def existing(
    claimed: Collection[tuple[UUID, Sha256]],
) -> QuerySteps[frozenset[tuple[UUID, Sha256]]]:
    """Return those of some documents, each of a recommendation, that are stored, not removed."""
    sql: LiteralString = (
        "SELECT stream, encode(sha256, 'hex') FROM unnest($1, $2) AS named (stream, sha256)"
        " JOIN documents USING (stream, sha256) WHERE content IS NOT NULL"
    )
    return frozenset((row[0], row[1]) for row in (yield from rows(Query(sql, _pairs(claimed)))))


def _pairs(claimed: Collection[tuple[UUID, Sha256]]) -> list[BinaryArray]:
    return [
        uuids(stream for stream, _ in claimed),
        byteas([bytes.fromhex(name) for _, name in claimed]),
    ]
