"""What holds for every stream: how a history is read, as at any date, and how it is added to.

A step happened no later than any step after it, so a coarse or unknown date is bounded by
what followed.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from typing import TypeAlias, TypeVar, cast, get_args

from msgspec import Struct

from domain import access, recommendation, report
from domain.access import ACCESS_EVENTS, Access, NoteAccess
from domain.access_events import AccessEvent
from domain.checks import ABOUT_THE_RECORD, check_day, floor_after
from domain.commands import (
    ApproveRedaction,
    Command,
    Correct,
    IssueTo,
    PublishReport,
    RecommendationCommand,
    ReportCommand,
    RequestRedaction,
)
from domain.correction import History, amend, check_correction
from domain.dates import day_of, earliest, end_of, exact, latest
from domain.events import Event, Issued, RecommendationEvent, ReportEvent, ReportPublished
from domain.permissions import Absent, require, require_access
from domain.recommendation import Recommendation
from domain.redaction import check_redaction
from domain.report import Report
from domain.stamp import Entry, Refused, Stamp, Who
from domain.values import Code

S = TypeVar("S")
E = TypeVar("E")


State: TypeAlias = Recommendation | Report | Access


class Stretch(Struct, frozen=True):
    """Where something stood from a day on, up to another; `until` is None while it lasts."""

    since: date
    until: date | None
    state: State


def fold(evolve: Callable[[S, E, Stamp], S], state: S, entries: Iterable[Entry[E]]) -> S:
    """The state after some entries, given the state before them."""
    return reduce(lambda so_far, entry: evolve(so_far, entry.event, entry.stamp), entries, state)


def state_after(history: History) -> State | None:
    """The state after a history of any kind, its corrections applied; None of none."""
    return reduce(advance, amend(history), cast("State | None", None))


def recommendation_after(history: History) -> Recommendation:
    """Where a recommendation stands after a history, its corrections applied."""
    return fold(recommendation.evolve, Recommendation(), recommendation_entries(amend(history)))


def report_after(history: History) -> Report:
    """What is on record of a report after a history, its corrections applied."""
    return fold(report.evolve, Report(), report_entries(amend(history)))


def access_after(history: History) -> Access:
    """What is on record of an actor's access. Raises Absent if the stream is none of access."""
    return fold(access.evolve, Access(), access_entries(history))


def recommendation_entries(history: History) -> Sequence[Entry[RecommendationEvent]]:
    """The same entries, known to be a recommendation's. Raises Absent if they are not."""
    if history and not isinstance(history[0].event, Issued):
        raise Absent("There is no such recommendation.")
    return cast("Sequence[Entry[RecommendationEvent]]", history)


def report_entries(history: History) -> Sequence[Entry[ReportEvent]]:
    """The same entries, known to be a report's. Raises Absent if they are not."""
    if history and not isinstance(history[0].event, ReportPublished):
        raise Absent("There is no such report.")
    return cast("Sequence[Entry[ReportEvent]]", history)


def access_entries(history: History) -> Sequence[Entry[AccessEvent]]:
    """The same entries, known to be of an actor's access. Raises Absent if they are not."""
    if history and not isinstance(history[0].event, ACCESS_EVENTS):
        raise Absent("There is no such actor.")
    return cast("Sequence[Entry[AccessEvent]]", history)


def addressee_of(history: History) -> Code:
    """Whom a stream is about. Raises Absent for access, which is about none."""
    match history[0].event:
        case Issued(addressee=addressee) | ReportPublished(addressee=addressee):
            return addressee
        case event if isinstance(event, ACCESS_EVENTS):
            raise Absent("There is no such recommendation or report.")
        case _:
            raise ValueError(f"stream {history[0].stream} does not begin with its publication")


# Reading, as at a date


def settle(history: History) -> tuple[date, ...]:
    """For each step, the day by the end of which it had certainly happened.

    No step is earlier than what went before it, even one that was recorded before a correction
    moved that on. What is about the record only (a correction, a redaction) goes with the step
    before it.
    """
    floor, latest_days = date.min, list[date]()
    for entry in history:
        floor = floor_after(floor, entry.event, entry.stamp.on)
        latest_days.append(max(floor, settled(entry)))
    days, bound = list[date](), date.max
    for entry, day in zip(reversed(history), reversed(latest_days), strict=True):
        if not isinstance(entry.event, ABOUT_THE_RECORD):
            bound = min(bound, day)
        days.append(bound)
    days.reverse()
    for number, entry in enumerate(history):
        if isinstance(entry.event, ABOUT_THE_RECORD):
            days[number] = days[number - 1]
    return tuple(days)


