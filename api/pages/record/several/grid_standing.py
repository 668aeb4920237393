"""Where each recommendation of a report stands, and why a row of a form is ticked or not."""

from msgspec import Struct

from api.http.moment import moment
from api.pages.record.several.grid import BulkStep
from api.pages.rendering import formatting, labels, reading
from api.pages.rendering.language import gettext as _
from domain.commands.recommendation import (
    AssignFollowUp,
    Close,
    NameOwner,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RespondUnderSection55,
)
from domain.events.event import History
from domain.history import recommendation_after
from domain.recommendation.available_commands import DUE, is_due
from domain.recommendation.clocks import IMMEDIATE, clocks
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.recommendation.worklist import needs_new_plan, unseen_move
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of

RUNNING = frozenset({"running", "overdue"})


class RowStanding(Struct, frozen=True):
    """Where a recommendation stands: its stage, whose move it is, its finding and deadlines."""

    stage: str
    plan: str
    hands: str
    """The party that acts next, and the action; empty if it is closed and nobody does."""
    finding: str | None
    deadlines: tuple[str, ...]
    """The last days that run, or have passed without an answer."""


def standing_of(history: History) -> RowStanding:
    """Return where a recommendation stands today."""
    state = recommendation_after(history)
    unseen = unseen_move(state)
    finding = state.findings[-1].finding if state.findings else None
    hands = reading.hands_of(state, unseen)
    ended = state.stage is Stage.CLOSED and unseen is None
    return RowStanding(
        state.stage, state.plan, "" if ended else hands, finding, tuple(_deadlines(state))
    )


def _deadlines(state: Recommendation) -> list[str]:
    lines: list[str] = []
    for clock in clocks(state, day_of(moment())):
        last, left = formatting.due(clock), formatting.left(clock)
        if clock.state in RUNNING and last:
            day = f"{last} ({left})" if left else last
            name = labels.CLOCKS[clock.name]
            lines.append(_("%(deadline)s: due %(day)s", deadline=name, day=day))
    return lines


def why_unticked(step: BulkStep, state: Recommendation, actor: Actor) -> str:  # noqa: C901, PLR0911  a table
    """Return why the row of a recommendation is not ticked at first; empty if it is."""
    command = step.command
    if command is ProposeClosure:
        return _why_not_proposed(state)
    if command not in DUE or is_due(command, state, actor):
        return ""
    match command:
        case _ if command is ReceiveActionPlan and state.time_limit == IMMEDIATE:
            return _("Immediate: it gives an update in place of a plan.")
        case _ if command is ReceiveActionPlan and state.proposal:
            return _("A closure is proposed, on which inspectors decide first.")
        case _ if command is NameOwner:
            return _("A responsible post is on record already.")
        case _ if command is ReceiveUpdate:
            return _("An update is on record already.")
        case _ if command is AssignFollowUp:
            return _("A follow-up of it was reported.")
        case _ if command is RespondUnderSection55 and state.section_55:
            on = formatting.dated(state.section_55.on)
            return _("Comments are on record already, of %(day)s.", day=on)
        case _ if command is Close and state.proposal:
            return _("You proposed its closure. Another inspector closes it.")
        case _ if command is Close:
            return _("The last follow-up did not find it met, or no finding is on record.")
        case _:
            return _("It is not the next step for it.")


def _why_not_proposed(state: Recommendation) -> str:
    """Return why the closure of a recommendation is not to be proposed yet."""
    if state.proposal:
        return _("A closure is proposed already.")
    if state.plan is Plan.CHANGES_REQUESTED:
        return _("Its plan waits to be revised.")
    if not state.findings:
        return _("No finding is on record.")
    if needs_new_plan(state) and state.claim is None:
        return _("It was not found to be met, and the force has not said since that it is.")
    return ""
