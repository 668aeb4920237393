"""The form of each command: its fields and questions, in plain words.

The type of the command sets the values and lengths that a field accepts. One table keeps the words
of all forms side by side.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, structs

from adapters.documents.media_types import ACCEPTED_TYPES
from adapters.documents.store import DOCUMENT_BYTES_MAX
from api.http.forms import FILES_FORM_BYTES_MAX, FILES_MAX
from api.pages.rendering import labels
from domain.commands.recommendation import (
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
)
from domain.recommendation.available_commands import Action

As: TypeAlias = Literal[
    "text",
    "line",
    "web",
    "choice",
    "select",
    "day",
    "moment",
    "limit",
    "recommendation",
    "documents",
    "number",
    "flag",
    "steps",
    "step",
    "person",
]


class Field(Struct, frozen=True):
    """A field of a form; `short` is the name of its answer on later pages."""

    name: str
    label: str
    short: str
    kind: As = "text"
    hint: str = ""
    options: Mapping[str, str] | None = None
    blank: bool = False
    """Whether it may be left empty although the command requires it."""
    required: bool = False
    """Whether an answer is needed although the command has a default."""
    sometimes: bool = False
    """Whether some answers to other fields need an answer here: its hint says which."""
    only: tuple[str, frozenset[str]] | None = None
    """The field and those of its answers with which this one is asked; any other leaves it out."""

    from_record: str = ""
    """The field that its errors lead to, if its value is taken from the record and not asked."""

    @property
    def target(self) -> str:
        """The id of its first element that can have the focus."""
        if self.from_record:
            return self.from_record
        return f"{self.name}-day" if self.kind in {"day", "moment"} else self.name

    @property
    def condition(self) -> str:
        """The name of its condition, by which a style hides it; empty if it is always asked."""
        return "-".join([self.only[0], *sorted(self.only[1])]) if self.only else ""

    def applies(self, typed: Mapping[str, str]) -> bool:
        """Return whether it is asked with the answers to the other fields."""
        return self.only is None or typed.get(self.only[0], "") in self.only[1]

    def needed(self, command: type[Struct]) -> bool:
        """Return whether the command requires a value of it."""
        return self.required or (
            not self.blank
            and any(field.name == self.name and field.required for field in structs.fields(command))
        )


class Question(Struct, frozen=True):
    """The form of a command: its title, its fields, and its words of confirmation."""

    command: Action
    title: str
    done: str
    fields: tuple[Field, ...]
    means: str = ""

    @property
    def asks_person(self) -> bool:
        """Whether an inspector is picked in it."""
        return any(field.kind == "person" for field in self.fields)

    @property
    def takes_files(self) -> bool:
        """Whether documents can be sent with it."""
        return any(field.kind == "documents" for field in self.fields)

    @property
    def tag(self) -> str:
        """The name of the command, in addresses and in the API."""
        return str(self.command.__struct_config__.tag)


ON = Field(
    "on",
    "When did this happen?",
    "Happened on",
    "day",
    "For example, 31 3 2026. Leave blank for today. If you do not know the day or the month, leave "
    "that part blank.",
)
NO_CHILD = "Do not name a child or include anything that could identify one."
PRIVATE = (
    "This is not published. Inspectors, auditors, the force and its local policing body can read "
    f"it. {NO_CHILD}"
)
FILES = (
    f"Up to {FILES_MAX} files of {DOCUMENT_BYTES_MAX >> 20} MB each, and "
    f"{FILES_FORM_BYTES_MAX >> 20} MB in total. You can upload {ACCEPTED_TYPES}. "
    "File names are kept: do not name a child in them."
)
_ASSIGNED = ("standing", frozenset({"follow_up_assigned"}))
_FOLLOWED_UP = ("standing", frozenset({"followed_up"}))
_CLOSED = ("standing", frozenset({"closed"}))
_PUBLISHED = ("standing", frozenset({"closed", "followed_up"}))
FOLLOW_UP = (
    Field("kind", "How will inspectors follow up?", "Kind", "choice", options=labels.FOLLOW_UPS),
    Field(
        "procedure",
        "Which edition of the follow-up procedure applies?",
        "Procedure",
        "line",
        "For example, Post-inspection follow-up activity, 2025.",
    ),
    Field("window_from", "From when?", "From", "day", "Leave blank if it is not decided yet."),
    Field("window_to", "Until when?", "Until", "day", "Leave blank if it is not decided yet."),
    Field(
        "assignee",
        "Who will do it?",
        "Assigned to",
        "person",
        "Leave blank if it is not decided yet.",
    ),
)

_ALL = (
    Question(
        TakeOver,
        "Say where it stands",
        "Where it stands is recorded",
        (
            Field(
                "standing",
                "Where did it stand on the day that you give below?",
                "Where it stood",
                "choice",
                "Answer only what you know from a record or a published source.",
                labels.STANDINGS,
            ),
            Field("basis", "How do you know this?", "Basis", hint=PRIVATE),
            Field(
                "source",
                "Where is it published or recorded?",
                "Source",
                "line",
                "A report's title or address. Needed for a finding, and for a closure as verified.",
                only=_PUBLISHED,
            ),
            Field(
                "kind",
                "If a follow-up had been assigned, which kind was it?",
                "Kind",
                "choice",
                options=labels.FOLLOW_UPS,
                only=_ASSIGNED,
            ),
            Field(
                "procedure",
                "If a follow-up had been assigned, which edition of the procedure applied?",
                "Procedure",
                "line",
                only=_ASSIGNED,
            ),
            Field(
                "window_from",
                "From when was it planned?",
                "From",
                "day",
                "Leave blank if not set.",
                only=_ASSIGNED,
            ),
            Field(
                "window_to",
                "Until when was it planned?",
                "Until",
                "day",
                "Leave blank if not set.",
                only=_ASSIGNED,
            ),
            Field(
                "finding",
                "If a follow-up had been reported, what was found?",
                "Finding",
                "choice",
                options=labels.FINDINGS,
                only=_FOLLOWED_UP,
            ),
            Field(
                "passage",
                "If a follow-up had been reported, what does the published report say?",
                "Passage",
                hint="Quote the passage. Anyone can read it here, so it must already be published.",
                only=_FOLLOWED_UP,
            ),
            Field(
                "reason",
                "If it had been closed, for which reason?",
                "Reason",
                "choice",
                options=labels.CLOSED,
                only=_CLOSED,
            ),
            Field(
                "superseded_by",
                "If a later recommendation had replaced it, which one?",
                "Superseded by",
                "recommendation",
                "The address of its page.",
                only=_CLOSED,
            ),
            ON,
        ),
        "It came from published sources, which may leave out what happened since. "
        "From the day that you give, its deadlines are followed as those of any other. Before that "
        "day, its stage stays not known.",
    ),
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
            Field("answer", "What is the force's answer?", "Answer", "choice", "", labels.ANSWERS),
            Field(
                "content",
                "What will it do and by when, or why will it take no action?",
                "Plan",
                hint=PRIVATE,
            ),
            Field("documents", "The plan as files", "Documents", "documents", FILES),
            ON,
        ),
        "The force's plan is due within 6 weeks of publication.",
    ),
    Question(
        WaiveActionPlan,
        "Waive the action plan",
        "Action plan waived",
        (Field("reason", "Why is the plan waived?", "Reason", hint=PRIVATE), ON),
    ),
    Question(
        AssignFollowUp,
        "Assign a follow-up",
        "Follow-up assigned",
        (*FOLLOW_UP, Field("reason", "Why this kind of follow-up?", "Reason", hint=PRIVATE), ON),
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
                hint="Quote the passage. Anyone can read it here, so it must already be published.",
            ),
            Field("source", "Where is it published?", "Source", "line", "Its title or address."),
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
        "The force says that it is done. Returning the claim means that inspectors do not accept "
        "this yet.",
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
                hint=f"{NO_CHILD} {PRIVATE}",
            ),
            Field("documents", "Documents that show it", "Documents", "documents", FILES),
            ON,
        ),
        "Inspectors decide whether to accept this. Only they can close the recommendation.",
    ),
    Question(
        ReceiveUpdate,
        "Record the force's update on immediate action",
        "Update recorded",
        (
            Field(
                "content",
                "What has the force done since publication?",
                "Update",
                hint=f"{NO_CHILD} {PRIVATE}",
            ),
            ON,
        ),
        "The recommendation asks for something immediately. For those, inspectors ask for an "
        "update, and for the others for an action plan.",
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
                hint=f"{NO_CHILD} {PRIVATE}",
            ),
            ON,
        ),
    ),
    Question(
        NameOwner,
        "Name the responsible post",
        "Responsible post recorded",
        (
            Field(
                "owner",
                "Which senior post is responsible?",
                "Responsible post",
                hint=f"Give the post, not the person. {PRIVATE}",
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
                hint="Anyone can read them here. Section 55 of the Police Act 1996 requires them "
                f"to be published. {NO_CHILD}",
            ),
            Field(
                "chief_officer",
                "The chief officer's comments",
                "Chief officer's comments",
                hint="They are published with the body's comments. Anyone can read them here. "
                f"{NO_CHILD}",
            ),
            Field(
                "address",
                "Where are they published?",
                "Published at",
                "web",
                "An address that begins with https:// or http://, if there is one.",
            ),
            Field(
                "copied_on",
                "When was a copy sent to the Secretary of State?",
                "Copied to the Secretary of State",
                "day",
                "Leave blank if it was not sent yet, or if you do not know.",
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
            Field("reason", "What is this view based on?", "Reason", hint=PRIVATE),
            ON,
        ),
        "This is the body's own view. Only inspectors can close a recommendation.",
    ),
    Question(
        DeclineClosure,
        "Decline the proposed closure",
        "Closure declined",
        (Field("reason", "Why does it stay open?", "Reason", hint=PRIVATE), ON),
        "It stays open, and the proposal no longer waits for another inspector.",
    ),
    Question(
        ProposeClosure,
        "Propose to close it as verified",
        "Closure proposed",
        (
            Field("basis", "What shows that it is done?", "Basis", hint=PRIVATE),
            Field(
                "source",
                "Where is this recorded?",
                "Source",
                "line",
                "A report's title or address.",
            ),
            Field(
                "second_reader",
                "Who is asked to agree?",
                "Asked to agree",
                "person",
                "Leave blank to leave it to any other inspector.",
            ),
            ON,
        ),
        "The last follow-up did not find it met, or no finding is on record. To close it as "
        "verified therefore takes two inspectors. You propose it, and another closes it or leaves "
        "it open.",
    ),
    Question(
        Close,
        "Close the recommendation",
        "Closed",
        (
            Field("reason", "Why is it closed?", "Reason", "choice", "", labels.CLOSED),
            Field("basis", "What is this decision based on?", "Basis", hint=PRIVATE),
            Field(
                "source",
                "Where is this recorded?",
                "Source",
                "line",
                "A report's title or address. Needed if inspectors verified that it is done.",
                sometimes=True,
            ),
            Field(
                "superseded_by",
                "Which recommendation replaces it?",
                "Superseded by",
                "recommendation",
                "The address of its page. Fill this in only if a later recommendation replaces it.",
                only=("reason", frozenset({"superseded"})),
            ),
            Field(
                "proposal",
                "At which step did another inspector propose this?",
                "Proposed at step",
                "number",
                only=("reason", frozenset({"verified"})),
                from_record="reason",
            ),
            ON,
        ),
    ),
    Question(
        Reopen,
        "Reopen the recommendation",
        "Reopened",
        (Field("reason", "Why is it reopened?", "Reason", hint=PRIVATE), ON),
    ),
    Question(
        ConfirmDecision,
        "Confirm the decision",
        "Decision confirmed",
        (
            Field(
                "why",
                "Why is it still right, given what was recorded later?",
                "Reason",
                hint=PRIVATE,
            ),
            ON,
        ),
        means="The decision stays as it was recorded. To change it, record a new decision instead.",
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
        "Note what a source says about it",
        "Source noted",
        (
            Field(
                "reference",
                "What is the reference of this note in this service?",
                "Reference",
                "line",
                "A short name of lower-case letters, digits and hyphens, such as "
                "kent-review-2026-o1.",
            ),
            Field("said_by", "Who says it?", "Said by", "choice", options=labels.SAID_BY),
            Field("text", "What does the source say?", "Text", hint="Use the source's own words."),
            Field("source", "Which source is it, and where in the source?", "Source", "line"),
            Field(
                "reading", "How do you interpret it?", "Reading", "choice", options=labels.READINGS
            ),
            ON,
        ),
        means="This is published. It does not change the stage of the recommendation.",
    ),
    Question(
        NoteMilestone,
        "Note what a source says was done",
        "Source noted",
        (
            Field(
                "reference",
                "What is the reference of this note in this service?",
                "Reference",
                "line",
                "A short name of lower-case letters, digits and hyphens, such as "
                "kent-response-2026-s1.",
            ),
            Field("milestone", "What was done?", "Done", "choice", options=labels.MILESTONES),
            Field("said_by", "Who says it?", "Said by", "choice", options=labels.SAID_BY),
            Field("text", "What does the source say?", "Text", hint="Use the source's own words."),
            Field("source", "Which source is it, and where in the source?", "Source", "line"),
            Field(
                "address",
                "Where can the response, claim or closure itself be read?",
                "Published at",
                "web",
                "An address that begins with https:// or http://, if there is one.",
            ),
            ON,
        ),
        means="This is published. It does not change the stage of the recommendation.",
    ),
    Question(
        Comment,
        "Add a remark",
        "Remark recorded",
        (Field("comment", "Remark", "Remark", hint=PRIVATE), ON),
    ),
)
QUESTIONS: Mapping[str, Question] = {question.tag: question for question in _ALL}
OF_COMMAND: Mapping[Action, Question] = {question.command: question for question in _ALL}
