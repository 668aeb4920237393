"""Decide a command on one stream: permissions, dates, the rules of its kind, then the quota."""

from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import cast, get_args
from uuid import UUID

from msgspec.structs import replace

from domain import report
from domain.access import decide as access
from domain.access.decide import Access, NoteAccess
from domain.access.inspections import require_inspection
from domain.access.permissions import require, require_access
from domain.access.quotas import check_quota
from domain.amendments import replies
from domain.amendments.consistency import check_consistency
from domain.amendments.correction import check_correction
from domain.amendments.redaction import check_redaction
from domain.amendments.suppression import check_suppression
from domain.amendments.withdrawal import agree, withdraw
from domain.checks import ABOUT_THE_RECORD, check_date
from domain.commands.command import Command
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
from domain.commands.inspection import InspectionCommand, PlanInspection
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    ClaimCompletion,
    ReceiveActionPlan,
    RecommendationCommand,
    RespondUnderSection55,
    Withdraw,
)
from domain.commands.report import IssueTo, PublishReport, ReportCommand
from domain.events.event import Event, History
from domain.events.recommendation import RecommendationEvent, Withdrawn
from domain.events.report import ReportPublished
from domain.history import (
    State,
    access_after,
    addressee_of,
    chronology,
    continues,
    inspection_after,
    recommendation_after,
    report_after,
    state_of,
)
from domain.inspection.decide import decide_inspection
from domain.inspection.state import Inspection
from domain.recommendation import decide as recommendation
from domain.recommendation import rules
from domain.recommendation.state import Recommendation
from domain.report import Report
from domain.tracks import floor_of
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import end_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import NotFound, Refused, TooEarly, at
from domain.vocabulary.values import Sha256

_OF_REPORTS = frozenset(get_args(ReportCommand))
_OF_RECOMMENDATIONS = frozenset((*get_args(RecommendationCommand), IssueTo))
UNRECORDED = UUID(int=0)
"""The id of a step that is not recorded yet."""


def decide(
    command: Command | IssueTo | NoteAccess | InspectionCommand,
    history: History,
    stamp: Stamp,
    actor: Actor,
    *,
    state: State | None = None,
    documents: Collection[Sha256] = (),
) -> tuple[Event, ...]:
    """Return the events that follow from a command for one stream.

    `state` is the state after the history, if it is known already; `documents` are the stored
    documents of the stream, or at least those that the command names. Raises NotFound or
    Forbidden as `permissions` says, and Refused with the rule in words.
    """
    if isinstance(command, NoteAccess):
        return _decide_access(command, history, stamp, actor, state)
    if isinstance(command, get_args(InspectionCommand)):
        request = cast("InspectionCommand", command)
        return _decide_inspection(request, history, stamp, actor, state)
    published = cast("Command | IssueTo", command)
    return _decide_published(published, history, stamp, actor, state, documents)


def _decide_published(  # noqa: PLR0917  as `decide`
    command: Command | IssueTo,
    history: History,
    stamp: Stamp,
    actor: Actor,
    state: State | None,
    documents: Collection[Sha256],
) -> tuple[Event, ...]:
    """Return the events of a command to a report or a recommendation."""
    if not history and not isinstance(command, PublishReport | IssueTo):
        raise NotFound("There is no such recommendation or report.")
    if not isinstance(command, IssueTo):
        addressee = command.addressee if isinstance(command, PublishReport) else None
        require(actor, type(command), addressee or addressee_of(history))
    check_date(stamp)
    if isinstance(command, ReplyCommand):
        events: tuple[Event, ...] = (replies.decide(command, history, stamp, actor),)
    elif type(command) in _OF_REPORTS and _is_report(command, history):
        published = state if isinstance(state, Report) else report_after(history)
        noted = report.decide(cast("ReportCommand", command), published)
        _check_floor(noted, published, stamp)
        for event in noted:
            report.check(event, published, stamp)
        events = noted
    elif type(command) in _OF_RECOMMENDATIONS:
        current = state if isinstance(state, Recommendation) else recommendation_after(history)
        request = cast("RecommendationCommand | IssueTo", command)
        events = (_recommendation_event(request, history, stamp, actor, current),)
        if isinstance(command, ClaimCompletion | ReceiveActionPlan):
            check_documents(command, documents)
    else:
        raise Refused("This command is for a report, not for a recommendation.")
    if isinstance(command, Correct):
        check_correction(history, command, stamp)
        check_consistency(history, _with(history, stamp, events[0]))
    _check_copy(command, stamp)
    _check_removal(command, history, stamp, documents)
    check_quota(history, events, stamp)
    return events


