"""The forms of an inspection's commands: their fields and words, in one table."""

from collections.abc import Mapping

from msgspec import Struct

from api.pages.inspections.words import OUTCOMES
from api.pages.record.form_fields import Field
from api.pages.rendering import labels
from api.v1.inspections.commands import EmbargoDraft, InspectionRequest, SendDraftToCheck
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
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)

PRIVATE = (
    "This is not published. Inspectors can read it, the force from its check on, and auditors once "
    "the report is published."
)
HAPPENED = Field(
    "on", "When did this happen?", "Happened on", "day", "For example, 31 3 2026. Leave blank for "
    "today.",
)  # fmt: skip


COARSE = "As precisely as you know it. Leave blank if it is not decided yet."
PLAN_FIELDS = (
    Field("product", "What kind of report will it be?", "Kind", "choice", options=labels.PRODUCTS),
    Field(
        "edition", "Which edition of the methodology?", "Edition", "choice", options=labels.EDITIONS
    ),
    Field("fieldwork_from", "When does fieldwork begin?", "Fieldwork from", "day", COARSE),
    Field("fieldwork_to", "When does fieldwork end?", "Fieldwork until", "day", COARSE),
    Field("remark", "Remark", "Remark", hint=PRIVATE),
)


class InspectionForm(Struct, frozen=True):
    """The form of a command: what is asked, and what it means."""

    request: type[InspectionRequest]
    command: type[InspectionCommand]
    title: str
    button: str
    fields: tuple[Field, ...] = ()
    means: str = ""
    fixed: str = ""
    """The field that the page fills in: what the command is about."""
    partial: bool = False
    """Whether the draft that it is about may be incomplete."""

    @property
    def tag(self) -> str:
        """The name of the command, in addresses and in the API."""
        return str(self.request.__struct_config__.tag)

    def is_open(self, fixed: str, *, missing: bool) -> bool:
        """Return whether the form can be filled in, with what it is about and what that lacks."""
        if self.fixed != "draft_version":
            return True
        return fixed != "0" and (self.partial or not missing)


FORMS = (
    InspectionForm(
        ChangePlan,
        ChangePlan,
        "Change the plan",
        "Change the plan",
        PLAN_FIELDS,
        "What the plan said before stays on record. The force and the reference cannot be changed.",
    ),
    InspectionForm(
        BeginFieldwork,
        BeginFieldwork,
        "Record that fieldwork began",
        "Record it",
        (HAPPENED,),
    ),
    InspectionForm(
        ModerateDraft,
        ModerateDraft,
        "Record that the draft passed moderation",
        "Record it",
        (HAPPENED, Field("remark", "Remark", "Remark", hint=PRIVATE)),
        "The record says which version of the draft passed.",
        "draft_version",
        partial=True,
    ),
    InspectionForm(
        SendDraftToCheck,
        SendToCheck,
        "Send the draft to the force",
        "Send it to the force",
        (
            Field(
                "reply_by",
                "Until the end of which day is the force asked to reply?",
                "Reply by",
                "day",
                "For example, 31 3 2026.",
            ),
        ),
        "The force can read this text from now on, and says what is not accurate in it. The text "
        "may change afterwards only where you accept a comment of the force. What you change "
        "otherwise, you send to the force again: the text is then made final only after the day of "
        "reply, or once the force says that it has no more comments. Everybody who may read the "
        "text sees what changed between two checks.",
        "draft_version",
    ),
    InspectionForm(
        CommentOnFact,
        CommentOnFact,
        "Say what is not accurate",
        "Send the comment",
        (Field("comment", "What is not accurate, and what is right?", "Comment", hint=PRIVATE),),
        "",
        "part",
    ),
    InspectionForm(
        FinishCheck,
        FinishCheck,
        "Say that you have no more comments",
        "I have no more comments",
        means="You cannot comment on this text afterwards, unless it is sent to you again. "
        "Inspectors answer the comments that wait, and can then make the text final.",
        fixed="check",
    ),
    InspectionForm(
        AnswerComment,
        AnswerComment,
        "Answer the comment",
        "Send the answer",
        (
            Field(
                "outcome", "Do you accept it?", "Answer", "choice",
                "Accept it if the text has to change.", OUTCOMES,
            ),
            Field("reason", "Why?", "Reason", hint=PRIVATE),
        ),
        "",
        "comment",
    ),
    InspectionForm(
        WithdrawComment,
        WithdrawComment,
        "Take the comment back",
        "Take it back",
        means="It stays on record as withdrawn, and inspectors do not answer it.",
        fixed="comment",
    ),
    InspectionForm(
        EmbargoDraft,
        EmbargoReport,
        "Make the text final, and set the minute of its release",
        "Set the embargo",
        (
            Field(
                "release_at",
                "When may everybody read it?",
                "Released",
                "moment",
                "The day and the time in the UK. For example, 26 3 2026 and 12:01am.",
            ),
        ),
        "From now on the text cannot change. The force can read it under embargo. A second person "
        "has to agree before it can be published.",
        "draft_version",
    ),
    InspectionForm(
        AgreeToRelease,
        AgreeToRelease,
        "Agree to the release",
        "Agree to the release",
        means="This is the whole text that everybody can read from that minute on. You agree as "
        "the second person: whoever set the embargo cannot.",
        fixed="embargo",
    ),
    InspectionForm(
        DeferPublication,
        DeferPublication,
        "Put the publication off",
        "Put it off",
        (
            Field("reason", "Why is it put off?", "Reason", hint=PRIVATE),
            Field(
                "until",
                "When is it expected to go on?",
                "Until",
                "day",
                "As precisely as you know it. Leave blank if nobody knows.",
            ),
        ),
        "Nothing is published while it is put off. An embargo has to be set and agreed to again "
        "afterwards.",
    ),
    InspectionForm(
        ResumeInspection,
        ResumeInspection,
        "Go on with the publication",
        "Go on with it",
        means="If there was an embargo, it has to be set and agreed to again.",
    ),
    InspectionForm(
        DropInspection,
        DropInspection,
        "End the inspection without a report",
        "End it",
        (Field("reason", "Why does it end?", "Reason", hint=PRIVATE),),
        "The draft is removed, and nothing more can be recorded of this inspection.",
    ),
)  # fmt: skip
STEP_FORMS: Mapping[str, InspectionForm] = {form.tag: form for form in FORMS}
"""The form of each command, by its name."""
