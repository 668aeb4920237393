"""Clocks: deadlines derived from the record and a date; never stored as a status.

Each clock explains itself: its rule and the source of the rule, its start, its due day, and the
step that moved it. If the start is known only to the month, so is the end: no day is made up.
"""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.recommendation.deadlines import (
    ACTION_PLAN_DAYS,
    RULES,
    SECTION_55_LAST_DAY,
    ClockName,
    Rule,
    Window,
    limit_of,
    window_of,
)
from domain.recommendation.state import Plan, Recommendation
from domain.vocabulary.dates import earliest, end_of
from domain.vocabulary.forces import NATIONAL
from domain.vocabulary.values import CloseReason, When

State = Literal[
    "running",
    "overdue",
    "in_time",
    "late",
    "stopped",
    "waived",
    "ended",
    "unknown",
    "not_set",
    "no_rule",
]
"""`stopped`: the answer came, but its dates are too coarse to tell whether in time; `ended`: the
recommendation was closed, so that nothing is awaited; `unknown`: nothing on record tells.
"""


class Clock(Struct, frozen=True):
    """A deadline, as seen on one day.

    `days` is the number of days left until `due`; it is negative once `due` has passed.
    """

    name: ClockName
    state: State
    rule: str
    source: str
    start: When
    due: date | None = None
    due_earliest: date | None = None
    due_latest: date | None = None
    days: int | None = None
    stopped_on: When | None = None
    stopped_by_closure: bool = False
    """Whether it is the inspectorate's closure that stopped it, and no claim of the force."""
    moved_by_step: int | None = None
    notes: tuple[str, ...] = ()


NOTHING_ON_RECORD = (
    "It came from published sources, and nothing is on record here about this. "
    "That does not mean that nothing was done."
)
CLAIMED = "The force says that the work is done. Inspectors have not verified it."
IMMEDIATE = "immediate"
NO_LAST_DAY = "No last day is stated: the word immediately is not defined."


def clocks(state: Recommendation, day: date) -> tuple[Clock, ...]:
    """Return every clock of a recommendation, as at the end of a day."""
    if state.issued is None:
        return ()
    update = (immediate_update(state, day),) if state.time_limit == IMMEDIATE else ()
    return (action_plan(state, day), *update, section_55(state, day), time_limit(state, day))


def action_plan(state: Recommendation, day: date) -> Clock:
    """Return the clock of the force's action plan."""
    rule = RULES["action_plan"]
    if state.issued is None or state.issued.addressee == NATIONAL:
        return _unset(
            rule, state, "no_rule", "No single force owes a plan for a national addressee."
        )
    if state.time_limit == IMMEDIATE and state.plan in {Plan.AWAITED, Plan.NOT_KNOWN}:
        return _unset(
            rule,
            state,
            "no_rule",
            "Inspectors ask for an update on this one, and a plan for others.",
        )
    window = window_of(state.issued_on, ACTION_PLAN_DAYS)
    stopped = _plan_stopped_on(state)
    known = stopped is not None or state.plan is not Plan.NOT_KNOWN
    clock = _clock(rule, state, day, window, stopped=stopped, known=known)
    if state.plan is Plan.WAIVED and state.first_plan_on is None:
        clock = replace(clock, state="waived")
    if stopped is None and known:
        clock = _ended(clock, state)
    if state.issued.edition == "2024":
        clock = _noted(clock, "This rule is not confirmed for the 2024 edition of the methodology.")
    return clock


def immediate_update(state: Recommendation, day: date) -> Clock:
    """Return the clock of the force's update on an immediate recommendation; it has no last day."""
    rule = RULES["immediate_update"]
    known = state.is_watched(day)
    clock = _clock(rule, state, day, (None, None), stopped=state.updated_on, known=known)
    note = NO_LAST_DAY if known else NOTHING_ON_RECORD
    running = clock.state == "unknown" and known
    clock = replace(clock, state="running" if running else clock.state, notes=(note,))
    return _ended(clock, state)


def section_55(state: Recommendation, day: date) -> Clock:
    """Return the clock of the local policing body's comments."""
    rule = RULES["section_55"]
    if state.issued is None or state.issued.addressee == NATIONAL:
        return _unset(
            rule, state, "no_rule", "Each local policing body answers only for its own force."
        )
    if end_of(state.issued_on) < rule.applies_from:
        return _unset(rule, state, "no_rule", "Published before the 56-day limit applied.")
    window = window_of(state.issued_on, SECTION_55_LAST_DAY)
    stopped = state.responses[0].on if state.responses else None
    known = state.is_watched(window[1])
    return _noted(
        _clock(rule, state, day, window, stopped=stopped, known=known),
        "The commencement date of section 55(5A) is not confirmed. "
        "It cannot be before 31 January 2017.",
    )


