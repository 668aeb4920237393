"""The lineage of the ledger, as far as a process knows it, and why nothing may be recorded.

Within a lineage, a position names the same entry for ever. `ledger_append` refuses to record in a
database that was restored, promoted or put back, and by a clock that is wrong.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from adapters.postgres.errors import is_transient
from adapters.postgres.query import Query, QuerySteps, rows

log = structlog.get_logger()

WAY_ON = "docs/operation.md has the way on."


class RecordingHalted(Exception):  # noqa: N818  says what is the matter
    """Nothing may be recorded until an operator has acted. Says why, and what to do."""


class CopyUnconfirmed(RecordingHalted):
    """The database is a restored or promoted copy, or was put back; nobody has confirmed it."""


class ClockWrong(RecordingHalted):
    """The clock of this process, of the database or of an earlier entry is wrong by minutes."""


class LastSeen(Struct):
    """The last entry that this process recorded, without which a database was put back.

    And how its last append went.
    """

    lineage: UUID | None = None
    position: int | None = None
    entry: UUID | None = None
    failure: str | None = None
    """The reason, in words, why the append that was tried last failed; None if it succeeded."""
    failed_at: float = 0.0
    """When that was, in seconds of `time.monotonic`."""


class Lineage(Struct, frozen=True):
    """The present lineage: its id, the first position that is only its own, and why it began."""

    id: UUID
    since_position: int
    began_at: datetime
    reason: str


_LAST: LiteralString = (
    "SELECT id, since_position, began_at, reason FROM ledger_lineages ORDER BY number DESC LIMIT 1"
)
_CONFIRM = "`tracker resume` confirms this copy of the database."
_SET = "Set the clocks right; where entries lie ahead of them, `tracker resume` goes on."
_OF_STATE: dict[str, tuple[type[RecordingHalted], str, str]] = {
    "TR001": (CopyUnconfirmed, "copy_unconfirmed", _CONFIRM),
    "TR002": (CopyUnconfirmed, "ledger_put_back", _CONFIRM),
    "TR003": (ClockWrong, "clock_wrong", _SET),
}


def present_lineage() -> QuerySteps[Lineage]:
    """Return the present lineage."""
    ((identity, since, began, reason),) = yield from rows(Query(_LAST))
    return Lineage(identity, since, began, reason)


@contextmanager
def noting(seen: LastSeen) -> Generator[None]:
    """Note in `seen` whether an append fails for all who record, and not for its own sake."""
    try:
        yield
    except (PersistenceError, RecordingHalted) as error:
        if isinstance(error, RecordingHalted):
            seen.failure = str(error)
        elif is_transient(error):
            kind = type(error.__cause__ or error).__name__
            seen.failure = f"The last command could not be recorded: {kind}."
        seen.failed_at = time.monotonic()
        raise
    seen.failure = None


@contextmanager
def halting() -> Generator[None]:
    """Raise RecordingHalted, and log it, where ledger_append refuses for such a reason."""
    try:
        yield
    except PersistenceError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state not in _OF_STATE:
            raise
        kind, event, remedy = _OF_STATE[state]
        log.error(event)  # noqa: TRY400  the reason is known; a trace says no more
        words = str(error).partition("\n")[0]
        raise kind(f"{words} Nothing was recorded. {remedy} {WAY_ON}") from error