def as_at(
    history: History, *, on: date | None = None, known_at: datetime | None = None
) -> tuple[Entry[Event], ...]:
    """The steps that were true by the end of a day, as they were known at a moment, amended."""
    known = [entry for entry in history if known_at is None or entry.stamp.at <= known_at]
    amended = amend(known)
    if on is None:
        return amended
    return amended[: sum(day <= on for day in settle(amended))]


def settled(entry: Entry[Event]) -> date:
    """The day by the end of which a step had certainly happened, if nothing followed it."""
    return exact(entry.stamp.on) or latest(entry.stamp.on, day_of(entry.stamp.at))


def advance(state: State | None, entry: Entry[Event]) -> State:
    """The state after one more step; None is the state before the first."""
    match entry.event:
        case ReportPublished() if state is None:
            state = Report()
        case event if state is None and isinstance(event, ACCESS_EVENTS):
            state = Access()
        case _ if state is None:
            state = Recommendation()
        case _:
            pass
    if isinstance(state, Report):
        return report.evolve(state, cast("ReportEvent", entry.event), entry.stamp)
    if isinstance(state, Access):
        return access.evolve(state, cast("AccessEvent", entry.event), entry.stamp)
    return recommendation.evolve(state, cast("RecommendationEvent", entry.event), entry.stamp)


def stretches(history: History) -> tuple[Stretch, ...]:
    """Where something stood, from day to day, as its whole history now tells it."""
    amended = amend(history)
    days = settle(amended)
    found: list[Stretch] = []
    state: State | None = None
    for number, entry in enumerate(amended):
        state = advance(state, entry)
        until = days[number + 1] if number + 1 < len(days) else None
        if until != days[number]:
            found.append(Stretch(days[number], until, state))
    return tuple(found)


# Adding to it


def decide(
    command: Command | IssueTo | NoteAccess,
    history: History,
    stamp: Stamp,
    who: Who,
    *,
    state: State | None = None,
) -> tuple[Event, ...]:
    """Say what follows from a command for one stream.

    `state` is the one after the history, if it is known already. Raises Absent or Forbidden as
    `permissions` says, and Refused with the rule in words.
    """
    if isinstance(command, NoteAccess):
        return _decide_access(command, history, stamp, who, state)
    if not history and not isinstance(command, PublishReport | IssueTo):
        raise Absent("There is no such recommendation or report.")
    if not isinstance(command, IssueTo):
        asked_of = command.addressee if isinstance(command, PublishReport) else None
        require(who, type(command), asked_of or addressee_of(history))
    if isinstance(command, get_args(ReportCommand)) and _is_report(command, history):
        told = state if isinstance(state, Report) else report_after(history)
        _check_on(stamp, told.floor, told.step)
        events: tuple[Event, ...] = report.decide(cast("ReportCommand", command), told)
    elif isinstance(command, (*get_args(RecommendationCommand), IssueTo)):
        standing = state if isinstance(state, Recommendation) else recommendation_after(history)
        _check_on(stamp, standing.floor, standing.step)
        events = recommendation.decide(
            cast("RecommendationCommand | IssueTo", command), standing, stamp
        )
    else:
        raise Refused("A recommendation does not take this command; its report does.")
    if isinstance(command, Correct):
        check_correction(history, command, stamp)
    if isinstance(command, RequestRedaction | ApproveRedaction):
        check_redaction(history, command, stamp)
    return events


def _decide_access(
    command: NoteAccess, history: History, stamp: Stamp, who: Who, state: State | None
) -> tuple[Event, ...]:
    require_access(who, command.event)
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
            f"{stamp.on} is before an earlier step: nothing after step {step} can have been "
            f"before {floor}. To mend an earlier date, correct its step."
        )


def _is_report(command: Command | IssueTo, history: History) -> bool:
    if isinstance(command, PublishReport):
        return True
    return isinstance(history[0].event, ReportPublished)
