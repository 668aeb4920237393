"""Documents that stand beside the ledger: bytes of a recommendation, named by their SHA-256.

What is asked of the database, for threads and the event loop alike. Nothing here changes or
removes a document.
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Literal, LiteralString, TypeAlias, cast
from uuid import UUID

from msgspec import Struct

from adapters.documents.media_types import Media
from adapters.postgres.binary import bigint, bytea, byteas, moment, text, uuid, uuids
from adapters.postgres.query import Query, QuerySteps, rows
from domain.vocabulary.values import ActorId, Sha256

DOCUMENT_BYTES_MAX = 10_485_760
"""The database has the same limit, and the next, in 0009_documents.sql."""
DOCUMENTS_MAX = 20
"""The most documents of one recommendation."""

Outcome: TypeAlias = Literal["stored", "known", "full"]


class Document(Struct, frozen=True):
    """What is known of a document; `sha256` is its name."""

    sha256: Sha256
    media_type: str
    size: int


class Stored(Document, frozen=True):
    """A document that is there, and since when."""

    at: datetime


def named(content: bytes, media: Media) -> Document:
    """What some bytes of a type are as a document."""
    return Document(sha256(content).hexdigest(), media.media_type, len(content))


def put(
    stream: UUID, document: Document, content: bytes, by: ActorId, at: datetime
) -> QuerySteps[Outcome]:
    """Put a document to a recommendation; say what became of it.

    It can be asked again when the connection is lost: the same bytes are stored once.
    """
    sql: LiteralString = "SELECT documents_put($1, $2, $3, $4, $5, $6)"
    name = bytes.fromhex(document.sha256)
    parameters = [
        *(uuid(stream), bytea(name), text(document.media_type)),
        *(bytea(content), text(by), moment(at)),
    ]
    return cast("Outcome", (yield from rows(Query(sql, parameters)))[0][0])


def listing(stream: UUID) -> QuerySteps[tuple[Stored, ...]]:
    """Every document of a recommendation, in the order of their coming."""
    sql: LiteralString = (
        "SELECT encode(sha256, 'hex'), media_type, octet_length(content), at FROM documents"
        " WHERE stream = $1 ORDER BY at, sha256"
    )
    return tuple(Stored(*row) for row in (yield from rows(Query(sql, [uuid(stream)]))))


def found(stream: UUID, name: Sha256) -> QuerySteps[Document | None]:
    """One document of a recommendation, if it is there."""
    sql: LiteralString = (
        "SELECT encode(sha256, 'hex'), media_type, octet_length(content) FROM documents"
        " WHERE stream = $1 AND sha256 = $2"
    )
    parameters = [uuid(stream), bytea(bytes.fromhex(name))]
    some = yield from rows(Query(sql, parameters))
    return Document(*some[0]) if some else None


def part(stream: UUID, name: Sha256, first: int, size: int) -> QuerySteps[bytes]:
    """Some bytes of a document; fewer at its end, and none behind it."""
    sql: LiteralString = (
        "SELECT substring(content FROM $3::integer FOR $4::integer) FROM documents"
        " WHERE stream = $1 AND sha256 = $2"
    )
    parameters = [uuid(stream), bytea(bytes.fromhex(name)), bigint(first + 1), bigint(size)]
    some = yield from rows(Query(sql, parameters))
    return some[0][0] if some else b""


def held(named: Collection[tuple[UUID, Sha256]]) -> QuerySteps[frozenset[tuple[UUID, Sha256]]]:
    """Which of some documents, each of a recommendation, are there."""
    sql: LiteralString = (
        "SELECT stream, encode(sha256, 'hex') FROM unnest($1, $2) AS named (stream, sha256)"
        " JOIN documents USING (stream, sha256)"
    )
    streams = uuids(stream for stream, _ in named)
    names = byteas([bytes.fromhex(name) for _, name in named])
    return frozenset((row[0], row[1]) for row in (yield from rows(Query(sql, [streams, names]))))
