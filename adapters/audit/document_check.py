"""Document check: re-reads the documents kept beside the ledger, one by one, in constant memory."""

from collections.abc import Collection, Iterator
from hashlib import sha256
from typing import LiteralString
from uuid import UUID

from adapters.documents.store import existing
from adapters.ledger.recorder import LedgerRecorder
from domain.vocabulary.values import Sha256

NAMES_AT_ONCE = 1_000
_NAMES: LiteralString = (
    "SELECT stream, sha256 FROM documents"
    " WHERE (stream, sha256) > (%b, %b) AND content IS NOT NULL"
    " ORDER BY stream, sha256 LIMIT %b"
)
_CONTENT: LiteralString = "SELECT content FROM documents WHERE stream = %b AND sha256 = %b"


def altered_documents(recorder: LedgerRecorder) -> Iterator[str]:
    """Yield a fault for each document whose bytes do not match its name.

    The bytes of each are hashed here, not by the database.
    """
    last = (UUID(int=0), b"")
    while names := _names(recorder, last):
        last = names[-1]
        for stream, name in names:
            if sha256(_content(recorder, stream, name)).digest() != name:
                yield f"the document {name.hex()} of {stream} has other bytes than it is named by"


def missing_documents(
    recorder: LedgerRecorder, claimed: Collection[tuple[UUID, Sha256]]
) -> frozenset[tuple[UUID, Sha256]]:
    """Return those of some documents, each of a recommendation, that are not stored."""
    return frozenset(claimed) - recorder.run(existing(claimed)) if claimed else frozenset()


def _names(recorder: LedgerRecorder, last: tuple[UUID, bytes]) -> list[tuple[UUID, bytes]]:
    parameters = (*last, NAMES_AT_ONCE)
    return recorder.read(lambda c: c.execute(_NAMES, parameters).fetchall())


def _content(recorder: LedgerRecorder, stream: UUID, name: bytes) -> bytes:
    row = recorder.read(lambda c: c.execute(_CONTENT, (stream, name)).fetchone())
    return row[0] if row else b""
