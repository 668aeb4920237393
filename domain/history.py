"""Read a stream's history as at any date, and fold it into a state.

The state on a day is what had happened by that day, whatever the order of recording.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from typing import TypeAlias, cast

from msgspec import Struct

from domain import report
from domain.access import decide as access
from domain.access.decide import ACCESS_EVENTS, Access
from domain.amendments.correction import amend
from domain.amendments.withdrawal import withdrawn_steps
from domain.checks import ABOUT_THE_RECORD
from domain.events.access import AccessEvent
from domain.events.event import Event, History
from domain.events.inspection import InspectionEvent, InspectionPlanned
from domain.events.recommendation import Issued, RecommendationEvent
from domain.events.report import ReportEvent, ReportPublished
from domain.inspection.state import Inspection, evolve_inspection
from domain.recommendation.evolve import evolve
from domain.recommendation.state import Recommendation
from domain.report import Report
from domain.tracks import NO_FLOORS, START, TRACKS, floor_of, floors_after
from domain.vocabulary.dates import certain_day
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Code

State: TypeAlias = Recommendation | Report | Inspection | Access


class Placed(Struct, frozen=True):
    """A step, and the day by the end of which it had certainly happened."""

    day: date
    entry: Entry[Event]


class StatePeriod(Struct, frozen=True):
    """The state from one day up to another; `until` is None while the state lasts."""

    since: date
    until: date | None
    state: State


STATES_KEPT = 64
"""The number of states kept, for a page that asks about the same histories again and again."""
_kept: OrderedDict[int, tuple[History, State | None]] = OrderedDict()


def state_after(history: History) -> State | None:
    """Return the state after a history; None if it is empty."""
    known = _kept.get(id(history))
    if known is not None and known[0] is history:
        return known[1]
    state = state_of(placed.entry for placed in chronology(history))
    if isinstance(history, tuple):  # which cannot change, as a list could
        _kept[id(history)] = history, state
        if len(_kept) > STATES_KEPT:
            _kept.popitem(last=False)
    return state


def state_of(entries: Iterable[Entry[Event]]) -> State | None:
    """Return the state after some steps in the order of their days; None if there are none."""
    return reduce(advance, entries, cast("State | None", None))


def recommendation_after(history: History) -> Recommendation:
    """Return the state of a recommendation after a history.

    Raises NotFound if the history is not a recommendation's.
    """
    if history and not recommendation_entries(history):
        raise NotFound("There is no such recommendation.")
    state = state_after(history)
    return state if isinstance(state, Recommendation) else Recommendation()


def report_after(history: History) -> Report:
    """Return the state of a report after a history; raises NotFound if it is not a report's."""
    if history and not report_entries(history):
        raise NotFound("There is no such report.")
    state = state_after(history)
    return state if isinstance(state, Report) else Report()


def inspection_after(history: History) -> Inspection:
    """Return the state of an inspection after a history; NotFound if it is not one of those."""
    if history and not inspection_entries(history):
        raise NotFound("There is no such inspection.")
    state = state_after(history)
    return state if isinstance(state, Inspection) else Inspection()


def access_after(history: History) -> Access:
    """Return the state of an actor's access after a history; NotFound if it is not one of those."""
    if history and not access_entries(history):
        raise NotFound("There is no such actor.")
    state = state_after(history)
    return state if isinstance(state, Access) else Access()


def recommendation_entries(history: History) -> Sequence[Entry[RecommendationEvent]]:
    """Return the same entries, typed as a recommendation's; none if they are another stream's.

    So whoever may not know of the other stream is answered as if there were none.
    """
    mine = history if history and isinstance(history[0].event, Issued) else ()
    return cast("Sequence[Entry[RecommendationEvent]]", mine)


def report_entries(history: History) -> Sequence[Entry[ReportEvent]]:
    """Return the same entries, typed as a report's; none if they are another stream's."""
    mine = history if history and isinstance(history[0].event, ReportPublished) else ()
    return cast("Sequence[Entry[ReportEvent]]", mine)


def inspection_entries(history: History) -> Sequence[Entry[InspectionEvent]]:
    """Return the same entries, typed as an inspection's; none if they are another stream's."""
    mine = history if history and isinstance(history[0].event, InspectionPlanned) else ()
    return cast("Sequence[Entry[InspectionEvent]]", mine)


def access_entries(history: History) -> Sequence[Entry[AccessEvent]]:
    """Return the same entries, typed as access; none if they are another stream's."""
    mine = history if history and isinstance(history[0].event, ACCESS_EVENTS) else ()
    return cast("Sequence[Entry[AccessEvent]]", mine)


def addressee_of(history: History) -> Code:
    """Return the addressee of a recommendation or a report; raises NotFound for other streams.

    Raises ValueError if the stream does not begin with its publication.
    """
    match history[0].event:
        case Issued(addressee=addressee) | ReportPublished(addressee=addressee):
            return addressee
        case event if isinstance(event, (InspectionPlanned, *ACCESS_EVENTS)):
            raise NotFound("There is no such recommendation or report.")
        case _:
            raise ValueError(f"stream {history[0].stream} does not begin with its publication")


