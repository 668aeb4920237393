"""Submissions to the ledger, the receipt for them, and the errors that refuse them."""

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from domain.access.decide import NoteAccess
from domain.commands.command import Command
from domain.commands.inspection import InspectionCommand
from domain.events.event import History
from domain.history import inspection_entries, recommendation_entries, report_entries
from domain.vocabulary.entry import Origin
from domain.vocabulary.errors import NotFound

SUBMISSIONS_MAX = 1_000_000
"""The most commands of one submit."""


def _any(_: History) -> object:
    return None


def of_recommendation(history: History) -> None:
    """Raise NotFound unless a history is a recommendation's."""
    if not recommendation_entries(history):
        raise NotFound("There is no such recommendation or report.")


def of_report(history: History) -> None:
    """Raise NotFound unless a history is a report's."""
    if not report_entries(history):
        raise NotFound("There is no such recommendation or report.")


def of_inspection(history: History) -> None:
    """Raise NotFound unless a history is an inspection's."""
    if not inspection_entries(history):
        raise NotFound("There is no such inspection.")


class Submission(Struct, frozen=True):
    """One command for one stream.

    `expected_step` refuses it if the stream has moved on; `check` may refuse the stream by its
    history so far. `origin` is that of a row of an import.
    """

    stream: UUID
    command: Command | NoteAccess | InspectionCommand
    expected_step: int | None = None
    check: Callable[[History], object] = _any
    origin: Origin | None = None


class Recorded(Struct, frozen=True):
    """The place of one recorded entry."""

    stream: UUID
    step: int
    position: int
    id: UUID


class Receipt(Struct, frozen=True):
    """The entries that a submit recorded; `repeated` if they were recorded before under its key.

    There are none if only access was noted that is on record already.
    """

    entries: tuple[Recorded, ...]
    repeated: bool = False

    @property
    def position(self) -> int:
        """The position of the last entry."""
        return self.entries[-1].position


class VersionConflict(Exception):  # noqa: N818  an answer, not a fault
    """The stream has moved on from the expected step; `since` holds the entries after it."""

    def __init__(self, submission: Submission, history: History) -> None:
        expected = submission.expected_step or 0
        super().__init__(f"Step {expected} is not the last one of {submission.stream}.")
        self.submission, self.history, self.since = submission, history, history[expected:]
        self.number: int | None = None
        """The index of the submission, as in `domain.vocabulary.errors.RuleError`."""


class KeyReused(Exception):  # noqa: N818  an answer, not a fault
    """The Idempotency-Key was used for another request."""


class HeldTooLong(Exception):  # noqa: N818  an answer, not a fault
    """Recording would hold up all other commands for longer than it may."""


class RetriesExhausted(Exception):  # noqa: N818  an answer, not a fault
    """Rivals took the next step each time; try again."""
