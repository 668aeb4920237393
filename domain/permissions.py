"""Who may do and read what: one table for the API, the pages and the command line.

Deny by default. What somebody may not know of is hidden, not forbidden: it answers as if it
were not there. A force and its local policing body act for their own force only.
"""

from enum import StrEnum

from domain.commands import (
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Command,
    Comment,
    Correct,
    Issue,
    NameOwner,
    NoteArea,
    NoteOutcome,
    NoteReportOutcome,
    PublishReport,
    ReceiveActionPlan,
    RecordAssurance,
    RedactNote,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.stamp import Role, Who
from domain.values import Code


class Verdict(StrEnum):
    """What `may` says."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


class Forbidden(Exception):  # noqa: N818  an answer of the rules, like Refused
    """The role may not do this. Says which roles may."""


class Absent(Exception):  # noqa: N818  an answer of the rules, like Refused
    """There is no such thing, as far as the asker may know."""


OWN_FORCE_ONLY = frozenset({Role.FORCE, Role.LOCAL_POLICING_BODY})

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
    NoteOutcome: frozenset({Role.INSPECTOR, Role.IMPORTER}),
    ChangeTimeLimit: frozenset({Role.INSPECTOR}),
    Comment: frozenset({Role.INSPECTOR, Role.FORCE, Role.LOCAL_POLICING_BODY}),
    Correct: frozenset({Role.INSPECTOR, Role.PUBLISHER}),
    RedactNote: frozenset({Role.ADMIN}),
}
"""Which roles may give which command."""


class Sight(StrEnum):
    """What there is to read."""

    PUBLISHED = "published"
    HISTORY = "history"
    WORKLIST = "worklist"
    LEDGER = "ledger"


SIGHTS: dict[Sight, frozenset[Role]] = {
    Sight.PUBLISHED: frozenset(Role),
    Sight.HISTORY: frozenset(
        {
            Role.INSPECTOR,
            Role.PUBLISHER,
            Role.AUDITOR,
            Role.ADMIN,
            Role.FORCE,
            Role.LOCAL_POLICING_BODY,
        }
    ),
    Sight.WORKLIST: frozenset({Role.INSPECTOR, Role.AUDITOR}),
    Sight.LEDGER: frozenset({Role.INSPECTOR, Role.AUDITOR}),
}
"""Which roles may read what; a history comes with people and notes."""


def may(who: Who, command: type[Command], addressee: Code) -> Verdict:
    """Say whether somebody may give a command about an addressee."""
    if not may_read(who, Sight.HISTORY, addressee) and who.role in OWN_FORCE_ONLY:
        return Verdict.HIDDEN
    return Verdict.ALLOWED if who.role in COMMANDS[command] else Verdict.FORBIDDEN


def may_read(who: Who, sight: Sight, addressee: Code | None = None) -> bool:
    """Say whether somebody may read; what is not about one addressee has none."""
    if who.role not in SIGHTS[sight]:
        return False
    if sight is Sight.PUBLISHED or who.role not in OWN_FORCE_ONLY:
        return True
    return who.force is not None and who.force == addressee


def may_read_note(who: Who, tag: str, by: Role, addressee: Code) -> bool:
    """Say whether somebody may read an entry's notes.

    A force and its body read what concerns their own recommendations, except the remarks that
    others made among themselves.
    """
    if not may_read(who, Sight.HISTORY, addressee):
        return False
    return who.role not in OWN_FORCE_ONLY or tag != "recommendation.commented" or by is who.role


def require(who: Who, command: type[Command], addressee: Code) -> None:
    """Raise Absent or Forbidden unless somebody may give a command."""
    match may(who, command, addressee):
        case Verdict.HIDDEN:
            raise Absent("There is no such recommendation or report.")
        case Verdict.FORBIDDEN:
            roles = ", ".join(sorted(COMMANDS[command]))
            raise Forbidden(f"The role {who.role} may not do this; it takes: {roles}.")
        case Verdict.ALLOWED:
            return