def standing(history: History) -> tuple[Entry[Event], ...]:
    """Return the history with corrections applied, and without the steps that were withdrawn."""
    withdrawn = withdrawn_steps(history)
    amended = amend(history)
    if not withdrawn:
        return amended
    return tuple(entry for entry in amended if entry.step not in withdrawn)


def chronology(history: History) -> tuple[Placed, ...]:
    """Return the standing steps in the order in which they happened, each with its day.

    That day is the one by whose end a step had *certainly* happened. A coarse date is bounded by
    the steps that follow in the same track, and the first step by all. A step about the record
    (a correction, a withdrawal, a redaction) comes after everything recorded before it. Steps of
    one day are in the order of recording.
    """
    entries = standing(history)
    days = _certain_days(entries)
    return tuple(sorted(map(Placed, days, entries), key=_day))


def neighbours(history: History, step: int) -> tuple[Entry[Event] | None, Entry[Event] | None]:
    """Return the steps between which a step stands in time, each None where there is none.

    Steps about the record are passed by. The step after has a lower number if this one was recorded
    late.
    """
    steps = [
        placed.entry
        for placed in chronology(history)
        if placed.entry.step == step or not isinstance(placed.entry.event, ABOUT_THE_RECORD)
    ]
    place = next((n for n, entry in enumerate(steps) if entry.step == step), None)
    if place is None:
        return None, None
    before = steps[place - 1] if place else None
    after = steps[place + 1] if place + 1 < len(steps) else None
    return before, after


def as_at(
    history: History, *, on: date | None = None, known_at: datetime | None = None
) -> tuple[Entry[Event], ...]:
    """Return the steps true by the end of a day, as known at a moment, in order of their days.

    Corrections and withdrawals known at that moment are applied.
    """
    known = [entry for entry in history if known_at is None or entry.stamp.at <= known_at]
    return tuple(placed.entry for placed in chronology(known) if on is None or placed.day <= on)


def certain_by_itself(entry: Entry[Event]) -> date:
    """Return the day by which a step had certainly happened, ignoring other steps."""
    return certain_day(entry.stamp.on, entry.stamp.first_at)


def continues(state: State | None, entry: Entry[Event]) -> bool:
    """Return whether a new step comes after all others, so that `advance` gives the state."""
    if isinstance(entry.event, ABOUT_THE_RECORD):
        return False
    return not isinstance(state, Recommendation) or certain_by_itself(entry) >= state.last_day


def _certain_days(entries: Sequence[Entry[Event]]) -> list[date]:
    return _days_as_recorded(entries) or _days_by_track(entries)


def _days_as_recorded(entries: Sequence[Entry[Event]]) -> list[date] | None:
    """Return the days if none goes back, as in most histories: then no step bounds another."""
    days, so_far = list[date](), date.min
    for entry in entries:
        if not isinstance(entry.event, ABOUT_THE_RECORD):
            day = certain_by_itself(entry)
            if day < so_far:
                return None
            so_far = day
        elif not days:
            return None
        days.append(so_far)
    return days


def _days_by_track(entries: Sequence[Entry[Event]]) -> list[date]:
    floors, days = NO_FLOORS, list[date]()
    for entry in entries:
        event = type(entry.event)
        days.append(max(floor_of(floors, event), certain_by_itself(entry)))
        floors = floors_after(floors, event, entry.stamp.on)
    bounds = [date.max] * len(NO_FLOORS)
    for number in range(len(entries) - 1, -1, -1):
        if isinstance(entries[number].event, ABOUT_THE_RECORD):
            continue
        tracks = TRACKS[type(entries[number].event)]
        days[number] = min([days[number], *(bounds[track] for track in tracks)])
        for track in {START, *tracks}:
            bounds[track] = min(bounds[track], days[number])
    so_far = date.min
    for number, entry in enumerate(entries):
        if isinstance(entry.event, ABOUT_THE_RECORD) and so_far > date.min:
            days[number] = so_far
        so_far = max(so_far, days[number])
    return days


def _day(placed: Placed) -> date:
    return placed.day


def advance(state: State | None, entry: Entry[Event]) -> State:
    """Return the state after one more step; None is the state before the first."""
    match entry.event:
        case ReportPublished() if state is None:
            state = Report()
        case InspectionPlanned() if state is None:
            state = Inspection()
        case event if state is None and isinstance(event, ACCESS_EVENTS):
            state = Access()
        case _ if state is None:
            state = Recommendation()
        case _:
            pass
    if isinstance(state, Report):
        return report.evolve(state, cast("Entry[ReportEvent]", entry))
    if isinstance(state, Inspection):
        return evolve_inspection(state, cast("Entry[InspectionEvent]", entry))
    if isinstance(state, Access):
        return access.evolve(state, cast("Entry[AccessEvent]", entry))
    return evolve(state, cast("Entry[RecommendationEvent]", entry))


def state_periods(history: History) -> tuple[StatePeriod, ...]:
    """Return the periods of a state, from day to day, by its whole history."""
    steps = chronology(history)
    periods: list[StatePeriod] = []
    state: State | None = None
    for number, (day, entry) in enumerate((placed.day, placed.entry) for placed in steps):
        state = advance(state, entry)
        until = steps[number + 1].day if number + 1 < len(steps) else None
        if until != day:
            periods.append(StatePeriod(day, until, state))
    return tuple(periods)
