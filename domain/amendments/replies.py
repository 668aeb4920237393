"""The right of reply: what may be disputed and asked, by whom, and who may settle it.

A dispute moves nothing: the fact stands as it is on record until a correction mends it, and both
stay readable. Only its own party takes a dispute back, and only inspectors settle it.
"""

from typing import Final, get_args

from msgspec import Struct

from domain.amendments.facts import fields_of, is_public_fact, value_of
from domain.amendments.suppression import day_removed
from domain.amendments.threads import (
    DisputeThread,
    QuestionThread,
    Threads,
    check_disputable,
    check_statement,
    side_of,
    threads_after,
)
from domain.amendments.withdrawal import withdrawn_steps
from domain.checks import ABOUT_THE_RECORD, REPLIES
from domain.commands.correspondence import (
    AgreeToWords,
    AnswerQuestion,
    AskQuestion,
    DisputeFact,
    ProposeWords,
    ReplyCommand,
    ReplyToDispute,
    SettleDispute,
    WithdrawDispute,
)
from domain.events import correspondence as events
from domain.events.correspondence import RecommendationReply, ReportReply
from domain.events.event import History
from domain.events.recommendation import Corrected, Withdrawn
from domain.events.report import ReportCorrected, ReportPublished
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Forbidden, Refused
from domain.vocabulary.values import Party, Text

MENDS: Final = (Corrected, ReportCorrected, Withdrawn)
"""Events that put a recorded fact right."""
OPEN_MAX: Final = 20
"""The most open disputes of one party in one stream, and the most questions that wait for it."""


class Kinds(Struct, frozen=True):
    """The events of a kind of stream."""

    disputed: type[events.Disputed] | type[events.ReportDisputed]
    replied: type[events.DisputeReplied] | type[events.ReportDisputeReplied]
    proposed: type[events.WordsProposed] | type[events.ReportWordsProposed]
    agreed: type[events.WordsAgreed] | type[events.ReportWordsAgreed]
    settled: type[events.DisputeSettled] | type[events.ReportDisputeSettled]
    withdrawn: type[events.DisputeWithdrawn] | type[events.ReportDisputeWithdrawn]
    question: type[events.QuestionAsked] | type[events.ReportQuestionAsked]
    answer: type[events.QuestionAnswered] | type[events.ReportQuestionAnswered]


OF_RECOMMENDATIONS: Final = Kinds(*get_args(RecommendationReply))
OF_REPORTS: Final = Kinds(*get_args(ReportReply))


def threads_of(history: History) -> Threads:
    """Return the disputes and questions of a stream, as recorded."""
    threads = Threads()
    for entry in history:
        if isinstance(entry.event, REPLIES):
            threads = threads_after(threads, entry)  # type: ignore[arg-type]
    return threads


def decide(
    command: ReplyCommand, history: History, stamp: Stamp, actor: Actor
) -> RecommendationReply | ReportReply:
    """Return the event of a command of the right of reply.

    Raises Refused with the rule in words, and Forbidden if the thread is not the actor's.
    """
    if stamp.on != day_of(stamp.at).isoformat():
        raise Refused(
            "A step of a dispute or a question takes effect on the day on which it is recorded. "
            "Leave its date out.",
            "/on",
        )
    kinds = OF_REPORTS if isinstance(history[0].event, ReportPublished) else OF_RECOMMENDATIONS
    threads = threads_of(history)
    match command:
        case DisputeFact():
            return _disputed(command, history, threads, actor, kinds)
        case AskQuestion():
            return _asked(command, history, threads, actor, kinds)
        case AnswerQuestion(question=number, answer=answer):
            question = threads.question(number)
            if question is None:
                raise Refused(f"Step {number} is not a question.", "/question")
            _check_party(question, actor)
            if side_of(actor.role) == question.asked_by:
                raise Refused("The side that asked cannot answer. Ask another question instead.")
            return kinds.answer(number, question.party, answer)
        case _:
            return _in_dispute(command, history, threads, actor, kinds)


