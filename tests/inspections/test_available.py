"""The commands that pages offer: none that the rules refuse for the stage alone."""

from datetime import UTC, datetime

import pytest

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
from domain.commands.report import PublishReport
from domain.events.inspection import InspectionPlanned
from domain.inspection.available import OF_STAGE, is_possible
from domain.inspection.decide import decide_inspection
from domain.inspection.state import Inspection, InspectionStage
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Product
from tests.support.data.examples import INSPECTOR

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TEXT = PublishReport(
    reference="kent-report",
    addressee="kent",
    product=Product.NCPI,
    edition="2024",
    title="A report",
    address="https://example.org/kent",
)
SALT = "00" * 32
COMMANDS: tuple[InspectionCommand, ...] = (
    ChangePlan(product=Product.NCPI, edition="2024", fieldwork_from="2026-02"),
    BeginFieldwork(),
    ModerateDraft(draft_version=1),
    SendToCheck(reply_by="2026-04-01", salt=SALT, text=TEXT),
    CommentOnFact(part="report", comment="It is wrong."),
    FinishCheck(check=4),
    AnswerComment(comment=5, outcome="rejected", reason="It is right."),
    WithdrawComment(comment=5),
    EmbargoReport(draft_version=1, release_at=AT, salt=SALT, text=TEXT),
    AgreeToRelease(embargo=6),
    DeferPublication(reason="An election."),
    ResumeInspection(),
    DropInspection(reason="The programme ended."),
)
PLANNED = InspectionPlanned("kent-2026", "kent", Product.NCPI, "2024")


@pytest.mark.parametrize("deferred", [None, 4])
@pytest.mark.parametrize("stage", InspectionStage)
def test_a_command_that_is_not_offered_is_one_that_the_rules_refuse(
    stage: InspectionStage, deferred: int | None
) -> None:
    state = Inspection(step=4, planned=PLANNED, stage=stage, deferred=deferred)
    stamp = Stamp(INSPECTOR.id, INSPECTOR.role, AT, "2026-03-02")
    for command in COMMANDS:
        if not is_possible(type(command), state):
            with pytest.raises(Refused):
                decide_inspection(command, state, stamp)


def test_every_command_that_people_give_is_offered_in_some_stage() -> None:
    assert {*OF_STAGE} == {type(command) for command in COMMANDS}
    assert all(OF_STAGE.values())
