"""Read a stream's history as at any date, and fold it into a state.

A step happened no later than any step after it, so later steps bound a coarse or unknown date.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from typing import TypeAlias, TypeVar, cast

from msgspec import Struct

from domain import report
from domain.access import decide as access
from domain.access.decide import ACCESS_EVENTS, Access
from domain.checks import ABOUT_THE_RECORD, floor_after
from domain.correction import amend
from domain.events.access import AccessEvent
from domain.events.event import Event, History
from domain.events.recommendation import Issued, RecommendationEvent
from domain.events.report import ReportEvent, ReportPublished
from domain.recommendation import state as recommendation
from domain.recommendation.state import Recommendation
from domain.report import Report
from domain.vocabulary.dates import day_of, exact, latest
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Code

S = TypeVar("S")
E = TypeVar("E")


State: TypeAlias = Recommendation | Report | Access


class StatePeriod(Struct, frozen=True):
    """The state from one day up to another; `until` is None while the state lasts."""

    since: date
    until: date | None
    state: State


def fold(evolve: Callable[[S, E, Stamp], S], state: S, entries: Iterable[Entry[E]]) -> S:
    """Return the state after some entries, given the state before them."""
    return reduce(lambda so_far, entry: evolve(so_far, entry.event, entry.stamp), entries, state)


def state_after(history: History) -> State | None:
    """Return the state after a history, corrections applied; None if it is empty."""
    return reduce(advance, amend(history), cast("State | None", None))


def recommendation_after(history: History) -> Recommendation:
    """Return the state of a recommendation after a history, corrections applied.

    Raises NotFound if the history is not a recommendation's.
    """
    return fold(recommendation.evolve, Recommendation(), recommendation_entries(amend(history)))


def report_after(history: History) -> Report:
    """Return the state of a report after a history, corrections applied.

    Raises NotFound if the history is not a report's.
    """
    return fold(report.evolve, Report(), report_entries(amend(history)))


def access_after(history: History) -> Access:
    """Return the state of an actor's access after a history.

    Raises NotFound if the history is not one of access.
    """
    return fold(access.evolve, Access(), access_entries(history))


def recommendation_entries(history: History) -> Sequence[Entry[RecommendationEvent]]:
    """Return the same entries, typed as a recommendation's; raises NotFound if they are not."""
    if history and not isinstance(history[0].event, Issued):
        raise NotFound("There is no such recommendation.")
    return cast("Sequence[Entry[RecommendationEvent]]", history)


def report_entries(history: History) -> Sequence[Entry[ReportEvent]]:
    """Return the same entries, typed as a report's; raises NotFound if they are not."""
    if history and not isinstance(history[0].event, ReportPublished):
        raise NotFound("There is no such report.")
    return cast("Sequence[Entry[ReportEvent]]", history)


def access_entries(history: History) -> Sequence[Entry[AccessEvent]]:
    """Return the same entries, typed as access; raises NotFound if they are not."""
    if history and not isinstance(history[0].event, ACCESS_EVENTS):
        raise NotFound("There is no such actor.")
    return cast("Sequence[Entry[AccessEvent]]", history)


def addressee_of(history: History) -> Code:
    """Return the addressee of a stream; raises NotFound for access, which has none.

    Raises ValueError if the stream does not begin with its publication.
    """
    match history[0].event:
        case Issued(addressee=addressee) | ReportPublished(addressee=addressee):
            return addressee
        case event if isinstance(event, ACCESS_EVENTS):
            raise NotFound("There is no such recommendation or report.")
        case _:
            raise ValueError(f"stream {history[0].stream} does not begin with its publication")


def certain_by(history: History) -> tuple[date, ...]:
    """Return, for each step, the day by the end of which it had certainly happened.

    No step is earlier than the steps before it, even if a correction moved one of those to a later
    date after it was recorded. A step about the record only (a correction, a redaction) goes with
    the step before it.
    """
    floor, latest_days = date.min, list[date]()
    for entry in history:
        floor = floor_after(floor, entry.event, entry.stamp.on)
        latest_days.append(max(floor, certain_by_itself(entry)))
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
    """Return the steps true by the end of a day, as known at a moment.

    Corrections known at that moment are applied.
    """
    known = [entry for entry in history if known_at is None or entry.stamp.at <= known_at]
    amended = amend(known)
    if on is None:
        return amended
    return amended[: sum(day <= on for day in certain_by(amended))]


def certain_by_itself(entry: Entry[Event]) -> date:
    """Return the day by which a step had certainly happened, ignoring later steps."""
    return exact(entry.stamp.on) or latest(entry.stamp.on, day_of(entry.stamp.at))


def advance(state: State | None, entry: Entry[Event]) -> State:
    """Return the state after one more step; None is the state before the first."""
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


def state_periods(history: History) -> tuple[StatePeriod, ...]:
    """Return the periods of a state, from day to day, by its whole history."""
    amended = amend(history)
    days = certain_by(amended)
    periods: list[StatePeriod] = []
    state: State | None = None
    for number, entry in enumerate(amended):
        state = advance(state, entry)
        until = days[number + 1] if number + 1 < len(days) else None
        if until != days[number]:
            periods.append(StatePeriod(days[number], until, state))
    return tuple(periods)
