"""Every command in every situation, in one table: the stage after it, or a dash if refused."""

from typing import get_args

import pytest

from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
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
    RecommendationCommand,
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
from domain.commands.report import IssueTo
from domain.events.recommendation import RecommendationEvent, Reopened
from domain.recommendation.decide import event_of
from domain.recommendation.evolve import evolve
from domain.recommendation.rules import STAGE_WORDS, check
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind, Milestone, StoodAt
from tests.support.data.examples import IMPORT, INSPECTOR, KENT, REPORT, issue
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CHANGES,
    CLAIMED,
    CLOSED,
    FOLLOWED_UP,
    ISSUED,
    NOTED,
    PLAN,
    STREAM,
    WAIVED,
    stamped,
)

TABLE = """
               absent issued waived plan   back   accept assign follow claim  closed again  stale  source
issue          issued -      -      -      -      -      -      -      -      -      -      -      -
name owner     -      issued issued plan   review review assign follow review -      review -      source
receive plan   -      plan   plan   -      plan   -      -      plan   -      -      -      -      plan
waive plan     -      issued -      -      review -      -      -      -      -      -      -      issued
accept plan    -      -      -      review -      -      -      -      -      -      -      -      -
send plan back -      -      -      review -      -      -      -      -      -      -      -      -
assign         -      -      assign -      -      assign -      assign assign -      assign -      -
change         -      -      -      -      -      -      assign -      -      -      -      -      -
follow up      -      -      -      -      -      -      follow -      -      -      -      -      -
take over      -      -      -      -      -      -      -      -      -      -      -      -      assign
progress       -      issued issued plan   review review assign follow review -      review -      source
update         -      -      -      -      -      -      -      -      -      -      -      -      -
claim          -      issued issued plan   review review assign follow -      -      review -      source
return claim   -      -      -      -      -      -      -      -      review -      -      -      -
section 55     -      issued issued plan   review review assign follow review closed review closed source
assure         -      issued issued plan   review review assign follow review closed review closed source
propose        -      issued issued plan   review review assign follow review -      review -      source
decline        -      -      -      -      -      -      -      -      -      -      -      -      -
close          -      closed closed closed closed closed closed closed closed -      closed -      closed
reopen         -      -      -      -      -      -      -      -      -      review -      review -
confirm        -      -      -      -      -      -      -      -      -      -      -      closed -
note outcome   -      issued issued plan   review review assign follow review closed review closed source
note milestone -      issued issued plan   review review assign follow review closed review closed source
time limit     -      issued issued plan   review review assign follow review -      review -      source
comment        -      issued issued plan   review review assign follow review closed review closed source
correct        -      issued issued plan   review review assign follow review closed review closed source
ask redaction  -      issued issued plan   review review assign follow review closed review closed source
approve it     -      issued issued plan   review review assign follow review closed review closed source
ask suppress   -      issued issued plan   review review assign follow review closed review closed source
agree to it    -      issued issued plan   review review assign follow review closed review closed source
"""  # noqa: E501  a table

