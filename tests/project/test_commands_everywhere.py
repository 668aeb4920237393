"""Every command and event is in every table that needs it; an omission would be silent."""

from collections.abc import Collection
from typing import get_args

import msgspec
import pytest

from adapters.ledger.codec import SKIMMED, tag_of
from api.pages.record.form_fields import OF_COMMAND
from api.pages.rendering import labels
from api.pages.rendering.timeline import what_of
from domain.access.inspections import INSPECTION_COMMANDS
from domain.access.permissions import ACCESS, COMMANDS
from domain.amendments.correction import CORRECTABLE, notes_of
from domain.commands.command import Command
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
from domain.commands.inspection import InspectionCommand
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    NoteMilestone,
    NoteOutcome,
    RecommendationCommand,
    Withdraw,
)
from domain.commands.report import IssueTo
from domain.events.access import AccessEvent
from domain.events.event import Event
from domain.events.inspection import InspectionEvent
from domain.events.recommendation import RecommendationEvent
from domain.events.report import ReportEvent
from domain.recommendation.available_commands import SAMPLES, Action
from domain.recommendation.decisions import Decision, decision_after
from domain.recommendation.evolve import REMARKS
from domain.recommendation.slippage import Slippage, slippage_after
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Stamp
from tests.domain.test_lifecycle import COMMANDS as IN_THE_LIFE_CYCLE
from tests.domain.test_records import FULL
from tests.support.data.examples import NOON

OF_ONE_STEP = {
    *(Correct, RequestRedaction, ApproveRedaction, RequestSuppression, ApproveSuppression),
    *(Withdraw, AgreeToWithdrawal),
    *get_args(ReplyCommand),
}
"""Offered beside the step that they are about, each by a form of its own."""
NOT_ASKED: dict[Action, set[str]] = {
    NoteOutcome: {"confidence", "register_status", "remark", "reported_in"},
    NoteMilestone: {"answer", "confidence", "force", "level", "remark"},
}
"""Fields that only an import knows."""
OFFERED = {*get_args(RecommendationCommand)} - OF_ONE_STEP
RECORDED = {*get_args(RecommendationEvent), *get_args(ReportEvent)}


def _kinds(of: Collection[object]) -> set[type]:
    return {type(one) for one in of}


@pytest.mark.parametrize(
    ("known", "all_"),
    [
        pytest.param(COMMANDS, {*get_args(Command)}, id="in the table of permissions"),
        pytest.param(ACCESS, {*get_args(AccessEvent)}, id="in the table of access"),
        pytest.param(
            INSPECTION_COMMANDS, {*get_args(InspectionCommand)}, id="in that of inspections"
        ),
        pytest.param(_kinds(SAMPLES), OFFERED, id="by a sample that says whether it is open"),
        pytest.param(OF_COMMAND, OFFERED, id="by a form"),
        pytest.param(
            _kinds(IN_THE_LIFE_CYCLE.values()) - {IssueTo},
            {*get_args(RecommendationCommand)}
            - {Withdraw, AgreeToWithdrawal, *get_args(ReplyCommand)},
            id="in the life cycle's table of tests",
        ),
        pytest.param(CORRECTABLE, RECORDED, id="by the fields that a correction may mend"),
    ],
)
def test_every_command_is_known_everywhere(known: Collection[type], all_: set[type]) -> None:
    assert {*known} == all_


@pytest.mark.parametrize("command", OF_COMMAND)
def test_a_form_asks_for_every_field_of_its_command(command: Action) -> None:
    fields = {field.name for field in msgspec.structs.fields(command)}
    asked = {field.name for field in OF_COMMAND[command].fields}
    assert asked == fields - NOT_ASKED.get(command, set())


@pytest.mark.parametrize("line", FULL)
def test_a_remark_that_read_models_skip_means_nothing_to_them(line: str) -> None:
    event: Event = msgspec.json.decode(line, type=Event)
    if isinstance(event, REMARKS):
        decision = Decision(1, "2022-09-01", 1, judges=True)
        stamp = Stamp("a", Role.INSPECTOR, NOON, "2022-10-01")
        assert decision_after(decision, 2, event, stamp) == decision
        assert slippage_after(Slippage(), event, "unknown") == Slippage()
    assert (tag_of(event) in SKIMMED) <= isinstance(event, REMARKS)


@pytest.mark.parametrize("line", FULL)
def test_every_event_its_notes_and_fields_have_labels_on_pages(line: str) -> None:
    event: Event = msgspec.json.decode(line, type=Event)
    if not isinstance(event, (*get_args(AccessEvent), *get_args(InspectionEvent))):
        assert what_of(event)
        assert CORRECTABLE[type(event)] <= {*labels.FIELDS}
    assert notes_of(type(event)) <= {*labels.NOTES}


def test_only_recorded_events_have_labels_on_pages() -> None:
    assert {*labels.REMARKS} <= {event.__name__ for event in RECORDED}
