"""Document store: the files of a recommendation, kept beside the ledger, named by their SHA-256.

These are the queries, for threads and the event loop alike. Nothing here changes or removes a
document.
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from adapters.documents.media_types import Media
from adapters.postgres.binary import bigint, bytea, byteas, moment, text, uuid, uuids
from adapters.postgres.query import Query, QuerySteps, rows
from domain.recommendation.decide import refuse_more_documents
from domain.vocabulary.values import ActorId, Sha256

DOCUMENT_BYTES_MAX = 10_485_760
"""The database has the same limit, in 0009_documents.sql."""


class Document(Struct, frozen=True):
    """A document's description; `sha256` is its name."""

    sha256: Sha256
    media_type: str
    size: int


class Stored(Document, frozen=True):
    """A stored document, and when it was stored."""

    at: datetime


def describe(content: bytes, media: Media) -> Document:
    """Return the description of a document of some type."""
    return Document(sha256(content).hexdigest(), media.media_type, len(content))


def put(
    stream: UUID, document: Document, content: bytes, by: ActorId, at: datetime
) -> QuerySteps[bool]:
    """Store a document of a recommendation; return whether it is new.

    Storing it again is harmless: the same bytes are stored once. Raises Refused if the
    recommendation has as many documents as it may, which the database counts under a lock.
    """
    sql: LiteralString = "SELECT documents_put($1, $2, $3, $4, $5, $6)"
    name = bytes.fromhex(document.sha256)
    parameters = [
        *(uuid(stream), bytea(name), text(document.media_type)),
        *(bytea(content), text(by), moment(at)),
    ]
    outcome: str = (yield from rows(Query(sql, parameters)))[0][0]
    if outcome == "full":
        refuse_more_documents()
    return outcome == "stored"


def listing(stream: UUID) -> QuerySteps[tuple[Stored, ...]]:
    """Return every document of a recommendation, oldest first."""
    sql: LiteralString = (
        "SELECT encode(sha256, 'hex'), media_type, octet_length(content), at FROM documents"
        " WHERE stream = $1 ORDER BY at, sha256"
    )
    return tuple(Stored(*row) for row in (yield from rows(Query(sql, [uuid(stream)]))))


def find(stream: UUID, name: Sha256) -> QuerySteps[Document | None]:
    """Return a document of a recommendation; None if there is none of that name."""
    sql: LiteralString = (
        "SELECT encode(sha256, 'hex'), media_type, octet_length(content) FROM documents"
        " WHERE stream = $1 AND sha256 = $2"
    )
    parameters = [uuid(stream), bytea(bytes.fromhex(name))]
    documents = yield from rows(Query(sql, parameters))
    return Document(*documents[0]) if documents else None


def read_part(stream: UUID, name: Sha256, first: int, size: int) -> QuerySteps[bytes]:
    """Return up to `size` bytes of a document from offset `first`; none after its end."""
    sql: LiteralString = (
        "SELECT substring(content FROM $3::integer FOR $4::integer) FROM documents"
        " WHERE stream = $1 AND sha256 = $2"
    )
    parameters = [uuid(stream), bytea(bytes.fromhex(name)), bigint(first + 1), bigint(size)]
    parts = yield from rows(Query(sql, parameters))
    return parts[0][0] if parts else b""


def existing(
    claimed: Collection[tuple[UUID, Sha256]],
) -> QuerySteps[frozenset[tuple[UUID, Sha256]]]:
    """Return those of some documents, each of a recommendation, that are stored."""
    sql: LiteralString = (
        "SELECT stream, encode(sha256, 'hex') FROM unnest($1, $2) AS named (stream, sha256)"
        " JOIN documents USING (stream, sha256)"
    )
    streams = uuids(stream for stream, _ in claimed)
    names = byteas([bytes.fromhex(name) for _, name in claimed])
    return frozenset((row[0], row[1]) for row in (yield from rows(Query(sql, [streams, names]))))