PAST: dict[str, tuple[RecommendationEvent, ...]] = {
    "absent": (),
    "issued": (ISSUED,),
    "waived": (ISSUED, WAIVED),
    "plan": (ISSUED, PLAN),
    "back": (ISSUED, PLAN, CHANGES),
    "accept": (ISSUED, PLAN, ACCEPTED),
    "assign": (ISSUED, PLAN, ACCEPTED, ASSIGNED),
    "follow": (ISSUED, PLAN, ACCEPTED, ASSIGNED, FOLLOWED_UP),
    "claim": (ISSUED, PLAN, ACCEPTED, CLAIMED),
    "closed": (ISSUED, PLAN, ACCEPTED, CLAIMED, CLOSED),
    "again": (ISSUED, PLAN, ACCEPTED, CLAIMED, CLOSED, Reopened("Too soon.")),
    "stale": (ISSUED, PLAN, ACCEPTED, CLAIMED, CLOSED, NOTED),
    "source": (ISSUED,),
}
COMMANDS: dict[str, RecommendationCommand | IssueTo] = {
    "issue": IssueTo(report_id(REPORT), "pre-2024", "kent", ISSUED.reference, issue()),
    "name owner": NameOwner(owner="Head of crime"),
    "receive plan": ReceiveActionPlan(answer="act", content="Train."),
    "waive plan": WaiveActionPlan(reason="Small."),
    "accept plan": ReviewActionPlan(outcome="accepted"),
    "send plan back": ReviewActionPlan(outcome="changes_requested", remarks="By when?"),
    "assign": AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020"),
    "change": ChangeFollowUp(kind=FollowUpKind.MONITORING, procedure="2020", reason="Later."),
    "follow up": ReportFollowUp(finding=Finding.MET, passage="All.", source="Review"),
    "take over": TakeOver(
        standing=StoodAt.FOLLOW_UP_ASSIGNED,
        basis="Letter.",
        kind=FollowUpKind.MONITORING,
        procedure="2020",
    ),
    "progress": ReportProgress(progress="Half."),
    "update": ReceiveUpdate(content="Done at once."),
    "claim": ClaimCompletion(evidence="Done."),
    "return claim": ReturnClaim(reason="No list."),
    "section 55": RespondUnderSection55(answer="act", explanation="We asked."),
    "assure": RecordAssurance(level="assured", reason="We looked."),
    "propose": ProposeClosure(basis="All trained.", source="Letter"),
    "decline": DeclineClosure(reason="Half of it."),
    "close": Close(reason=CloseReason.WITHDRAWN, basis="Moot."),
    "reopen": Reopen(reason="Too soon."),
    "confirm": ConfirmDecision(why="It was known."),
    "note outcome": NoteOutcome(
        reference="kent-o1", said_by="force", text="Done.", source="Letter", reading="claim"
    ),
    "note milestone": NoteMilestone(
        reference="kent-s1",
        milestone=Milestone.CLAIM,
        said_by="force",
        text="Done.",
        source="Letter",
    ),
    "time limit": ChangeTimeLimit(time_limit="months:6", reason="Much to do."),
    "comment": Comment(comment="Noted."),
    "correct": Correct(step=1, field="ordinal", was=1, now=2, why="Typing."),
    "ask redaction": RequestRedaction(step=1, field="remark", ground="data_protection"),
    "approve it": ApproveRedaction(request=2, step=1, field="remark"),
    "ask suppress": RequestSuppression(step=1, field="text", ground="safeguarding", why="A name."),
    "agree to it": ApproveSuppression(request=2, step=1, field="text"),
}
STAGES = {
    "absent": Stage.ABSENT,
    "source": Stage.NOT_KNOWN,
    "issued": Stage.ISSUED,
    "plan": Stage.PLAN_RECEIVED,
    "review": Stage.PLAN_REVIEWED,
    "assign": Stage.FOLLOW_UP_ASSIGNED,
    "follow": Stage.FOLLOWED_UP,
    "closed": Stage.CLOSED,
}
BY_FORCE = stamped(KENT, "2022-08-05")
BY_IMPORT = stamped(IMPORT, "2022-08-05")
BY_INSPECTOR = stamped(INSPECTOR, "2022-08-05")
NAME_WIDTH = 15


def cells() -> list[tuple[str, str, str]]:
    head, *rows = TABLE.strip("\n").splitlines()
    return [
        (row[:NAME_WIDTH].strip(), situation, after)
        for row in rows
        for situation, after in zip(head.split(), row[NAME_WIDTH:].split(), strict=True)
    ]


def after(situation: str, events: tuple[RecommendationEvent, ...]) -> Recommendation:
    """Return the state after events; in the situation `source`, the first came from an import."""
    state = Recommendation()
    for step, event in enumerate(events, 1):
        imported = situation == "source" and step == 1
        stamp = BY_IMPORT if imported else BY_FORCE
        state = evolve(state, Entry(STREAM, step, STREAM, stamp, event))
    return state


def decided(command: RecommendationCommand | IssueTo, state: Recommendation) -> RecommendationEvent:
    event = event_of(command, state)
    check(event, state, BY_INSPECTOR)
    return event


@pytest.mark.parametrize(("command", "situation", "stage"), cells())
def test_each_command_in_each_stage_is_allowed_or_refused_as_in_the_table(
    command: str, situation: str, stage: str
) -> None:
    past = PAST[situation]
    if stage == "-":
        with pytest.raises(Refused):
            decided(COMMANDS[command], after(situation, past))
    else:
        event = decided(COMMANDS[command], after(situation, past))
        assert after(situation, (*past, event)).stage is STAGES[stage]


def test_every_command_is_in_the_table() -> None:
    assert {type(command) for command in COMMANDS.values()} == {
        *get_args(RecommendationCommand),
        IssueTo,
    } - {Withdraw, AgreeToWithdrawal, *get_args(ReplyCommand)}, (
        "which are decided on the whole history"
    )
    assert [*COMMANDS] == list(dict.fromkeys(command for command, _, _ in cells()))


def test_every_stage_is_in_the_table() -> None:
    stages = {after(situation, past).stage for situation, past in PAST.items()}
    assert stages == set(Stage)
    assert {STAGES[stage] for _, _, stage in cells() if stage != "-"} == set(Stage) - {Stage.ABSENT}
    assert [*PAST] == list(dict.fromkeys(situation for _, situation, _ in cells()))


def test_every_stage_has_words() -> None:
    assert set(STAGE_WORDS) == set(Stage)


def test_stages_and_plans_keep_their_released_names() -> None:
    assert [*Stage] == [
        "absent", "not_known", "issued", "plan_received", "plan_reviewed", "follow_up_assigned",
        "followed_up", "closed",
    ]  # fmt: skip
    assert [*Plan] == [
        "not_known",
        "awaited",
        "received",
        "changes_requested",
        "accepted",
        "waived",
    ]
