"""The life cycle of an inspection: which command is possible in which stage, and by whom."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.access.inspections import DRAFTERS, INSPECTION_COMMANDS
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
    PlanInspection,
    ReleaseReport,
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)
from domain.decide import decide
from domain.events.event import Event
from domain.history import inspection_after
from domain.inspection.comparison import TextChange, changes_of
from domain.inspection.state import Inspection, InspectionStage
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.ids import inspection_id
from domain.vocabulary.values import Product
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, NOON, issue, publish
from tests.support.served.serving import AUDITOR, ESSEX_BODY, PUBLISHER, REPORTING

SALT, RELEASE_AT = "5a" * 32, NOON + timedelta(days=20)
TEXT = replace(publish(issue(), issue(ordinal=2)), on=None)
PLAN = PlanInspection(reference="kent-2026", addressee="kent", product=Product.NCPI, edition="2024")
CHANGE = ChangePlan(product=Product.REINSPECTION, edition="2024", fieldwork_from="2026-02")
SEND = SendToCheck(reply_by="2026-01-20", salt=SALT, text=TEXT)
EMBARGO = EmbargoReport(draft_version=1, release_at=RELEASE_AT, salt=SALT, text=TEXT)
RELEASE = ReleaseReport(salt=SALT, text=TEXT)
AGREE, DEFER = AgreeToRelease(embargo=9), DeferPublication(reason="Why.")
DROP = DropInspection(reason="Why.")
COMMENT = CommentOnFact(part="r1", comment="It is not so.")
FINISH = FinishCheck(check=4)
ANSWER = AnswerComment(comment=8, outcome="accepted", reason="It is not.")
WITHDRAW, RESUME = WithdrawComment(comment=8), ResumeInspection()
UP_TO_CHECK: tuple[InspectionCommand, ...] = (
    PLAN,
    BeginFieldwork(),
    ModerateDraft(draft_version=1),
    SEND,
)
STAGES: dict[str, tuple[InspectionCommand, ...]] = {
    "nothing": (),
    "planned": (PLAN,),
    "fieldwork": (PLAN, BeginFieldwork()),
    "moderated": UP_TO_CHECK[:3],
    "in_check": UP_TO_CHECK,
    "commented": (*UP_TO_CHECK, COMMENT),
    "finished": (*UP_TO_CHECK, COMMENT, FINISH),
    "sent again": (*UP_TO_CHECK, SEND),
    "embargoed": (*UP_TO_CHECK, COMMENT, replace(WITHDRAW), EMBARGO),
    "agreed": (*UP_TO_CHECK, COMMENT, WITHDRAW, EMBARGO, replace(AGREE, embargo=10)),
    "deferred": (*UP_TO_CHECK, DEFER),
    "released": (
        *UP_TO_CHECK, COMMENT, WITHDRAW, EMBARGO, replace(AGREE, embargo=10), RELEASE,
    ),
    "dropped": (PLAN, DROP),
}  # fmt: skip
"""Ways to each stage."""
POSSIBLE = {
    "nothing": "plan_inspection",
    "planned": "change_plan begin_fieldwork defer_publication drop_inspection",
    "fieldwork": "change_plan moderate_draft defer_publication drop_inspection",
    "moderated": "change_plan send_to_check defer_publication drop_inspection",
    "in_check": "send_to_check comment_on_fact finish_check embargo_report defer_publication "
    "drop_inspection",
    "commented": "send_to_check comment_on_fact finish_check answer_comment withdraw_comment "
    "defer_publication drop_inspection",
    "finished": "send_to_check answer_comment withdraw_comment defer_publication drop_inspection",
    "sent again": "send_to_check comment_on_fact defer_publication drop_inspection",
    "embargoed": "agree_to_release defer_publication drop_inspection",
    "agreed": "release_report defer_publication drop_inspection",
    "deferred": "resume_inspection drop_inspection",
    "released": "",
    "dropped": "",
}
"""The commands that are possible after each."""
EVERY: tuple[InspectionCommand, ...] = (
    PLAN, CHANGE, BeginFieldwork(), ModerateDraft(draft_version=1), SEND, COMMENT, FINISH, ANSWER,
    WITHDRAW, EMBARGO,
    replace(AGREE, embargo=10), DEFER, RESUME, RELEASE, DROP,
)  # fmt: skip
OTHER = Actor("inspector-2", Role.INSPECTOR)


def actor_of(command: InspectionCommand) -> Actor:
    if isinstance(command, AgreeToRelease):
        return OTHER
    roles = INSPECTION_COMMANDS[type(command)]
    return KENT if Role.FORCE in roles else PUBLISHER if Role.INSPECTOR not in roles else INSPECTOR


def moment_of(command: InspectionCommand) -> datetime:
    return RELEASE_AT if isinstance(command, ReleaseReport) else NOON


def after(commands: Sequence[InspectionCommand]) -> list[Entry[Event]]:
    """The history of an inspection after some commands, each by somebody who may."""
    history: list[Entry[Event]] = []
    for command in commands:
        at = moment_of(command)
        take(history, command, actor_of(command), at)
    return history


def take(
    history: list[Entry[Event]], command: InspectionCommand, actor: Actor, at: datetime = NOON
) -> None:
    stamp = Stamp(actor.id, actor.role, at, at.date().isoformat())
    stream = inspection_id("kent-2026")
    for event in decide(command, history, stamp, actor):
        history.append(Entry(stream, len(history) + 1, stream, stamp, event))


def is_possible(history: list[Entry[Event]], command: InspectionCommand) -> bool:
    try:
        take([*history], command, actor_of(command), moment_of(command))
    except (Refused, NotFound):
        return False
    return True


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_allows_the_commands_of_the_table(stage: str) -> None:
    history = after(STAGES[stage])
    possible = {
        str(command.__struct_config__.tag) for command in EVERY if is_possible(history, command)
    }
    assert possible == {*POSSIBLE[stage].split()}


def test_every_stage_of_an_inspection_is_reached_by_the_table() -> None:
    reached = {inspection_after(after(way)).stage for way in STAGES.values()}
    assert reached == {*InspectionStage}


@pytest.mark.parametrize("part", ["report", "r1", "r2"])
def test_no_release_differs_from_the_embargo_in_any_part(part: str) -> None:
    history = after(STAGES["agreed"])
    first, second = TEXT.recommendations
    other = {
        "report": replace(TEXT, title="Another title"),
        "r1": replace(TEXT, recommendations=(replace(first, time_limit="immediate"), second)),
        "r2": replace(TEXT, recommendations=(first, replace(second, text="Do more."))),
    }[part]
    with pytest.raises(Refused, match=f"not the text that was embargoed: {part}"):
        take(history, ReleaseReport(salt=SALT, text=other), PUBLISHER, RELEASE_AT)


def test_a_change_needs_a_comment_that_was_accepted_after_the_last_check() -> None:
    first, second = TEXT.recommendations
    changed = replace(TEXT, recommendations=(replace(first, text="Do half."), second))
    history = after((*STAGES["commented"], ANSWER))
    take(history, replace(EMBARGO, text=changed), INSPECTOR)
    history = after((*STAGES["commented"], ANSWER, replace(SEND, text=changed)))
    again = replace(TEXT, recommendations=(replace(first, text="Do nothing."), second))
    with pytest.raises(Refused, match="no comment was accepted: r1"):
        take(history, replace(EMBARGO, text=again), INSPECTOR)


@pytest.mark.parametrize(("days", "words"), [(0, 0), (15, 0), (16, 0), (0, 1)])
def test_a_text_that_was_sent_again_is_final_after_the_day_of_reply_or_the_word_of_the_force(
    days: int, words: int
) -> None:
    first, second = TEXT.recommendations
    changed = replace(TEXT, recommendations=(first, replace(second, text="Do more.")))
    history = after((*UP_TO_CHECK, replace(SEND, text=changed)))
    again = inspection_after(history).checks[-1].step
    for _ in range(words):
        with pytest.raises(Refused, match="not the last check"):
            take(history, FINISH, KENT)
        take(history, FinishCheck(check=again), KENT)
    embargo, at = replace(EMBARGO, text=changed), NOON + timedelta(days=days)
    if words or days > 15:
        take(history, embargo, INSPECTOR, at)
    else:
        with pytest.raises(Refused, match="sent to the force again"):
            take(history, embargo, INSPECTOR, at)


def test_a_change_between_two_checks_is_named_with_the_comments_accepted_for_it() -> None:
    first, second = TEXT.recommendations
    changed = replace(
        TEXT, recommendations=(replace(first, text="Do half."), replace(second, text="Do more."))
    )
    history = after((*STAGES["commented"], ANSWER, replace(SEND, text=changed)))
    again = inspection_after(history).checks[-1].step
    assert changes_of(inspection_after(history)) == (
        TextChange("r1", 4, again, (8,)),
        TextChange("r2", 4, again, ()),
    )
    take(history, FinishCheck(check=again), KENT)
    take(history, replace(EMBARGO, text=changed), INSPECTOR)
    assert changes_of(inspection_after(history))[2:] == ()


def test_a_comment_accepted_after_a_second_check_explains_no_earlier_change() -> None:
    first, second = TEXT.recommendations
    changed = replace(TEXT, recommendations=(replace(first, text="Do half."), second))
    again = replace(TEXT, recommendations=(replace(first, text="Do nothing."), second))
    history = after((*STAGES["commented"], replace(SEND, text=changed), ANSWER))
    check = inspection_after(history).checks[-1].step
    take(history, FinishCheck(check=check), KENT)
    take(history, replace(EMBARGO, text=again), INSPECTOR)
    assert changes_of(inspection_after(history)) == (
        TextChange("r1", 4, check, ()),
        TextChange("r1", check, len(history), (8,)),
    )


def test_a_changed_plan_counts_in_full_and_says_something_new() -> None:
    history = after((*STAGES["fieldwork"], CHANGE))
    planned = inspection_after(history).planned
    assert planned is not None
    assert (planned.reference, planned.addressee) == ("kent-2026", "kent")
    assert (planned.product, planned.fieldwork_from) == (Product.REINSPECTION, "2026-02")
    with pytest.raises(Refused, match="says this already"):
        take(history, CHANGE, INSPECTOR)


def test_a_report_is_not_released_before_its_minute() -> None:
    history = after(STAGES["agreed"])
    with pytest.raises(Refused, match="has not come"):
        take(history, RELEASE, PUBLISHER, RELEASE_AT - timedelta(microseconds=1))


def test_the_force_knows_nothing_before_the_check_and_the_body_never() -> None:
    before, checked = after(STAGES["moderated"]), after(STAGES["in_check"])
    for history, actor in ((before, KENT), (checked, KENT_BODY), (checked, ESSEX_BODY)):
        with pytest.raises(NotFound):
            take(history, COMMENT, actor)
    take(checked, COMMENT, KENT)


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.__struct_config__.tag)
def test_nobody_but_the_roles_of_the_table_gives_a_command(command: InspectionCommand) -> None:
    history = after(STAGES["commented"])
    for actor in (INSPECTOR, PUBLISHER, KENT, KENT_BODY, AUDITOR, REPORTING):
        if actor.role in INSPECTION_COMMANDS[type(command)]:
            continue
        with pytest.raises((Forbidden, NotFound)):
            take([*history], command, actor)


def test_only_those_who_draft_plan_an_inspection() -> None:
    assert INSPECTION_COMMANDS[PlanInspection] == DRAFTERS
    assert inspection_after([]) == Inspection()
