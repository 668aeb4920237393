"""Who may do and read what: one table for the API, the pages and the command line.

Deny by default. What somebody may not know of is hidden, not forbidden: it answers as if it
were not there. A force and its local policing body act for their own force only.
"""

from enum import StrEnum

from domain.commands.command import Command
from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    NameOwner,
    NoteOutcome,
    ReceiveActionPlan,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.commands.report import Issue, NoteArea, NoteReportOutcome, PublishReport
from domain.events.access import (
    AccessEvent,
    HistoryReplayed,
    LedgerExported,
    RoleChanged,
    SessionsEnded,
    SignedIn,
    SignedOut,
    TokenCreated,
    TokenRevoked,
    TokenRotated,
)
from domain.vocabulary.actors import EVERY_SCOPE, Actor, Role, Scope
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.values import ActorId, Code


class Verdict(StrEnum):
    """What `may` says."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


OWN_FORCE_ONLY = frozenset({Role.FORCE, Role.LOCAL_POLICING_BODY})

SIGNED_IN = frozenset(Role) - {Role.PUBLIC, Role.IMPORTER}

COMMANDS: dict[type[Command], frozenset[Role]] = {
    PublishReport: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.IMPORTER}),
    Issue: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.IMPORTER}),
    NoteArea: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    NoteReportOutcome: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    NameOwner: frozenset({Role.FORCE}),
    ReceiveActionPlan: frozenset({Role.FORCE, Role.INSPECTOR}),
    WaiveActionPlan: frozenset({Role.INSPECTOR}),
    ReviewActionPlan: frozenset({Role.INSPECTOR}),
    AssignFollowUp: frozenset({Role.INSPECTOR}),
    ChangeFollowUp: frozenset({Role.INSPECTOR}),
    ReportFollowUp: frozenset({Role.INSPECTOR}),
    ReportProgress: frozenset({Role.FORCE}),
    ClaimCompletion: frozenset({Role.FORCE}),
    ReturnClaim: frozenset({Role.INSPECTOR}),
    RespondUnderSection55: frozenset({Role.LOCAL_POLICING_BODY}),
    RecordAssurance: frozenset({Role.LOCAL_POLICING_BODY}),
    Close: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    Reopen: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ConfirmDecision: frozenset({Role.INSPECTOR}),
    NoteOutcome: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ChangeTimeLimit: frozenset({Role.INSPECTOR}),
    Comment: frozenset({Role.INSPECTOR, Role.FORCE, Role.LOCAL_POLICING_BODY}),
    Correct: frozenset({Role.INSPECTOR, Role.PUBLISHER}),
    RequestRedaction: frozenset({Role.ADMIN}),
    ApproveRedaction: frozenset({Role.ADMIN, Role.INSPECTOR}),
}
"""Which roles may give which command."""

ACCESS: dict[type[AccessEvent], frozenset[Role]] = {
    SignedIn: frozenset(),
    SignedOut: frozenset(),
    SessionsEnded: frozenset({Role.ADMIN}),
    RoleChanged: frozenset({Role.ADMIN}),
    TokenCreated: frozenset({Role.ADMIN}),
    TokenRotated: frozenset({Role.ADMIN}),
    TokenRevoked: frozenset({Role.ADMIN}),
    LedgerExported: frozenset({Role.ADMIN}),
    HistoryReplayed: frozenset(),
}
"""Which roles may put which access of others on record."""
ACCESS_OF_ONESELF: dict[type[AccessEvent], frozenset[Role]] = {
    SignedIn: SIGNED_IN,
    SignedOut: SIGNED_IN,
    SessionsEnded: SIGNED_IN,
    RoleChanged: SIGNED_IN,
    LedgerExported: frozenset({Role.AUDITOR}),
    HistoryReplayed: frozenset({Role.AUDITOR}),
}
"""And which their own, besides."""


class ReadPermission(StrEnum):
    """What there is to read."""

    PUBLISHED = "published"
    HISTORY = "history"
    WORKLIST = "worklist"
    LEDGER = "ledger"
    ACCESS = "access"
    PEOPLE = "people"


READ_PERMISSIONS: dict[ReadPermission, frozenset[Role]] = {
    ReadPermission.PUBLISHED: frozenset(Role),
    ReadPermission.HISTORY: frozenset(
        {
            Role.INSPECTOR,
            Role.PUBLISHER,
            Role.AUDITOR,
            Role.ADMIN,
            Role.FORCE,
            Role.LOCAL_POLICING_BODY,
        }
    ),
    ReadPermission.WORKLIST: frozenset({Role.INSPECTOR, Role.AUDITOR}),
    ReadPermission.LEDGER: frozenset({Role.INSPECTOR, Role.AUDITOR, Role.ADMIN}),
    ReadPermission.ACCESS: frozenset({Role.AUDITOR, Role.ADMIN}),
    ReadPermission.PEOPLE: frozenset({Role.AUDITOR, Role.ADMIN}),
}
"""Which roles may read what; a history comes with people and notes."""


def may(actor: Actor, command: type[Command], addressee: Code) -> Verdict:
    """Say whether somebody may give a command about an addressee."""
    if actor.role in OWN_FORCE_ONLY and not _is_own(actor, addressee):
        return Verdict.HIDDEN
    allowed = actor.role in COMMANDS[command] and Scope.WRITE in actor.scopes
    return Verdict.ALLOWED if allowed else Verdict.FORBIDDEN


def may_read(actor: Actor, sight: ReadPermission, addressee: Code | None = None) -> bool:
    """Say whether somebody may read; what is not about one addressee has none."""
    if not can_read(actor, sight):
        return False
    return (
        sight is ReadPermission.PUBLISHED
        or actor.role not in OWN_FORCE_ONLY
        or _is_own(actor, addressee)
    )


def can_read(actor: Actor, sight: ReadPermission) -> bool:
    """Say whether somebody may read something of that kind at all."""
    return actor.role in READ_PERMISSIONS[sight] and (
        sight is ReadPermission.PUBLISHED or Scope.READ in actor.scopes
    )


def scopes_of(role: Role) -> frozenset[Scope]:
    """What a token of a role can have any use for."""
    writes = any(role in roles for roles in COMMANDS.values())
    return EVERY_SCOPE if writes else frozenset({Scope.READ})


def _is_own(actor: Actor, addressee: Code | None) -> bool:
    return actor.force is not None and actor.force == addressee


def may_read_note(actor: Actor, tag: str, by: Role, addressee: Code) -> bool:
    """Say whether somebody may read an entry's notes.

    A force and its body read what concerns their own recommendations, except the remarks that
    others made among themselves.
    """
    if not may_read(actor, ReadPermission.HISTORY, addressee):
        return False
    return actor.role not in OWN_FORCE_ONLY or tag != "recommendation.commented" or by is actor.role


def may_end_sessions(actor: Actor, owner: ActorId) -> bool:
    """Say whether somebody may see and end the sessions of an actor: their own, or as an admin."""
    return actor.role is Role.ADMIN or (actor.role is not Role.PUBLIC and actor.id == owner)


def may_rename(actor: Actor) -> bool:
    """Say whether somebody may say what people are called."""
    return actor.role is Role.ADMIN and Scope.WRITE in actor.scopes


def require(actor: Actor, command: type[Command], addressee: Code) -> None:
    """Raise NotFound or Forbidden unless somebody may give a command."""
    match may(actor, command, addressee):
        case Verdict.HIDDEN:
            raise NotFound("There is no such recommendation or report.")
        case Verdict.FORBIDDEN:
            if actor.role in COMMANDS[command]:
                raise Forbidden("This token may only read.")
            roles = ", ".join(sorted(COMMANDS[command]))
            raise Forbidden(f"The role {actor.role} may not do this; it takes: {roles}.")
        case Verdict.ALLOWED:
            return


def require_access(actor: Actor, event: AccessEvent) -> None:
    """Raise Forbidden unless somebody may put that on record about its actor."""
    allowed = ACCESS[type(event)]
    if actor.id == event.actor:
        allowed |= ACCESS_OF_ONESELF.get(type(event), frozenset())
    if actor.role not in allowed:
        raise Forbidden(f"The role {actor.role} may not put this on record.")
