"""Permissions: one table for the API, the pages and the command line.

Deny by default. A thing that an actor may not know of is hidden, not forbidden: the answer is the
same as if it did not exist. A force and its local policing body act for their own force only.
"""

from enum import StrEnum

from domain.commands import correspondence as replies
from domain.commands.command import Command
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    DeclineClosure,
    NameOwner,
    NoteMilestone,
    NoteOutcome,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    TakeOver,
    WaiveActionPlan,
    Withdraw,
)
from domain.commands.report import (
    Issue,
    NoteArea,
    NoteReportMilestone,
    NoteReportOutcome,
    PublishReport,
)
from domain.events.access import (
    AccessEvent,
    HistoryReplayed,
    LedgerExported,
    ListRead,
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
from domain.vocabulary.values import ActorId, Code, Party


class Verdict(StrEnum):
    """The answer of `may`."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


OWN_FORCE_ONLY = frozenset({Role.FORCE, Role.LOCAL_POLICING_BODY})

SIGNED_IN = frozenset(Role) - {Role.PUBLIC, Role.IMPORTER}

WITHDRAWERS = frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.FORCE, Role.LOCAL_POLICING_BODY})
"""The roles that may take steps back: their own, and inspectors those of any role."""

SIDES = frozenset({Role.INSPECTOR, Role.FORCE, Role.LOCAL_POLICING_BODY})
"""The roles that take part in disputes and questions."""

SUBSCRIBERS = frozenset(
    {Role.INSPECTOR, Role.PUBLISHER, Role.ADMIN, Role.FORCE, Role.LOCAL_POLICING_BODY}
)
"""The roles that may let the service send requests to an address of their choice."""

COMMANDS: dict[type[Command], frozenset[Role]] = {
    PublishReport: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.IMPORTER}),
    Issue: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.IMPORTER}),
    NoteArea: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    NoteReportOutcome: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    NoteReportMilestone: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    NameOwner: frozenset({Role.FORCE, Role.IMPORTER}),
    ReceiveActionPlan: frozenset({Role.FORCE, Role.INSPECTOR, Role.IMPORTER}),
    WaiveActionPlan: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ReviewActionPlan: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    AssignFollowUp: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ChangeFollowUp: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ReportFollowUp: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    TakeOver: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ReceiveUpdate: frozenset({Role.FORCE, Role.INSPECTOR, Role.IMPORTER}),
    ReportProgress: frozenset({Role.FORCE}),
    ClaimCompletion: frozenset({Role.FORCE, Role.IMPORTER}),
    ReturnClaim: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    RespondUnderSection55: frozenset({Role.LOCAL_POLICING_BODY, Role.IMPORTER}),
    RecordAssurance: frozenset({Role.LOCAL_POLICING_BODY, Role.IMPORTER}),
    ProposeClosure: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    DeclineClosure: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    Close: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    Reopen: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ConfirmDecision: frozenset({Role.INSPECTOR}),
    NoteOutcome: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    NoteMilestone: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ChangeTimeLimit: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    Comment: frozenset({Role.INSPECTOR, Role.FORCE, Role.LOCAL_POLICING_BODY, Role.IMPORTER}),
    Correct: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.IMPORTER}),
    Withdraw: WITHDRAWERS | {Role.IMPORTER},
    AgreeToWithdrawal: WITHDRAWERS,
    RequestRedaction: frozenset({Role.ADMIN}),
    ApproveRedaction: frozenset({Role.ADMIN, Role.INSPECTOR}),
    RequestSuppression: frozenset({Role.ADMIN, Role.INSPECTOR, Role.PUBLISHER}),
    ApproveSuppression: frozenset({Role.ADMIN, Role.INSPECTOR}),
    replies.DisputeFact: OWN_FORCE_ONLY,
    replies.ReplyToDispute: SIDES,
    replies.ProposeWords: SIDES,
    replies.AgreeToWords: SIDES,
    replies.SettleDispute: frozenset({Role.INSPECTOR}),
    replies.WithdrawDispute: OWN_FORCE_ONLY,
    replies.AskQuestion: SIDES,
    replies.AnswerQuestion: SIDES,
}
"""The roles that may give each command."""

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
    ListRead: frozenset(),
}
"""The roles that may record each event of other actors' access."""
ACCESS_OF_ONESELF: dict[type[AccessEvent], frozenset[Role]] = {
    SignedIn: SIGNED_IN,
    SignedOut: SIGNED_IN,
    SessionsEnded: SIGNED_IN,
    RoleChanged: SIGNED_IN,
    LedgerExported: frozenset({Role.AUDITOR}),
    HistoryReplayed: frozenset({Role.AUDITOR}),
    ListRead: frozenset({Role.AUDITOR}),
}
"""The roles that may, in addition, record each event of their own access."""


class ReadPermission(StrEnum):
    """A kind of thing to read, each with its own permission."""

    PUBLISHED = "published"
    HISTORY = "history"
    WORKLIST = "worklist"
    LEDGER = "ledger"
    ACCESS = "access"
    PEOPLE = "people"
    COLLEAGUES = "colleagues"
    """The names of inspectors."""
    CONTACTS = "contacts"
    """The messages of the public."""


READ_PERMISSIONS: dict[ReadPermission, frozenset[Role]] = {
    ReadPermission.PUBLISHED: frozenset(Role),
    ReadPermission.HISTORY: SIDES | {Role.PUBLISHER, Role.AUDITOR, Role.ADMIN},
    ReadPermission.WORKLIST: frozenset({Role.INSPECTOR, Role.AUDITOR}),
    ReadPermission.LEDGER: frozenset({Role.INSPECTOR, Role.AUDITOR, Role.ADMIN}),
    ReadPermission.ACCESS: frozenset({Role.AUDITOR, Role.ADMIN}),
    ReadPermission.PEOPLE: frozenset({Role.AUDITOR, Role.ADMIN}),
    ReadPermission.COLLEAGUES: frozenset({Role.INSPECTOR, Role.AUDITOR, Role.ADMIN}),
    ReadPermission.CONTACTS: frozenset({Role.INSPECTOR, Role.ADMIN}),
}
"""The roles that may read each kind of thing; a history includes people and notes."""


def may(actor: Actor, command: type[Command], addressee: Code) -> Verdict:
    """Return whether an actor may give a command about an addressee."""
    if actor.role in OWN_FORCE_ONLY and not _is_own(actor, addressee):
        return Verdict.HIDDEN
    allowed = actor.role in COMMANDS[command] and Scope.WRITE in actor.scopes
    return Verdict.ALLOWED if allowed else Verdict.FORBIDDEN


def may_read(actor: Actor, permission: ReadPermission, addressee: Code | None = None) -> bool:
    """Return whether an actor may read a thing, which is about one addressee or about several."""
    if not can_read(actor, permission):
        return False
    return (
        permission is ReadPermission.PUBLISHED
        or actor.role not in OWN_FORCE_ONLY
        or _is_own(actor, addressee)
    )


def can_read(actor: Actor, permission: ReadPermission) -> bool:
    """Return whether an actor may read anything of that kind at all."""
    return actor.role in READ_PERMISSIONS[permission] and (
        permission is ReadPermission.PUBLISHED or Scope.READ in actor.scopes
    )


def scopes_of(role: Role) -> frozenset[Scope]:
    """Return the scopes that are of any use to a token of a role."""
    writes = any(role in roles for roles in COMMANDS.values())
    return EVERY_SCOPE if writes else frozenset({Scope.READ})


def _is_own(actor: Actor, addressee: Code | None) -> bool:
    return actor.force is not None and actor.force == addressee


def may_read_note(
    actor: Actor, tag: str, by: Role, addressee: Code, party: Party | None = None
) -> bool:
    """Return whether an actor may read the notes of an entry.

    A force and its body read the notes on their own recommendations, except comments that other
    roles made among themselves, and disputes and questions of another `party`.
    """
    if not may_read(actor, ReadPermission.HISTORY, addressee):
        return False
    if party is not None and actor.role in OWN_FORCE_ONLY:
        return actor.role == party
    return actor.role not in OWN_FORCE_ONLY or tag != "recommendation.commented" or by is actor.role


def may_end_sessions(actor: Actor, owner: ActorId) -> bool:
    """Return whether an actor may see and end the sessions of `owner`.

    Actors may end their own sessions; an administrator may end any.
    """
    return actor.role is Role.ADMIN or (actor.role is not Role.PUBLIC and actor.id == owner)


def may_correct(actor: Actor, addressee: Code) -> bool:
    """Return whether an actor may correct a report or a recommendation."""
    return may(actor, Correct, addressee) is Verdict.ALLOWED


def may_set_lead(actor: Actor) -> bool:
    """Return whether an actor may say which inspector leads a force."""
    return actor.role is Role.INSPECTOR and Scope.WRITE in actor.scopes


def may_answer_contacts(actor: Actor) -> bool:
    """Return whether an actor may record what came of a message of the public."""
    return can_read(actor, ReadPermission.CONTACTS) and Scope.WRITE in actor.scopes


def may_subscribe(actor: Actor) -> bool:
    """Return whether an actor may let notices be sent to an address of its choice."""
    return actor.role in SUBSCRIBERS and Scope.WRITE in actor.scopes


def may_rename(actor: Actor) -> bool:
    """Return whether an actor may set the names of people."""
    return actor.role is Role.ADMIN and Scope.WRITE in actor.scopes


def require(actor: Actor, command: type[Command], addressee: Code) -> None:
    """Raise NotFound or Forbidden unless an actor may give a command about an addressee."""
    match may(actor, command, addressee):
        case Verdict.HIDDEN:
            raise NotFound("There is no such recommendation or report.")
        case Verdict.FORBIDDEN:
            if actor.role in COMMANDS[command]:
                raise Forbidden("This token may only read.")
            roles = ", ".join(sorted(COMMANDS[command]))
            words = f"The role {actor.role} cannot do this. Only these roles can: {roles}."
            raise Forbidden(words, COMMANDS[command])
        case Verdict.ALLOWED:
            return


def require_access(actor: Actor, event: AccessEvent) -> None:
    """Raise Forbidden unless an actor may record an event of access."""
    allowed = ACCESS[type(event)]
    if actor.id == event.actor:
        allowed |= ACCESS_OF_ONESELF.get(type(event), frozenset())
    if actor.role not in allowed:
        raise Forbidden(f"The role {actor.role} cannot record this.")
