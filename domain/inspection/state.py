"""The state of an inspection before its report is published."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.events.inspection import (
    CheckBegun,
    CheckFinished,
    CommentAnswered,
    CommentWithdrawn,
    DraftModerated,
    FactCommented,
    FieldworkBegun,
    InspectionDropped,
    InspectionEvent,
    InspectionPlanned,
    InspectionResumed,
    PartSeal,
    PartSent,
    PlanChanged,
    PublicationDeferred,
    ReleaseAgreed,
    ReportEmbargoed,
    ReportReleased,
)
from domain.tracks import NO_FLOORS, Floors, floors_after
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import ActorId, PartName, Sha256, When


class InspectionStage(StrEnum):
    """How far an inspection has come on its way to a published report."""

    PLANNED = "planned"
    FIELDWORK = "fieldwork"
    MODERATED = "moderated"
    IN_CHECK = "in_check"
    EMBARGOED = "embargoed"
    AGREED = "agreed"
    RELEASED = "released"
    DROPPED = "dropped"


ENDED = frozenset({InspectionStage.RELEASED, InspectionStage.DROPPED})
FINAL = frozenset({InspectionStage.EMBARGOED, InspectionStage.AGREED})
"""The stages in which the text is final."""


class FactComment(Struct, frozen=True):
    """A comment of the force on a part of the draft, and what became of it."""

    step: int
    part: PartName
    answer: int | None = None
    """The step that answered it."""
    accepted: bool = False
    withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answer is None and not self.withdrawn


class Check(Struct, frozen=True):
    """A check of facts: the step at which it began, and the text that was sent."""

    step: int
    reply_by: When
    salt_sha256: Sha256
    parts: tuple[PartSeal, ...]
    finished: int | None = None
    """The step at which the force said that it has no more comments."""


class Embargo(Struct, frozen=True):
    """The last embargo: its step, who set it, and the final text."""

    step: int
    by: ActorId
    draft_version: int
    release_at: datetime
    parts: tuple[PartSeal, ...]


class Inspection(Struct, frozen=True):
    """The state of an inspection; `checks` holds every check of facts, the last one last."""

    step: int = 0
    floors: Floors = NO_FLOORS
    planned: InspectionPlanned | None = None
    stage: InspectionStage = InspectionStage.PLANNED
    deferred: int | None = None
    """The step that put it off, if it is put off."""
    checks: tuple[Check, ...] = ()
    comments: tuple[FactComment, ...] = ()
    embargo: Embargo | None = None

    @property
    def final_version(self) -> int | None:
        """The version of the draft that is final; None while it may still change."""
        return self.embargo.draft_version if self.embargo and self.stage in FINAL else None

    @property
    def check(self) -> Check | None:
        """The last check of facts."""
        return self.checks[-1] if self.checks else None


def evolve_inspection(  # noqa: C901, PLR0911, PLR0912  one return an event
    state: Inspection, entry: Entry[InspectionEvent]
) -> Inspection:
    """Return the state after one more step. History is never refused."""
    event, step, stages = entry.event, entry.step, InspectionStage
    floors = floors_after(state.floors, type(event), entry.stamp.on)
    state = replace(state, step=step, floors=floors)
    match event:
        case InspectionPlanned():
            return replace(state, planned=event)
        case PlanChanged(product, edition, begins, ends):
            assert state.planned is not None  # noqa: S101  as the first step says
            planned = replace(
                state.planned,
                product=product,
                edition=edition,
                fieldwork_from=begins,
                fieldwork_to=ends,
            )
            return replace(state, planned=planned)
        case FieldworkBegun():
            return replace(state, stage=stages.FIELDWORK)
        case DraftModerated():
            return replace(state, stage=stages.MODERATED)
        case CheckBegun():
            check = Check(step, event.reply_by, event.salt_sha256, event.parts)
            return replace(state, stage=stages.IN_CHECK, checks=(*state.checks, check))
        case CheckFinished():
            last = replace(state.checks[-1], finished=step)
            return replace(state, checks=(*state.checks[:-1], last))
        case PartSent():
            return state
        case FactCommented(part=part):
            return replace(state, comments=(*state.comments, FactComment(step, part)))
        case CommentAnswered(comment=comment, outcome=outcome):
            accepted = outcome == "accepted"
            return _with_comment(state, comment, answer=step, accepted=accepted)
        case CommentWithdrawn(comment=comment):
            return _with_comment(state, comment, withdrawn=True)
        case ReportEmbargoed():
            embargo = Embargo(
                step, entry.stamp.by, event.draft_version, event.release_at, event.parts
            )
            return replace(state, stage=stages.EMBARGOED, embargo=embargo)
        case ReleaseAgreed():
            return replace(state, stage=stages.AGREED)
        case PublicationDeferred():
            return replace(state, deferred=step)
        case InspectionResumed():
            stage = stages.IN_CHECK if state.stage in FINAL else state.stage
            return replace(state, deferred=None, stage=stage)
        case ReportReleased():
            return replace(state, stage=stages.RELEASED)
        case InspectionDropped():
            return replace(state, stage=stages.DROPPED)
        case _:
            assert_never(event)


def _with_comment(state: Inspection, step: int, **changes: object) -> Inspection:
    comments = (
        replace(comment, **changes) if comment.step == step else comment
        for comment in state.comments
    )
    return replace(state, comments=tuple(comments))
