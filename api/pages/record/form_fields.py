"""What a page asks before a command is given: the fields of each, in plain words.

What a field takes, and how long it may be, is said by the command's own type. It is one table, so
that the words of all forms stand side by side.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, structs

from adapters.documents.media_types import TAKEN
from adapters.documents.store import DOCUMENT_BYTES_MAX
from api.http.forms import FILES_FORM_BYTES_MAX, FILES_MAX
from api.pages.rendering import labels
from domain.available_commands import Action
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

As: TypeAlias = Literal[
    "text",
    "line",
    "choice",
    "select",
    "day",
    "limit",
    "recommendation",
    "documents",
    "number",
    "flag",
]


class Field(Struct, frozen=True):
    """One thing that is asked; `short` is what it is called once it is answered."""

    name: str
    label: str
    short: str
    kind: As = "text"
    hint: str = ""
    options: Mapping[str, str] | None = None
    blank: bool = False
    """Whether it may be left empty all the same."""

    @property
    def target(self) -> str:
        """The id of the first thing of it that can be focused."""
        return f"{self.name}-day" if self.kind == "day" else self.name

    def needed(self, command: type[Struct]) -> bool:
        """Whether the command is none without it."""
        return not self.blank and any(
            one.name == self.name and one.required for one in structs.fields(command)
        )


class Question(Struct, frozen=True):
    """A page that asks for one command: what it is called, and what is said once it is done."""

    command: Action
    title: str
    done: str
    fields: tuple[Field, ...]
    means: str = ""

    @property
    def tag(self) -> str:
        """The command's name, as in addresses and in the API."""
        return str(self.command.__struct_config__.tag)


ON = Field(
    "on",
    "When did this happen?",
    "Happened on",
    "day",
    "For example, 31 3 2026. Leave empty for today. If the day or the month is not known, leave "
    "that empty.",
)
PRIVATE = (
    "This is not published. Inspectors, auditors, the force and its local policing body can read "
    "it."
)
FOLLOW_UP = (
    Field("kind", "How will inspectors look again?", "Kind", "choice", options=labels.FOLLOW_UPS),
    Field(
        "procedure",
        "Which edition of the follow-up procedure applies?",
        "Procedure",
        "line",
        "For example, Post-inspection follow-up activity, 2025.",
    ),
    Field("window_from", "From when?", "From", "day", "Leave empty if it is not decided."),
    Field("window_to", "Until when?", "Until", "day", "Leave empty if it is not decided."),
    Field(
        "assignee",
        "Who does it?",
        "Assigned to",
        "line",
        "The person's identifier in this service, never a name. Leave empty if it is not decided.",
    ),
)

