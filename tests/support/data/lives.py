"""Random lives of recommendations, as the rules allow them, recorded in a real ledger."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from msgspec.structs import replace

from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.commands.command import Command
from domain.commands.common import ApproveSuppression, Correct, RequestSuppression
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
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    AssignFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    DeclineClosure,
    NoteOutcome,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    TakeOver,
    WaiveActionPlan,
    Withdraw,
)
from domain.events.correspondence import Disputed, QuestionAsked
from domain.events.event import History
from domain.events.recommendation import (
    ClosureProposed,
    FollowUpReported,
    SuppressionRequested,
    WithdrawalRequested,
)
from domain.history import addressee_of, recommendation_after
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.errors import Forbidden, Refused
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind, Kind, StoodAt, When
from tests.support.data.examples import IMPORT, INSPECTOR, issue, publish

FORCES = ("kent", "essex", "national", "training")
BEGIN = datetime(2022, 1, 10, 9, tzinfo=UTC)
LIMITS = ("immediate", "months:3", "months:6", "date:2022-07-31", "none", "unknown")


class Clock:
    """A clock that the lives move forward."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


def populate(
    ledger: Ledger, clock: Clock, seed: int, *, reports: int, steps: int, first: int = 0
) -> list[UUID]:
    """Publish reports of two recommendations, then take random steps; return the streams."""
    random = Random(seed)  # noqa: S311  a test that can be run again, no secret
    streams: list[UUID] = []
    for number in range(first, first + reports):
        clock.now += timedelta(hours=random.randint(1, 200))
        force = random.choice(FORCES)
        reference = f"{force}-{number}-2022"
        recommendations = tuple(
            issue(force, ordinal=ordinal, time_limit=random.choice(LIMITS)) for ordinal in (1, 2)
        )
        report = replace(
            publish(*recommendations, reference=reference, force=force, on=_on(random, clock)),
            recommendations_stated=random.choice((None, 1, 2, 5)),
        )
        publisher = random.choice((INSPECTOR, INSPECTOR, IMPORT))
        ledger.submit([Submission(report_id(reference), report)], publisher)
        streams += [recommendation_id(f"{reference}-r0{ordinal}") for ordinal in (1, 2)]
    for _ in range(steps):
        clock.now += timedelta(hours=random.randint(0, 30))
        stream = random.choice(streams)
        history = ledger.history(stream)
        command, role = random.choice(STEPS)(random, history)
        force = addressee_of(history)
        number = random.choice((1, 2))
        actor = Actor(f"{role}-{number}", role, force if role is not Role.INSPECTOR else None)
        try:
            ledger.submit([Submission(stream, replace(command, on=_on(random, clock)))], actor)
        except (Refused, Forbidden):
            continue
    for stream in streams * 2:
        history = ledger.history(stream)
        command, role = _dispute(random, history)
        of = addressee_of(history) if role is not Role.INSPECTOR else None
        with suppress(Refused, Forbidden):
            ledger.submit([Submission(stream, command)], Actor(f"{role}-3", role, of))
    return streams


def _on(random: Random, clock: Clock) -> When:
    """Return mostly a recent day; sometimes a month, a year or an unknown date."""
    day = clock.now.date() - timedelta(days=random.randint(0, 40))
    return random.choices(
        [day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}", "unknown"], weights=[12, 2, 1, 1]
    )[0]


Step = Callable[[Random, History], tuple[Command, Role]]


def _correct(random: Random, history: History) -> tuple[Command, Role]:
    on = history[0].stamp.on
    field, was, now = random.choice(
        [
            ("on", on, (date(2022, 1, 1) + timedelta(days=random.randint(0, 300))).isoformat()),
            ("time_limit", random.choice(LIMITS), random.choice(LIMITS)),
            ("kind", Kind.RECOMMENDATION, Kind.CAUSE_OF_CONCERN),
        ]
    )
    return Correct(
        step=1, field=field, was=str(was), now=str(now), why="It was wrong."
    ), INSPECTOR.role


def _refuse(_: Random, history: History) -> tuple[Command, Role]:
    """Return the claim, or decline the last proposal if there is no claim."""
    state = recommendation_after(history)
    if state.proposal and state.claim is None:
        return DeclineClosure(reason="Not yet."), Role.INSPECTOR
    return ReturnClaim(reason="No."), Role.INSPECTOR


def _close(_: Random, history: History) -> tuple[Command, Role]:
    """Close as verified, naming the last proposal, if there is one."""
    proposals = [e.step for e in history if isinstance(e.event, ClosureProposed)]
    close = Close(
        reason=CloseReason.VERIFIED,
        basis="Seen.",
        source="The review.",
        proposal=proposals[-1] if proposals else None,
    )
    return close, Role.INSPECTOR


def _withdraw(random: Random, history: History) -> tuple[Command, Role]:
    """Withdraw one of the last steps, or the last two, or agree to a request."""
    requests = [e.step for e in history if isinstance(e.event, WithdrawalRequested)]
    role = random.choice((Role.INSPECTOR, Role.INSPECTOR, Role.FORCE))
    if requests and random.random() < 0.5:
        return AgreeToWithdrawal(request=requests[-1]), role
    last = max(len(history) - random.randint(0, 2), 1)
    steps = (last,) if random.random() < 0.7 else (max(last - 1, 1), last)
    return Withdraw(steps=steps, why="Typing."), role