def _in_dispute(
    command: ReplyToDispute | ProposeWords | AgreeToWords | SettleDispute | WithdrawDispute,
    history: History,
    threads: Threads,
    actor: Actor,
    kinds: Kinds,
) -> RecommendationReply | ReportReply:
    """Return the next event of a dispute that is open."""
    dispute = threads.dispute(command.dispute)
    if dispute is None:
        raise Refused(f"Step {command.dispute} does not open a dispute.", "/dispute")
    _check_party(dispute, actor)
    if dispute.settlement is not None:
        raise Refused(f"This dispute ended at step {dispute.settlement.step}.", "/dispute")
    opened, party = dispute.opened, dispute.party
    match command:
        case ReplyToDispute(reply=reply):
            return kinds.replied(opened, party, reply)
        case ProposeWords(words=words):
            if not dispute.public:
                raise Refused("The fact is not public, so that no words stand beside it.", "/words")
            return kinds.proposed(opened, party, words)
        case AgreeToWords(proposal=proposal):
            words = _words_to_agree(dispute, proposal, actor)
            return kinds.agreed(opened, party, proposal, words)
        case SettleDispute():
            _check_settlement(command, dispute, history, actor)
            return kinds.settled(
                opened,
                party,
                command.result,
                command.reason,
                command.correction,
                command.answer,
                dispute.public,
            )
        case WithdrawDispute(why=why):
            return kinds.withdrawn(opened, party, why, dispute.public)


def _disputed(
    command: DisputeFact, history: History, threads: Threads, actor: Actor, kinds: Kinds
) -> RecommendationReply | ReportReply:
    """Return the opening of a dispute; raise Refused unless the fact can be disputed."""
    step, field, party = command.step, command.field, _party_of(actor)
    _check_step(step, history)
    if step in withdrawn_steps(history):
        raise Refused(f"Step {step} was withdrawn, so that nothing of it counts.", "/step")
    event = history[step - 1].event
    names = fields_of(event)
    if not names:
        raise Refused(
            f"Step {step} is about the record itself. Dispute the step that it is about.", "/step"
        )
    if field not in names:
        raise Refused(
            f"Step {step} has no field called {field}. Its fields: {', '.join(names)}.", "/field"
        )
    if removed := day_removed(value_of(event, field)):
        raise Refused(f"This text was removed on {removed}.", "/field")
    check_disputable(threads, party, step, field)
    own = [each for each in threads.disputes if each.open and each.party == party]
    if len(own) >= OPEN_MAX:
        raise Refused(f"At most {OPEN_MAX} disputes of one party can be open here at once.")
    public = is_public_fact(history, step, field)
    if public and command.statement is None:
        raise Refused(
            "This fact is public. Give the statement that is shown beside it.", "/statement"
        )
    if not public and command.statement is not None:
        raise Refused("This fact is not public, so that no statement is shown.", "/statement")
    if public:
        check_statement(threads, party)
    return kinds.disputed(step, field, party, command.reasons, command.should_be, command.statement)


def _asked(
    command: AskQuestion, history: History, threads: Threads, actor: Actor, kinds: Kinds
) -> RecommendationReply | ReportReply:
    """Return a question; raise Refused unless it says whom it is for, and what it is about."""
    own = side_of(actor.role)
    party: Party | None = command.party if own == "inspectorate" else _party_of(actor)
    if party is None:
        raise Refused("Say whom you ask: the force, or the local policing body.", "/party")
    if own != "inspectorate" and command.party not in {None, own}:
        raise Refused("You can ask the inspectorate only. Leave the party out.", "/party")
    if command.step is not None:
        _check_step(command.step, history)
    waiting = [each for each in threads.questions if each.waits_for and each.asked_by == own]
    if len(waiting) >= OPEN_MAX:
        raise Refused(f"At most {OPEN_MAX} of your questions can wait for an answer here at once.")
    return kinds.question(party, command.question, command.step)