_ALL = (
    Question(
        ReviewActionPlan,
        "Review the action plan",
        "Review recorded",
        (
            Field(
                "outcome",
                "Do you accept the plan?",
                "Outcome",
                "choice",
                options={"accepted": "Accept it", "changes_requested": "Ask for changes"},
            ),
            Field(
                "remarks",
                "Remarks",
                "Remarks",
                hint=f"If you ask for changes, say what is missing. {PRIVATE}",
            ),
            ON,
        ),
    ),
    Question(
        ReceiveActionPlan,
        "Record the action plan",
        "Action plan recorded",
        (
            Field("answer", "What does the force answer?", "Answer", "choice", "", labels.ANSWERS),
            Field(
                "content",
                "What will it do, by when, or why will it do nothing?",
                "Plan",
                hint=PRIVATE,
            ),
            ON,
        ),
        "A force owes its plan within six weeks of publication.",
    ),
    Question(
        WaiveActionPlan,
        "Ask for no action plan",
        "Action plan not asked for",
        (Field("reason", "Why is no plan asked for?", "Reason", hint=PRIVATE), ON),
    ),
    Question(
        AssignFollowUp,
        "Assign a follow-up",
        "Follow-up assigned",
        (*FOLLOW_UP, Field("reason", "Why this way?", "Reason", hint=PRIVATE), ON),
    ),
    Question(
        ReportFollowUp,
        "Report the follow-up",
        "Follow-up reported",
        (
            Field("finding", "What did it find?", "Finding", "choice", "", labels.FINDINGS),
            Field(
                "passage",
                "What does the published report say?",
                "Passage",
                hint="Quote the passage. It is shown to everybody, so it must be published.",
            ),
            Field("source", "Where is that published?", "Source", "line", "Its title or address."),
            ON,
        ),
    ),
    Question(
        ChangeFollowUp,
        "Change the follow-up",
        "Follow-up changed",
        (*FOLLOW_UP, Field("reason", "Why is it changed?", "Reason", hint=PRIVATE), ON),
    ),
    Question(
        ReturnClaim,
        "Return the claim to the force",
        "Claim returned",
        (Field("reason", "What is missing?", "Reason", hint=PRIVATE), ON),
        "The force says that it is done. Returning the claim says that inspectors do not accept "
        "that yet.",
    ),
    Question(
        ClaimCompletion,
        "Say that it is done",
        "Claim recorded",
        (
            Field(
                "evidence",
                "What shows that it is done?",
                "Evidence",
                hint=f"Name no child, and nothing by which one could be known. {PRIVATE}",
            ),
            Field(
                "documents",
                "Documents that show it",
                "Documents",
                "documents",
                f"Up to {FILES_MAX} files of {DOCUMENT_BYTES_MAX >> 20} MB each, and "
                f"{FILES_FORM_BYTES_MAX >> 20} MB together. "
                f"Taken are {TAKEN}.",
            ),
            ON,
        ),
        "Inspectors decide whether they accept it; only they can close it.",
    ),
    Question(
        ReportProgress,
        "Report progress",
        "Progress recorded",
        (
            Field(
                "progress",
                "What has been done since?",
                "Progress",
                hint=f"Name no child, and nothing by which one could be known. {PRIVATE}",
            ),
            ON,
        ),
    ),
    Question(
        NameOwner,
        "Name who answers for it",
        "Owner recorded",
        (
            Field(
                "owner",
                "Which senior post answers for it?",
                "Owner",
                hint=f"The post, not the person. {PRIVATE}",
            ),
            ON,
        ),
    ),
    Question(
        RespondUnderSection55,
        "Record the local policing body's comments",
        "Comments recorded",
        (
            Field("answer", "What do the comments say?", "Answer", "choice", "", labels.ANSWERS),
            Field(
                "explanation",
                "The comments",
                "Comments",
                hint="They are shown to everybody: section 55 of the Police Act 1996 has them "
                "published.",
            ),
            Field(
                "address",
                "Where are they published?",
                "Published at",
                "line",
                "An address, if there is one.",
            ),
            ON,
        ),
    ),
    Question(
        RecordAssurance,
        "Give the local policing body's own view",
        "View recorded",
        (
            Field(
                "level",
                "Is the local policing body satisfied that it is done?",
                "View",
                "choice",
                "",
                labels.ASSURANCE,
            ),
            Field("reason", "What does it rest on?", "Reason", hint=PRIVATE),
            ON,
        ),
        "This is the body's own view. Only inspectors close a recommendation.",
    ),
    Question(
        Close,
        "Close it",
        "Closed",
        (
            Field("reason", "Why is it closed?", "Reason", "choice", "", labels.CLOSED),
            Field("basis", "What does that rest on?", "Basis", hint=PRIVATE),
            Field(
                "source",
                "Where is that recorded?",
                "Source",
                "line",
                "A report's title or address. Needed if inspectors verified that it is done.",
            ),
            Field(
                "superseded_by",
                "Which recommendation takes its place?",
                "Superseded by",
                "recommendation",
                "The address of its page. Only if a later recommendation takes its place.",
            ),
            ON,
        ),
    ),
    Question(
        Reopen,
        "Reopen it",
        "Reopened",
        (Field("reason", "Why is it reopened?", "Reason", hint=PRIVATE), ON),
    ),
    Question(
        ConfirmDecision,
        "Confirm the stale decision",
        "Decision confirmed",
        (
            Field("why", "Why does it hold, with what came later in mind?", "Why", hint=PRIVATE),
            ON,
        ),
        means="The decision stays as it was recorded. To decide otherwise, record the new decision "
        "instead.",
    ),
    Question(
        ChangeTimeLimit,
        "Change the time limit",
        "Time limit changed",
        (
            Field("time_limit", "What is the new time limit?", "Time limit", "limit"),
            Field("reason", "Why is it changed?", "Reason", hint=PRIVATE),
            ON,
        ),
    ),
    Question(
        NoteOutcome,
        "Note what a source says of it",
        "What the source says is noted",
        (
            Field(
                "reference",
                "What is this note called in this service?",
                "Reference",
                "line",
                "A short name of small letters, digits and hyphens, such as kent-review-2026-o1.",
            ),
            Field("said_by", "Who says it?", "Said by", "choice", options=labels.SAID_BY),
            Field("text", "What does the source say?", "Text", hint="In its own words."),
            Field("source", "Which source is it, and where in it?", "Source", "line"),
            Field("reading", "How do you read it?", "Reading", "choice", options=labels.READINGS),
            ON,
        ),
        means="It is published. It does not change where the recommendation stands.",
    ),
    Question(
        Comment,
        "Leave a remark",
        "Remark recorded",
        (Field("comment", "Remark", "Remark", hint=PRIVATE), ON),
    ),
)
QUESTIONS: Mapping[str, Question] = {one.tag: one for one in _ALL}
OF_COMMAND: Mapping[Action, Question] = {one.command: one for one in _ALL}