def _suppress(random: Random, history: History) -> tuple[Command, Role]:
    """Ask to suppress the text of the first step or the last finding, or agree to a request."""
    requests = [(e.step, e.event) for e in history if isinstance(e.event, SuppressionRequested)]
    if requests and random.random() < 0.6:
        request, event = requests[-1]
        approval = ApproveSuppression(request=request, step=event.step, field=event.field)
        return approval, Role.INSPECTOR
    findings = [e.step for e in history if isinstance(e.event, FollowUpReported)]
    step, field = (findings[-1], "passage") if findings and random.random() < 0.5 else (1, "text")
    command = RequestSuppression(step=step, field=field, ground="safeguarding", why="A name.")
    return command, Role.INSPECTOR


def _dispute(random: Random, history: History) -> tuple[Command, Role]:
    """Dispute the text or the kind of the first step, or take a step of a dispute or question."""
    opened = [e.step for e in history if isinstance(e.event, Disputed)]
    asked = [e.step for e in history if isinstance(e.event, QuestionAsked)]
    if opened and random.random() < 0.6:
        dispute = random.choice(opened)
        steps: list[tuple[Command, Role]] = [
            (ReplyToDispute(dispute=dispute, reply="Which?"), Role.INSPECTOR),
            (ProposeWords(dispute=dispute, words="It is disputed."), Role.INSPECTOR),
            (AgreeToWords(dispute=dispute, proposal=len(history)), Role.FORCE),
            (
                SettleDispute(
                    dispute=dispute, result="not_corrected", reason="It holds.", answer="So."
                ),
                Role.INSPECTOR,
            ),
            (WithdrawDispute(dispute=dispute), Role.FORCE),
        ]
        return random.choice(steps)
    if asked and random.random() < 0.3:
        return AnswerQuestion(question=random.choice(asked), answer="In May."), Role.INSPECTOR
    if random.random() < 0.3:
        return AskQuestion(question="When?"), Role.FORCE
    field = random.choice(("text", "kind", "area"))
    return DisputeFact(step=1, field=field, reasons="So.", statement="Not so."), Role.FORCE


def _take_over(random: Random, _: History) -> tuple[Command, Role]:
    command = TakeOver(
        standing=random.choice([*StoodAt]),
        basis="A letter.",
        source="The review.",
        kind=FollowUpKind.MONITORING,
        procedure="2020",
        finding=random.choice([Finding.MET, Finding.PARTLY_MET]),
        passage="Seen.",
        reason=random.choice([CloseReason.VERIFIED, CloseReason.WITHDRAWN]),
    )
    return command, Role.INSPECTOR


_PLANNING: list[Step] = [
    lambda _, __: (ReceiveActionPlan(answer="act", content="Plan."), Role.FORCE),
    lambda _, __: (WaiveActionPlan(reason="Small."), Role.INSPECTOR),
    lambda _, __: (ReviewActionPlan(outcome="accepted"), Role.INSPECTOR),
    lambda _, __: (
        ReviewActionPlan(outcome="changes_requested", remarks="More."),
        Role.INSPECTOR,
    ),
    lambda _, __: (AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020"), Role.INSPECTOR),
    lambda _, __: (
        ReportFollowUp(finding=Finding.PARTLY_MET, passage="Seen.", source="The review."),
        Role.INSPECTOR,
    ),
    lambda _, __: (
        ReportFollowUp(finding=Finding.MET, passage="Seen.", source="The review."),
        Role.INSPECTOR,
    ),
]
STEPS: list[Step] = [
    *_PLANNING,
    *_PLANNING,
    *_PLANNING,
    lambda _, __: (ClaimCompletion(evidence="Done."), Role.FORCE),
    _refuse,
    lambda random, _: (
        RecordAssurance(level=random.choice(("assured", "partly_assured")), reason="Seen."),
        Role.LOCAL_POLICING_BODY,
    ),
    lambda _, __: (ProposeClosure(basis="Seen.", source="The review."), Role.INSPECTOR),
    lambda _, __: (ReceiveUpdate(content="Done."), Role.FORCE),
    lambda _, __: (
        RespondUnderSection55(answer="act", explanation="We asked."),
        Role.LOCAL_POLICING_BODY,
    ),
    _close,
    _take_over,
    _take_over,
    _withdraw,
    _withdraw,
    _withdraw,
    _suppress,
    _suppress,
    lambda _, __: (Close(reason=CloseReason.WITHDRAWN, basis="Moot."), Role.INSPECTOR),
    lambda _, __: (Reopen(reason="Not so."), Role.INSPECTOR),
    lambda random, _: (
        ChangeTimeLimit(time_limit=random.choice(LIMITS), reason="Longer."),
        Role.INSPECTOR,
    ),
    lambda _, __: (Comment(comment="Noted."), Role.INSPECTOR),
    lambda _, __: (ConfirmDecision(why="It holds."), Role.INSPECTOR),
    lambda _, __: (
        NoteOutcome(
            reference="o-1", said_by="force", text="Not yet.", source="Letter", reading="claim"
        ),
        Role.INSPECTOR,
    ),
    _correct,
    _correct,
]