def _check_party(thread: DisputeThread | QuestionThread, actor: Actor) -> None:
    """Raise Forbidden unless an actor speaks for a side of a thread."""
    if side_of(actor.role) not in {"inspectorate", thread.party}:
        other = "force" if thread.party == "force" else "local policing body"
        raise Forbidden(f"This is between the inspectorate and the {other}.")


def _words_to_agree(dispute: DisputeThread, proposal: int, actor: Actor) -> Text:
    """Return the words last proposed; raise Refused unless the other side proposed them."""
    if dispute.proposal is None or dispute.proposal.step != proposal:
        raise Refused(f"Step {proposal} is not the last proposal of words here.", "/proposal")
    if dispute.proposal.by == side_of(actor.role):
        raise Refused("Your side proposed these words. The other side has to agree.")
    return dispute.proposal.words


def _check_settlement(
    command: SettleDispute, dispute: DisputeThread, history: History, actor: Actor
) -> None:
    """Raise Refused unless a settlement names what its result needs.

    Whoever recorded the disputed value cannot let it stand alone; to mend it takes nobody else.
    """
    if command.answer is not None and not dispute.public:
        raise Refused("The fact is not public, so that no answer is shown.", "/answer")
    if command.result == "not_corrected":
        if command.correction is not None:
            raise Refused("A fact that stands has no correction. Leave it out.", "/correction")
        if dispute.public and command.answer is None:
            raise Refused(
                "The dispute is public. Say in the answer why the fact stands.", "/answer"
            )
        if actor.id in _recorders(history, dispute):
            raise Refused(
                "You recorded what is disputed, so that another inspector has to say whether it "
                "stands. You can put it right yourself."
            )
        return
    if command.correction is None:
        raise Refused("Name the step that put the fact right.", "/correction")
    if not _mends(history, dispute, command.correction):
        raise Refused(
            f"Step {command.correction} did not put right what is disputed. Name a later step that "
            f"corrects {dispute.field} of step {dispute.step}, withdraws that step, or replaces "
            "what it says.",
            "/correction",
        )


def _recorders(history: History, dispute: DisputeThread) -> set[str]:
    """Return who recorded the value that is disputed: the step, or a correction of the field."""
    by = {history[dispute.step - 1].stamp.by}
    for entry in history:
        if isinstance(entry.event, Corrected | ReportCorrected) and (
            (entry.event.step, entry.event.field) == (dispute.step, dispute.field)
        ):
            by.add(entry.stamp.by)
    return by


def _mends(history: History, dispute: DisputeThread, step: int) -> bool:
    """Return whether a step may have put right what is disputed: it is later, and about it."""
    if not dispute.opened < step <= len(history) or step in withdrawn_steps(history):
        return False
    match history[step - 1].event:
        case Corrected() | ReportCorrected() as mended:
            return (mended.step, mended.field) == (dispute.step, dispute.field)
        case Withdrawn(steps=steps):
            return dispute.step in steps
        case event:
            return not isinstance(event, (*ABOUT_THE_RECORD, *REPLIES))


def mending_steps(history: History, opened: int) -> tuple[int, ...]:
    """Return the steps that may have put right what the dispute of a step is about."""
    dispute = threads_of(history).dispute(opened)
    if dispute is None:
        return ()
    return tuple(entry.step for entry in history if _mends(history, dispute, entry.step))


def _check_step(step: int, history: History) -> None:
    if step > len(history):
        raise Refused(f"There is no step {step}. The last step is {len(history)}.", "/step")


def _party_of(actor: Actor) -> Party:
    """Return the party of an actor; raise Forbidden if it has none."""
    match actor.role:
        case Role.FORCE:
            return "force"
        case Role.LOCAL_POLICING_BODY:
            return "local_policing_body"
        case _:
            raise Forbidden("Only a force or a local policing body can do this.")
