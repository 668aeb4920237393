"""Threads of a stream: its disputes and questions, each from its opening to what came of it."""

from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from domain.amendments.suppression import day_removed
from domain.checks import REPLIES
from domain.events.correspondence import (
    AgreementFields,
    AnswerFields,
    DisputeFields,
    ProposalFields,
    QuestionFields,
    RecommendationReply,
    ReplyFields,
    ReportReply,
    RetreatFields,
    SettlementFields,
)
from domain.events.event import Event
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import FieldName, Party, StepNumber, Text, When

Side: TypeAlias = Literal["inspectorate", "force", "local_policing_body"]
"""A side of a thread: the inspectorate, or the party."""
FACT_MAX: Final = 3
"""The most disputes of one fact by one party, whatever came of them."""
Ending: TypeAlias = Literal["corrected", "not_corrected", "withdrawn"]


class Settlement(Struct, frozen=True):
    """The end of a dispute: inspectors settled it, or its party took it back."""

    step: StepNumber
    on: When
    result: Ending
    correction: StepNumber | None = None
    """The step that put the fact right."""
    answer: Text | None = None
    """The inspectorate's own words, for everybody."""


class Proposal(Struct, frozen=True):
    """Words that one side proposed to stand beside a disputed fact."""

    step: StepNumber
    by: Side
    words: Text


class DisputeThread(Struct, frozen=True, kw_only=True):
    """A dispute of one fact, and whose move it is."""

    opened: StepNumber
    on: When
    party: Party
    step: StepNumber
    """The step that is disputed."""
    field: FieldName
    statement: Text | None = None
    waits_for: Side | None = "inspectorate"
    """The side whose move it is; None once it is settled."""
    proposal: Proposal | None = None
    """The words last proposed, while the other side has not agreed to them."""
    words: Text | None = None
    """The words to which both sides agreed."""
    settlement: Settlement | None = None

    @property
    def public(self) -> bool:
        """Whether the fact is public, so that the dispute is shown to everybody."""
        return self.statement is not None

    @property
    def open(self) -> bool:
        """Whether it was neither settled nor taken back."""
        return self.settlement is None

    @property
    def said(self) -> Text | None:
        """The words beside the fact: those agreed to, or the party's own statement."""
        return self.words or self.statement


class QuestionThread(Struct, frozen=True, kw_only=True):
    """A question between the inspectorate and one party, and whose move it is."""

    opened: StepNumber
    on: When
    party: Party
    asked_by: Side
    step: StepNumber | None = None
    """The step that it is about."""
    waits_for: Side | None = None
    """The side that has not answered yet; None once it has."""


class Threads(Struct, frozen=True):
    """All disputes and questions of a stream, in the order of their opening."""

    disputes: tuple[DisputeThread, ...] = ()
    questions: tuple[QuestionThread, ...] = ()

    def dispute(self, opened: int) -> DisputeThread | None:
        """Return the dispute that was opened at a step, if there is one."""
        return next((each for each in self.disputes if each.opened == opened), None)

    def question(self, opened: int) -> QuestionThread | None:
        """Return the question that was asked at a step, if there is one."""
        return next((each for each in self.questions if each.opened == opened), None)

    @property
    def of_public_facts(self) -> tuple[DisputeThread, ...]:
        """The disputes that everybody may read."""
        return tuple(each for each in self.disputes if each.public)


def side_of(role: Role) -> Side:
    """Return the side for which a role speaks."""
    match role:
        case Role.FORCE:
            return "force"
        case Role.LOCAL_POLICING_BODY:
            return "local_policing_body"
        case _:
            return "inspectorate"


def check_disputable(threads: Threads, party: Party, step: int, field: FieldName) -> None:
    """Raise Refused if a party disputes a fact, or did so as often as it may."""
    own = [
        each
        for each in threads.disputes
        if (each.party, each.step, each.field) == (party, step, field)
    ]
    for each in own:
        if each.open:
            raise Refused(f"This is disputed already, since step {each.opened}.", "/field")
    if len(own) >= FACT_MAX:
        raise Refused(
            f"Your side disputed this {FACT_MAX} times, which is the most. Ask the inspectorate a "
            "question instead.",
            "/field",
        )


def check_statement(threads: Threads, party: Party) -> None:
    """Raise Refused if a statement of a party was suppressed: it could be typed in again.

    What the suppressed text said is not known here, so that no new one can be compared with it.
    """
    for each in threads.disputes:
        if each.party == party and (removed := day_removed(each.statement)):
            raise Refused(
                f"A statement of your side was removed here on {removed}, so that no other can be "
                "shown. Ask the inspectorate a question instead.",
                "/statement",
            )


def party_to(event: Event) -> Party | None:
    """Return the party for which the notes of an event are, beside inspectors; None for others."""
    return event.party if isinstance(event, REPLIES) else None


def threads_after(threads: Threads, entry: Entry[RecommendationReply | ReportReply]) -> Threads:
    """Return the threads after one more step of them. History is never refused."""
    event, step, on = entry.event, entry.step, entry.stamp.on
    by = side_of(entry.stamp.first_role)
    other: Side = event.party if by == "inspectorate" else "inspectorate"
    if isinstance(event, DisputeFields):
        opened = DisputeThread(
            opened=step,
            on=on,
            party=event.party,
            step=event.step,
            field=event.field,
            statement=event.statement,
        )
        return replace(threads, disputes=(*threads.disputes, opened))
    if isinstance(event, QuestionFields):
        question = QuestionThread(
            opened=step, on=on, party=event.party, asked_by=by, step=event.step, waits_for=other
        )
        return replace(threads, questions=(*threads.questions, question))
    if isinstance(event, AnswerFields):
        return replace(
            threads,
            questions=tuple(
                replace(each, waits_for=None) if each.opened == event.question else each
                for each in threads.questions
            ),
        )
    return replace(
        threads,
        disputes=tuple(
            _dispute_after(each, event, step, on, by) if each.opened == event.dispute else each
            for each in threads.disputes
        ),
    )


def _dispute_after(
    dispute: DisputeThread,
    event: ReplyFields | ProposalFields | AgreementFields | SettlementFields | RetreatFields,
    step: StepNumber,
    on: When,
    by: Side,
) -> DisputeThread:
    """Return a dispute after a step of it, which one side took."""
    other: Side = event.party if by == "inspectorate" else "inspectorate"
    match event:
        case ReplyFields():
            return replace(dispute, waits_for=other)
        case ProposalFields(words=words):
            return replace(dispute, proposal=Proposal(step, by, words), waits_for=other)
        case AgreementFields(words=words):
            return replace(dispute, words=words, proposal=None, waits_for="inspectorate")
        case SettlementFields(result=result, correction=correction, answer=answer):
            settled = Settlement(step, on, result, correction, answer)
            return replace(dispute, settlement=settled, proposal=None, waits_for=None)
        case RetreatFields():
            settled = Settlement(step, on, "withdrawn")
            return replace(dispute, settlement=settled, proposal=None, waits_for=None)
