"""Decide a command on one stream: permissions, then dates, then the rules of its kind."""

from collections.abc import Collection
from datetime import date
from typing import cast, get_args

from domain import report
from domain.access import decide as access
from domain.access.decide import Access, NoteAccess
from domain.access.permissions import require, require_access
from domain.checks import check_day
from domain.commands.command import Command
from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import RecommendationCommand
from domain.commands.report import IssueTo, PublishReport, ReportCommand
from domain.correction import check_correction
from domain.events.event import Event, History
from domain.events.report import ReportPublished
from domain.history import State, access_after, addressee_of, recommendation_after, report_after
from domain.recommendation import decide as recommendation
from domain.recommendation.state import Recommendation
from domain.redaction import check_redaction
from domain.report import Report
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of, earliest, end_of
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.values import Sha256


def decide(
    command: Command | IssueTo | NoteAccess,
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
    if not history and not isinstance(command, PublishReport | IssueTo):
        raise NotFound("There is no such recommendation or report.")
    if not isinstance(command, IssueTo):
        addressee = command.addressee if isinstance(command, PublishReport) else None
        require(actor, type(command), addressee or addressee_of(history))
    if isinstance(command, get_args(ReportCommand)) and _is_report(command, history):
        published = state if isinstance(state, Report) else report_after(history)
        _check_on(stamp, published.floor, published.step)
        events: tuple[Event, ...] = report.decide(cast("ReportCommand", command), published)
    elif isinstance(command, (*get_args(RecommendationCommand), IssueTo)):
        current = state if isinstance(state, Recommendation) else recommendation_after(history)
        _check_on(stamp, current.floor, current.step)
        events = recommendation.decide(
            cast("RecommendationCommand | IssueTo", command), current, stamp, documents
        )
    else:
        raise Refused("This command is for a report, not for a recommendation.")
    if isinstance(command, Correct):
        check_correction(history, command, stamp)
    if isinstance(command, RequestRedaction | ApproveRedaction):
        check_redaction(history, command, stamp)
    return events


def _decide_access(
    command: NoteAccess, history: History, stamp: Stamp, actor: Actor, state: State | None
) -> tuple[Event, ...]:
    require_access(actor, command.event)
    known = state if isinstance(state, Access) else access_after(history)
    _check_on(stamp, known.floor, known.step)
    return access.decide(command, known, stamp)


def _check_on(stamp: Stamp, floor: date, step: int) -> None:
    check_day(stamp.on)
    today = day_of(stamp.at)
    if earliest(stamp.on) > today:
        raise Refused(f"{stamp.on} is in the future; today is {today}.")
    if end_of(stamp.on) < floor:
        raise Refused(
            f"{stamp.on} is before an earlier step. Nothing after step {step} can have been "
            f"before {floor}. To change an earlier date, correct that step."
        )


def _is_report(command: Command | IssueTo, history: History) -> bool:
    if isinstance(command, PublishReport):
        return True
    return isinstance(history[0].event, ReportPublished)