def time_limit(state: Recommendation, day: date) -> Clock:
    """Return the clock of the time limit; a standing claim or a closure stops it."""
    rule = RULES["time_limit"]
    match state.time_limit.partition(":")[0]:
        case "immediate":
            note = NO_LAST_DAY
        case "months":
            note = "No start is stated for the months. They are counted from publication."
        case "date":
            note = "The inspectorate set this date."
        case "none":
            return _unset(rule, state, "not_set", "The inspectorate set no time limit.")
        case _:
            return _unset(rule, state, "unknown", "The time limit is not known.")
    window = limit_of(state.time_limit, state.issued_on)
    stopped = _done_on(state)
    known = limit_is_watched(state)
    clock = _noted(_clock(rule, state, day, window, stopped=stopped, known=known), note)
    if state.time_limit == IMMEDIATE and known and stopped is None:
        clock = replace(clock, state="running")
    if state.time_limit_step > 1:
        clock = replace(clock, moved_by_step=state.time_limit_step)
    if state.claim:
        return _noted(clock, CLAIMED)
    by_closure = stopped is not None and state.closure is not None and not state.closure.claimed_on
    return _ended(replace(clock, stopped_by_closure=by_closure), state)


def limit_is_watched(state: Recommendation) -> bool:
    """Return whether the time limit counts: not before a recommendation from sources is taken over.

    From then on, what is not recorded did not happen.
    """
    return not state.imported or state.taken_over is not None


def overdue_from(state: Recommendation) -> date | None:
    """Return the first day on which the work is certainly overdue, if nothing more happens."""
    if not state.may_be_open or state.claim or not limit_is_watched(state):
        return None
    due = last_day(state)
    return due + timedelta(days=1) if due else None


def plan_overdue_from(state: Recommendation) -> date | None:
    """Return the first day on which the plan is certainly overdue, if nothing more happens."""
    if state.issued is None or state.issued.addressee == NATIONAL:
        return None
    if state.time_limit == IMMEDIATE and state.plan is Plan.AWAITED:
        return None
    if not state.open or state.plan is Plan.NOT_KNOWN or _plan_stopped_on(state) is not None:
        return None
    due = window_of(state.issued_on, ACTION_PLAN_DAYS)[1]
    return due + timedelta(days=1) if due else None


def section_55_overdue_from(state: Recommendation) -> date | None:
    """Return the first day on which comments are certainly overdue; a closure does not end them."""
    if state.issued is None or state.issued.addressee == NATIONAL or state.responses:
        return None
    due = window_of(state.issued_on, SECTION_55_LAST_DAY)[1]
    if due is None or end_of(state.issued_on) < RULES["section_55"].applies_from:
        return None
    return due + timedelta(days=1) if state.is_watched(due) else None


def awaits_update(state: Recommendation) -> bool:
    """Return whether an update on immediate action is awaited; it has no last day."""
    unanswered = state.time_limit == IMMEDIATE and state.updated_on is None
    return unanswered and state.open and limit_is_watched(state)


def last_day(state: Recommendation) -> date | None:
    """Return the latest possible last day of the time limit; None if there is none."""
    return limit_of(state.time_limit, state.issued_on)[1]


def _plan_stopped_on(state: Recommendation) -> When | None:
    """Return the date on which the first plan came or was waived; None if neither.

    It is `unknown` for a plan that had come before inspectors took the recommendation over.
    """
    if state.first_plan_on is not None:
        return state.first_plan_on
    if state.plan is Plan.WAIVED:
        return state.plan_waived_on
    return None if state.plan in {Plan.AWAITED, Plan.NOT_KNOWN} else "unknown"


def _done_on(state: Recommendation) -> When | None:
    """Return the date by which the work is said to be done; None if nobody says so.

    It is that of the force's claim, which inspectors may verify later, or of their own closure.
    """
    if state.claim:
        return state.claim.on
    closure = state.closure
    if closure is None or closure.reason is not CloseReason.VERIFIED:
        return None
    return closure.claimed_on or closure.on


def _unset(rule: Rule, state: Recommendation, clock_state: State, note: str) -> Clock:
    return Clock(rule.name, clock_state, rule.words, rule.source, state.issued_on, notes=(note,))


def _ended(clock: Clock, state: Recommendation) -> Clock:
    """Return the clock, at its end if the recommendation is closed: nothing is awaited of it."""
    if state.closure is None or clock.state not in {"running", "overdue", "unknown"}:
        return clock
    return replace(clock, state="ended", days=None)


def _noted(clock: Clock, note: str) -> Clock:
    return replace(clock, notes=(*clock.notes, note))


def _clock(
    rule: Rule,
    state: Recommendation,
    day: date,
    window: Window,
    *,
    stopped: When | None,
    known: bool,
) -> Clock:
    first, last = window
    due = last if first == last else None
    notes: tuple[str, ...] = ()
    if stopped is None and not known:
        notes = (NOTHING_ON_RECORD,)
    elif last is None and not (rule.name == "time_limit" and state.time_limit == IMMEDIATE):
        notes = ("The day of publication is not known, so the last day is not known either.",)
    elif last and due is None:
        notes = (f"Published in {state.issued_on}, so due between {first} and {last}.",)
    return Clock(
        name=rule.name,
        state="unknown" if stopped is None and not known else _state(first, last, stopped, day),
        rule=rule.words,
        source=rule.source,
        start=state.issued_on,
        due=due,
        due_earliest=first,
        due_latest=last,
        days=(due - day).days if due and stopped is None and known else None,
        stopped_on=stopped,
        notes=notes,
    )


def _state(first: date | None, last: date | None, stopped: When | None, day: date) -> State:
    if stopped is not None:
        if first and last and end_of(stopped) <= first:
            return "in_time"
        if first and last and earliest(stopped) > last:
            return "late"
        return "stopped"
    if last is None:
        return "unknown"
    return "overdue" if day > last else "running"
