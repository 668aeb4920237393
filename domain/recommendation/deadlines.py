"""The rules that set deadlines, each with its source and the date from which it applies."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import DATES_KEPT, add_months, earliest, end_of
from domain.vocabulary.values import TimeLimit, When

ClockName = Literal["action_plan", "immediate_update", "section_55", "time_limit"]


Window: TypeAlias = tuple[date | None, date | None]
"""The earliest and the latest possible last day."""


class Rule(Struct, frozen=True):
    """The rule that sets a deadline; it did not exist before `applies_from`."""

    name: ClockName
    words: str
    source: str
    applies_from: date
    confirmed: bool
    """Whether a source confirms `applies_from`."""


ACTION_PLAN_DAYS = 42
SECTION_55_LAST_DAY = 55
"""56 days beginning with the day of publication, which is the first of them."""

RULES: dict[ClockName, Rule] = {
    "action_plan": Rule(
        "action_plan",
        "The force provides an action plan within six weeks (42 days) of publication.",
        "HMICFRS, National child protection inspections: Post inspection activity",
        date(2014, 4, 1),
        confirmed=False,
    ),
    "immediate_update": Rule(
        "immediate_update",
        "The force gives inspectors an update on the recommendations for immediate action. "
        "No last day is stated.",
        "HMICFRS, National child protection inspections: Post inspection activity",
        date(2014, 4, 1),
        confirmed=False,
    ),
    "section_55": Rule(
        "section_55",
        "The local policing body publishes its comments before the end of the 56 days beginning "
        "with the day of publication, that is, by the 55th day after it.",
        "Police Act 1996, section 55(5A), inserted by the Policing and Crime Act 2017, section 37",
        date(2017, 1, 31),
        confirmed=False,
    ),
    "time_limit": Rule(
        "time_limit",
        "The time limit set by the inspectorate, counted from publication.",
        "Its own text",
        date(2014, 4, 1),
        confirmed=True,
    ),
}
"""Every rule, with the date it applies from.

The programme began in April 2014. The 2017 Act had Royal Assent on 31 January 2017, before which
section 55(5A) cannot have applied.
"""


@lru_cache(DATES_KEPT)
def window_of(issued_on: When, days: int) -> Window:
    """Return the earliest and latest possible last day, so many days after the issue."""
    if issued_on == "unknown":
        return (None, None)
    return (earliest(issued_on) + timedelta(days), end_of(issued_on) + timedelta(days))


@lru_cache(DATES_KEPT)
def limit_of(limit: TimeLimit, issued_on: When) -> Window:
    """Return the earliest and latest possible last day of a time limit."""
    kind, _, value = limit.partition(":")
    if kind == "date":
        return (date.fromisoformat(value), date.fromisoformat(value))
    if kind == "months" and issued_on != "unknown":
        months = int(value)
        return (add_months(earliest(issued_on), months), add_months(end_of(issued_on), months))
    return (None, None)


def exact_last_day(clock: ClockName, issued_on: When, limit: TimeLimit) -> date | None:
    """Return the last day of a clock; None if it has none, or the record leaves it open."""
    windows: dict[ClockName, Window] = {
        "action_plan": window_of(issued_on, ACTION_PLAN_DAYS),
        "section_55": window_of(issued_on, SECTION_55_LAST_DAY),
        "time_limit": limit_of(limit, issued_on),
    }
    first, last = windows.get(clock, (None, None))
    return last if first == last else None


DEADLINE_KEEPERS = frozenset({Role.INSPECTOR, Role.FORCE, Role.LOCAL_POLICING_BODY})
"""The roles with deadlines to keep, or to watch."""


def has_deadlines(actor: Actor) -> bool:
    """Return whether an actor has deadlines: of the forces they lead, or of their own force."""
    return actor.role in DEADLINE_KEEPERS
