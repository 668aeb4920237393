"""The words of the forms of disputes and questions."""

from collections.abc import Mapping

from msgspec.structs import replace

from api.pages.record.form_fields import Field, Question
from api.pages.rendering import event_fields, formatting, labels
from api.pages.rendering.language import Table
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import what_of
from domain.amendments.facts import is_public_fact
from domain.amendments.replies import mending_steps, threads_of
from domain.amendments.threads import side_of
from domain.commands.correspondence import (
    AgreeToWords,
    AnswerQuestion,
    AskQuestion,
    DisputeFact,
    ProposeWords,
    ReplyToDispute,
    SettleDispute,
    WithdrawDispute,
)
from domain.events.event import History
from domain.vocabulary.actors import Actor
from domain.vocabulary.values import FieldName

BETWEEN = (
    "Inspectors and auditors can read this, and the one side that it is with: the force, or its "
    "local policing body. Nobody else can."
)
PUBLIC = (
    "Everybody can read this beside the fact, from now on. Write it so that it stands alone, and "
    "do not name a child."
)
REASONS = Field("reasons", "Why do you dispute it?", "Why it is disputed", hint=BETWEEN)
SHOULD_BE = Field(
    "should_be", "What should it say?", "What it should say", hint="Leave blank if you do not know."
)
STATEMENT = Field(
    "statement",
    "What should everybody read beside it?",
    "Statement for everybody",
    hint=PUBLIC,
    required=True,
)
_ANSWER = Field(
    "answer",
    "What should everybody read of your answer?",
    "Answer for everybody",
    hint=f"{PUBLIC} Needed if the fact stands.",
    sometimes=True,
)
_PARTY = Field(
    "party", "Whom do you ask?", "Asked", "choice", options=labels.WITH_RIGHT_OF_REPLY,
    required=True,
)  # fmt: skip
_QUESTION = Field("question", "What is your question?", "Question", hint=BETWEEN)
_RESULT = Field("result", "What comes of it?", "Result", "choice", options=labels.DISPUTE_RESULTS)
_CORRECTION = Field(
    "correction",
    "Which step put it right?",
    "Put right at",
    "step",
    only=("result", frozenset({"corrected"})),
)
_REASON = Field("reason", "Why?", "Reason", hint=BETWEEN)
_QUESTIONS = (
    Question(
        ReplyToDispute,
        "Reply in the dispute",
        "Reply recorded",
        (Field("reply", "What do you reply?", "Reply", hint=BETWEEN),),
        means="Only inspectors and the side that opened the dispute can read your reply.",
    ),
    Question(
        ProposeWords,
        "Propose words to stand beside the fact",
        "Words proposed",
        (Field("words", "Which words?", "Words", hint="Do not name a child."),),
        means="If the other side agrees, everybody reads these words beside the fact, in the place "
        "of the statement.",
    ),
    Question(
        AgreeToWords,
        "Agree to the words that were proposed",
        "Words agreed",
        (),
        means="Everybody will read these words beside the fact, in the place of the statement.",
    ),
    Question(
        SettleDispute,
        "Settle the dispute",
        "Dispute settled",
        (),
        means="To put the fact right, first correct or withdraw the step, or record what is right; "
        "then name that step here. Everybody reads what came of a dispute of a public fact.",
    ),
    Question(
        WithdrawDispute,
        "Take the dispute back",
        "Dispute taken back",
        (Field("why", "Why do you take it back?", "Reason", hint=BETWEEN),),
        means="Nothing is shown beside the fact any more. The history keeps the dispute.",
    ),
    Question(AskQuestion, "Ask a question", "Question asked", ()),
    Question(
        AnswerQuestion,
        "Answer the question",
        "Answer recorded",
        (Field("answer", "What is the answer?", "Answer", hint=BETWEEN),),
    ),
)
REPLY_FIELDS = (
    *(REASONS, SHOULD_BE, STATEMENT, _PARTY, _QUESTION, _RESULT, _CORRECTION, _REASON, _ANSWER),
    *(field for question in _QUESTIONS for field in question.fields),
)
"""The fields of all these forms."""
OF_TAG: Mapping[str, Question] = {question.tag: question for question in _QUESTIONS}


def dispute_form(history: History, step: int, field: FieldName) -> Question:
    """Return the form that disputes a field of a step; of a public fact, with its statement."""
    event = history[step - 1].event
    label = event_fields.label_of(type(event), field)
    public = is_public_fact(history, step, field)
    return Question(
        DisputeFact,
        _("Dispute step %(step)s: %(field)s", step=step, field=label),
        "Dispute recorded",
        (REASONS, SHOULD_BE, *([STATEMENT] if public else [])),
        means=_(
            "Everybody reads beside the fact that you dispute it, and your statement, until the "
            "dispute is settled. The fact itself stays as it is until inspectors put it right."
        )
        if public
        else _(
            "The fact is not public, so that only inspectors read your dispute. It stays as it is "
            "until inspectors put it right."
        ),
    )


def choices_of(question: Question, history: History, thread: int, actor: Actor) -> Question:
    """Return a form with the fields that fit its thread and its reader."""
    if question.command is AskQuestion:
        inspecting = side_of(actor.role) == "inspectorate"
        return replace(question, fields=(_PARTY, _QUESTION) if inspecting else (_QUESTION,))
    if question.command is not SettleDispute:
        return question
    dispute = threads_of(history).dispute(thread)
    steps = mending_steps(history, thread)
    results = {
        code: words
        for code, words in labels.DISPUTE_RESULTS.english.items()
        if code == "not_corrected" or (code == "corrected" and steps)
    }
    right = {
        str(step): f"{formatting.step(step)}: {what_of(history[step - 1].event)}" for step in steps
    }
    fields = [replace(_RESULT, options=Table(results))]
    if steps:
        fields.append(replace(_CORRECTION, options=right))
    fields.append(_REASON)
    if dispute and dispute.public:
        fields.append(_ANSWER)
    return replace(question, fields=tuple(fields))
