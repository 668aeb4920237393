"""Every command in every situation, in one table: the stage after it, or a dash if refused."""

from functools import reduce
from typing import get_args

import msgspec
import pytest

from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
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
    RecommendationCommand,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.commands.report import IssueTo
from domain.events.recommendation import RecommendationEvent, Reopened
from domain.recommendation.decide import STAGE_WORDS, decide
from domain.recommendation.state import Plan, Recommendation, Stage, evolve
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind
from tests.support.data.examples import INSPECTOR, KENT, REPORT, issue
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
    WAIVED,
    stamped,
)

TABLE = """
               absent issued waived plan   back   accept assign follow claim  closed again  stale
issue          issued -      -      -      -      -      -      -      -      -      -      -
name owner     -      issued issued plan   review review assign follow review -      review -
receive plan   -      plan   plan   -      plan   -      -      plan   -      -      -      -
waive plan     -      issued -      -      review -      -      -      -      -      -      -
accept plan    -      -      -      review -      -      -      -      -      -      -      -
send plan back -      -      -      review -      -      -      -      -      -      -      -
assign         -      -      assign -      -      assign -      assign assign -      assign -
change         -      -      -      -      -      -      assign -      -      -      -      -
follow up      -      -      -      -      -      -      follow -      -      -      -      -
progress       -      issued issued plan   review review assign follow review -      review -
claim          -      issued issued plan   review review assign follow -      -      review -
return claim   -      -      -      -      -      -      -      -      review -      -      -
section 55     -      issued issued plan   review review assign follow review closed review closed
assure         -      issued issued plan   review review assign follow review closed review closed
close          -      closed closed closed closed closed closed closed closed -      closed -
reopen         -      -      -      -      -      -      -      -      -      review -      review
confirm        -      -      -      -      -      -      -      -      -      -      -      closed
note outcome   -      issued issued plan   review review assign follow review closed review closed
time limit     -      issued issued plan   review review assign follow review -      review -
comment        -      issued issued plan   review review assign follow review closed review closed
correct        -      issued issued plan   review review assign follow review closed review closed
ask redaction  -      issued issued plan   review review assign follow review closed review closed
approve it     -      issued issued plan   review review assign follow review closed review closed
"""

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
    "progress": ReportProgress(progress="Half."),
    "claim": ClaimCompletion(evidence="Done."),
    "return claim": ReturnClaim(reason="No list."),
    "section 55": RespondUnderSection55(answer="act", explanation="We asked."),
    "assure": RecordAssurance(level="assured", reason="We looked."),
    "close": Close(reason=CloseReason.WITHDRAWN, basis="Moot."),
    "reopen": Reopen(reason="Too soon."),
    "confirm": ConfirmDecision(why="It was known."),
    "note outcome": NoteOutcome(
        reference="kent-o1", said_by="force", text="Done.", source="Letter", reading="claim"
    ),
    "time limit": ChangeTimeLimit(time_limit="months:6", reason="Much to do."),
    "comment": Comment(comment="Noted."),
    "correct": Correct(step=1, field="ordinal", was=1, now=2, why="Typing."),
    "ask redaction": RequestRedaction(step=1, field="remark", ground="data_protection"),
    "approve it": ApproveRedaction(request=2, step=1, field="remark"),
}
STAGES = {
    "absent": Stage.ABSENT,
    "issued": Stage.ISSUED,
    "plan": Stage.PLAN_RECEIVED,
    "review": Stage.PLAN_REVIEWED,
    "assign": Stage.FOLLOW_UP_ASSIGNED,
    "follow": Stage.FOLLOWED_UP,
    "closed": Stage.CLOSED,
}
BY_FORCE = stamped(KENT, "2022-08-05")
BY_INSPECTOR = stamped(INSPECTOR, "2022-08-05")
NAME_WIDTH = 15


def cells() -> list[tuple[str, str, str]]:
    head, *rows = TABLE.strip("\n").splitlines()
    return [
        (row[:NAME_WIDTH].strip(), situation, after)
        for row in rows
        for situation, after in zip(head.split(), row[NAME_WIDTH:].split(), strict=True)
    ]


def after(events: tuple[RecommendationEvent, ...]) -> Recommendation:
    return reduce(lambda state, event: evolve(state, event, BY_FORCE), events, Recommendation())


@pytest.mark.parametrize(("command", "situation", "stage"), cells())
def test_each_command_in_each_stage_is_allowed_or_refused_as_in_the_table(
    command: str, situation: str, stage: str
) -> None:
    past = PAST[situation]
    if stage == "-":
        with pytest.raises(Refused):
            decide(COMMANDS[command], after(past), BY_INSPECTOR)
    else:
        events = decide(COMMANDS[command], after(past), BY_INSPECTOR)
        assert after((*past, *events)).stage is STAGES[stage]


def test_every_command_is_in_the_table() -> None:
    assert {type(command) for command in COMMANDS.values()} == {
        *get_args(RecommendationCommand),
        IssueTo,
    }
    assert [*COMMANDS] == list(dict.fromkeys(command for command, _, _ in cells()))


def test_every_stage_is_in_the_table() -> None:
    assert {after(past).stage for past in PAST.values()} == set(Stage)
    assert {STAGES[stage] for _, _, stage in cells() if stage != "-"} == set(Stage) - {Stage.ABSENT}
    assert [*PAST] == list(dict.fromkeys(situation for _, situation, _ in cells()))


def test_every_stage_has_words() -> None:
    assert set(STAGE_WORDS) == set(Stage)


def test_stages_and_plans_keep_their_released_names() -> None:
    assert [*Stage] == [
        "absent", "issued", "plan_received", "plan_reviewed", "follow_up_assigned", "followed_up",
        "closed",
    ]  # fmt: skip
    assert [*Plan] == ["awaited", "received", "changes_requested", "accepted", "waived"]


def test_the_state_before_issue_is_empty() -> None:
    assert msgspec.to_builtins(Recommendation()) == {
        "step": 0,
        "floor": "0001-01-01",
        "stage": "absent",
        "issued": None,
        "issued_on": "unknown",
        "imported": False,
        "time_limit": "unknown",
        "time_limit_step": 1,
        "owner_step": 0,
        "plan": "awaited",
        "cycle": 1,
        "first_plan_on": None,
        "plan_waived_on": None,
        "follow_up": None,
        "findings": (),
        "claim": None,
        "claimants": (),
        "section_55": None,
        "assurance": None,
        "closure": None,
        "stage_before_closure": "absent",
        "decision": None,
        "slippage": {
            "time_limit_changes": 0,
            "reopenings": 0,
            "evidence": False,
            "closed_without_evidence": False,
        },
        "moved_on": "unknown",
    }
