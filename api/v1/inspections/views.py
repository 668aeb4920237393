"""The answers of the API about an inspection before its report."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from api.entry_view import ShownEntry
from domain.events.inspection import PartSeal
from domain.inspection.state import InspectionStage
from domain.vocabulary.values import (
    Code,
    CommentOutcome,
    Edition,
    PartName,
    Product,
    Reference,
    When,
)


class CommentView(Struct, frozen=True, kw_only=True):
    """A comment of the force on a part of the draft, and the answer; a removed text is null."""

    step: int
    at: datetime
    part: PartName
    comment: str | None
    outcome: CommentOutcome | None = None
    """None while it waits for an answer, or was withdrawn."""
    reason: str | None = None
    withdrawn: bool = False


class CheckView(Struct, frozen=True):
    """A check of facts: the day of reply, and the seals of the text that was sent."""

    step: int
    at: datetime
    reply_by: When
    parts: tuple[PartSeal, ...]
    finished_at: datetime | None = None
    """When the force said that it has no more comments on it, if it did."""


class EmbargoView(Struct, frozen=True):
    """The embargo: the minute of release, and the seals of the final text; none while put off."""

    step: int
    at: datetime
    release_at: datetime
    agreed: bool
    parts: tuple[PartSeal, ...]


class InspectionView(Struct, frozen=True, kw_only=True):
    """An inspection before its report, as far as it has come."""

    id: UUID
    step: int
    reference: Reference
    addressee: Code
    product: Product
    edition: Edition
    fieldwork_from: When | None
    fieldwork_to: When | None
    stage: InspectionStage
    deferred: bool
    deferred_until: When | None
    checks: tuple[CheckView, ...]
    comments: tuple[CommentView, ...]
    embargo: EmbargoView | None
    report: UUID | None
    """The published report."""


class InspectionsPage(Struct, frozen=True):
    """Inspections, the one planned last first; `next` begins the next page."""

    items: tuple[InspectionView, ...]
    next: int | None


class PartText(Struct, frozen=True, kw_only=True):
    """A part of the text: as it went to the last check, and as it is to be or was published.

    `facts` are what it says besides its words, as the JSON that is sealed. A text is null where
    there is none, and the later one while the text is not final.
    """

    part: PartName
    sent_facts: str | None = None
    sent_words: str | None = None
    facts: str | None = None
    words: str | None = None
    changed: bool = False
    """Whether it changed after a check: to the next one, or to the final text."""
    proven: bool | None = None
    """Whether the published part has the seal that it had under embargo; null before that, and
    where it was not compared, because the record does not hold the part in one piece."""


class PartVersion(Struct, frozen=True):
    """A part as one text had it; a text that was removed, or that cannot be read, is null."""

    facts: str | None = None
    words: str | None = None


class ChangeView(Struct, frozen=True, kw_only=True):
    """A part that changed from the text of a check to that of the next check, or to the final one.

    `before_step` and `after_step` are the steps with these texts. A version is null if that text
    had no such part. `accepted` are the steps of the comments on it that were accepted between.
    """

    part: PartName
    before_step: int
    after_step: int
    before: PartVersion | None
    after: PartVersion | None
    accepted: tuple[int, ...]


class InspectionText(Struct, frozen=True, kw_only=True):
    """The parts of the text; the salt and the seals prove that nothing else was sent.

    `changes` has every change between two checks, and from the last one to the final text.
    """

    step: int
    parts: tuple[PartText, ...]
    changes: tuple[ChangeView, ...]
    salt: str | None


class InspectionHistory(Struct, frozen=True):
    """Every entry of an inspection, oldest first."""

    id: UUID
    items: tuple["InspectionEntry", ...]


class InspectionEntry(ShownEntry, frozen=True, kw_only=True):
    """One entry, with its notes for who may read the text."""

    notes: dict[str, str | None] | UnsetType = UNSET
