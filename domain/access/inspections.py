"""Permissions of inspections before publication: for everybody else there is no such thing.

Inspectors share them, and auditors see their steps. The force is told of its own from the check of
facts on. A local policing body and everybody else see the published report, never the inspection.
"""

from datetime import date
from typing import Final

from domain.commands.inspection import (
    AgreeToRelease,
    AnswerComment,
    BeginFieldwork,
    ChangePlan,
    CommentOnFact,
    DeferPublication,
    DropInspection,
    EmbargoReport,
    FinishCheck,
    InspectionCommand,
    ModerateDraft,
    PlanInspection,
    ReleaseReport,
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)
from domain.inspection.state import Inspection, InspectionStage
from domain.vocabulary.actors import Actor, Role, Scope
from domain.vocabulary.dates import end_of
from domain.vocabulary.errors import Forbidden, NotFound

DRAFTERS: Final = frozenset({Role.INSPECTOR, Role.PUBLISHER})
"""The roles that see every inspection, and write its draft."""
OVERSEERS: Final = frozenset({*DRAFTERS, Role.AUDITOR})
"""The roles that see the steps of every inspection."""

INSPECTION_COMMANDS: Final[dict[type[InspectionCommand], frozenset[Role]]] = {
    PlanInspection: DRAFTERS,
    ChangePlan: DRAFTERS,
    BeginFieldwork: DRAFTERS,
    ModerateDraft: DRAFTERS,
    SendToCheck: DRAFTERS,
    CommentOnFact: frozenset({Role.FORCE}),
    FinishCheck: frozenset({Role.FORCE}),
    AnswerComment: DRAFTERS,
    WithdrawComment: frozenset({Role.FORCE}),
    EmbargoReport: DRAFTERS,
    AgreeToRelease: DRAFTERS,
    DeferPublication: DRAFTERS,
    ResumeInspection: DRAFTERS,
    ReleaseReport: frozenset({Role.PUBLISHER}),
    DropInspection: DRAFTERS,
}
"""The roles that may give each command."""


def may_see(actor: Actor, inspection: Inspection) -> bool:
    """Return whether an actor may know of an inspection, and see its steps."""
    if Scope.READ not in actor.scopes:
        return False
    return actor.role in OVERSEERS or _checks(actor, inspection)


def may_see_inspections(actor: Actor) -> bool:
    """Return whether an actor may know of any inspection at all."""
    return actor.role in OVERSEERS | {Role.FORCE} and Scope.READ in actor.scopes


def may_draft(actor: Actor) -> bool:
    """Return whether an actor may read and write drafts."""
    return actor.role in DRAFTERS and Scope.READ in actor.scopes


def may_read_sent(actor: Actor, inspection: Inspection) -> bool:
    """Return whether an actor may read the text that was sent to the check, and the comments.

    Auditors may once the report is published: until then its text is for those who work on it.
    A force may no longer if the inspection ended without a report.
    """
    stages = InspectionStage
    if actor.role is Role.AUDITOR and inspection.stage is not stages.RELEASED:
        return False
    if actor.role is Role.FORCE and inspection.stage is stages.DROPPED:
        return False
    return may_see(actor, inspection)


def waits_for(actor: Actor, inspection: Inspection, on: date) -> bool:
    """Return whether an inspection waits for something that an actor can do, as it stands on a day.

    Planning and drafting wait for nobody, nor does what is put off. While comments are unanswered
    it is inspectors' move; otherwise, up to the day to reply by, that of the force, unless it has
    said that it has no more comments.
    """
    stages = InspectionStage
    if inspection.deferred is not None or not may_see(actor, inspection):
        return False
    if inspection.stage is stages.EMBARGOED and inspection.embargo:
        return actor.role in DRAFTERS and actor.id != inspection.embargo.by
    if inspection.stage is not stages.IN_CHECK or inspection.check is None:
        return False
    unanswered = any(comment.is_open for comment in inspection.comments)
    is_over = inspection.check.finished is not None or on > end_of(inspection.check.reply_by)
    if unanswered or is_over:
        return actor.role in DRAFTERS
    return actor.role is Role.FORCE


def require_inspection(actor: Actor, command: InspectionCommand, inspection: Inspection) -> None:
    """Raise NotFound or Forbidden unless an actor may give a command to an inspection."""
    is_new = isinstance(command, PlanInspection)
    if not is_new and actor.role not in OVERSEERS and not _checks(actor, inspection):
        raise NotFound("There is no such inspection.")
    roles = INSPECTION_COMMANDS[type(command)]
    if actor.role not in roles:
        names = ", ".join(sorted(roles))
        words = f"The role {actor.role} cannot do this. Only these roles can: {names}."
        raise Forbidden(words, roles)
    if Scope.WRITE not in actor.scopes:
        raise Forbidden("This token may only read.")


def _checks(actor: Actor, inspection: Inspection) -> bool:
    """Return whether an actor answers for the force of an inspection that was sent to its check."""
    planned = inspection.planned
    return (
        actor.role is Role.FORCE
        and planned is not None
        and actor.force == planned.addressee
        and inspection.check is not None
    )