def _check_copy(command: Command | IssueTo, stamp: Stamp) -> None:
    """Raise Refused if a copy of comments is said to be sent in the future."""
    match command:
        case RespondUnderSection55(copied_on=str(day)):
            place = "/copied_on"
        case Correct(field="copied_on", now=str(day)):
            place = "/now"
        case _:
            return
    with at(place):
        check_date(replace(stamp, on=day))


def _check_removal(
    command: Command | IssueTo, history: History, stamp: Stamp, documents: Collection[Sha256]
) -> None:
    """Check a command that takes a text away by two people; any other is fine."""
    if isinstance(command, RequestRedaction | ApproveRedaction):
        check_redaction(history, command, stamp, documents)
    if isinstance(command, RequestSuppression | ApproveSuppression):
        check_suppression(history, command, stamp)


def _recommendation_event(
    command: RecommendationCommand | IssueTo,
    history: History,
    stamp: Stamp,
    actor: Actor,
    current: Recommendation,
) -> RecommendationEvent:
    """Return the event of a command, judged where it belongs in time."""
    if isinstance(command, Withdraw | AgreeToWithdrawal):
        return _withdrawal(command, history, stamp, actor)
    event = recommendation.event_of(command, current)
    _check_floor((event,), current, stamp)
    if isinstance(event, ABOUT_THE_RECORD) or continues(current, _entry(history, stamp, event)):
        rules.check(event, current, stamp)
        return event
    number = len(history) + 1
    placed = chronology(_with(history, stamp, event))
    before = takewhile(lambda step: step.entry.step != number, placed)
    then = state_of(step.entry for step in before)
    event = recommendation.event_of(command, cast("Recommendation", then or Recommendation()))
    check_consistency(history, _with(history, stamp, event))
    return event


def _withdrawal(
    command: Withdraw | AgreeToWithdrawal, history: History, stamp: Stamp, actor: Actor
) -> RecommendationEvent:
    if isinstance(command, Withdraw):
        event = withdraw(command, history, actor)
    else:
        event = agree(command, history, actor)
    check_consistency(history, _with(history, stamp, Withdrawn(event.steps)))
    return event


def _with(history: History, stamp: Stamp, event: Event) -> History:
    return [*history, _entry(history, stamp, event)]


def _entry(history: History, stamp: Stamp, event: Event) -> Entry[Event]:
    stream = history[0].stream if history else UNRECORDED
    return Entry(stream, len(history) + 1, UNRECORDED, stamp, event)


def _decide_access(
    command: NoteAccess, history: History, stamp: Stamp, actor: Actor, state: State | None
) -> tuple[Event, ...]:
    require_access(actor, command.event)
    known = state if isinstance(state, Access) else access_after(history)
    check_date(stamp)
    _check_floor((command.event,), known, stamp)
    return access.decide(command, known, stamp)


def _decide_inspection(
    command: InspectionCommand, history: History, stamp: Stamp, actor: Actor, state: State | None
) -> tuple[Event, ...]:
    if not history and not isinstance(command, PlanInspection):
        raise NotFound("There is no such inspection.")
    known = state if isinstance(state, Inspection) else inspection_after(history)
    require_inspection(actor, command, known)
    check_date(stamp)
    events = decide_inspection(command, known, stamp)
    _check_floor(events, known, stamp)
    return events


def _check_floor(
    events: Sequence[Event], state: Recommendation | Report | Inspection | Access, stamp: Stamp
) -> None:
    for event in events:
        floor = floor_of(state.floors, type(event))
        if not isinstance(event, ABOUT_THE_RECORD) and end_of(stamp.on) < floor:
            raise TooEarly(
                f"{stamp.on} is before an earlier step. This one cannot have been before {floor}, "
                "by the steps of the same track on record. To change an earlier date, correct that "
                "step.",
                "/on",
                floor,
                published=isinstance(state, Recommendation) and state.issued_on == str(floor),
            )


def _is_report(command: Command | IssueTo, history: History) -> bool:
    if isinstance(command, PublishReport):
        return True
    return isinstance(history[0].event, ReportPublished)


def check_documents(
    command: ClaimCompletion | ReceiveActionPlan, documents: Collection[Sha256]
) -> None:
    """Raise Refused unless every document that a command names is stored."""
    for name in command.documents:
        if name not in documents:
            raise Refused(
                f"The document {name} has not been sent to this recommendation, or it was removed.",
                "/documents",
            )
