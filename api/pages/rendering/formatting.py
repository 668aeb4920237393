"""Dates, time limits and counts in words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.pages.rendering.labels import HANDS
from api.pages.rendering.language import day_as, moment_as, ngettext, number
from api.pages.rendering.language import gettext as _
from domain.recommendation.clocks import Clock
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code, TimeLimit, When

LONDON = ZoneInfo("Europe/London")


def day(when: When | date) -> str:
    """A date as precisely as it is known: 5 March 2026, March 2026, 2026."""
    text = when if isinstance(when, str) else when.isoformat()
    if text == "unknown":
        return _("on a date not known")
    year, month, number = map(int, (*text.split("-"), "0", "0")[:3])
    if not month:
        return str(year)
    return day_as(date(year, month, number or 1), "d MMMM y" if number else "MMMM y")


def moment(at: datetime) -> str:
    """A moment in UK time: 5 March 2026 at 9:30am."""
    there = at.astimezone(LONDON)
    time = moment_as(there, "h:mma").lower()
    return _("%(day)s at %(time)s", day=day(there.date()), time=time)


def limit(time_limit: TimeLimit) -> str:
    """A time limit in words."""
    kind, _colon, value = time_limit.partition(":")
    match kind:
        case "immediate":
            return _("Immediately")
        case "months":
            months = int(value)
            return ngettext("Within %(n)s month", "Within %(n)s months", months, n=months)
        case "date":
            return _("By %(day)s", day=day(value))
        case "none":
            return _("None set")
        case _:
            return _("Not known")


def due(clock: Clock) -> str:
    """When a clock's time is up, in words; nothing if that is not known."""
    if clock.due:
        return day(clock.due)
    if clock.due_earliest and clock.due_latest:
        days = {"first": day(clock.due_earliest), "last": day(clock.due_latest)}
        return _("between %(first)s and %(last)s") % days
    return ""


def hands(stage: str, plan: str, *, claimed: bool) -> str:
    """In whose hands a recommendation is, and what for."""
    if claimed and stage != "closed":
        return _("Inspectors: the force says that it is done, and they are to check that.")
    if stage == "issued" and plan == "waived":
        return HANDS["plan_reviewed"]
    if plan == "changes_requested":
        return _("The force: inspectors asked for changes to its action plan.")
    return HANDS[stage]


def left(clock: Clock) -> str:
    """How many days are left of a clock, or over it; nothing if that is not known."""
    if clock.days is None or clock.state not in {"running", "overdue"}:
        return ""
    days = abs(clock.days)
    if clock.days < 0:
        return ngettext("%(n)s day over", "%(n)s days over", days, n=days)
    return ngettext("%(n)s day left", "%(n)s days left", days, n=days)


def documents(many: int) -> str:
    """So many documents."""
    return ngettext("%(n)s document", "%(n)s documents", many, n=number(many))


def force(code: Code) -> str:
    """The name of an addressee."""
    return ADDRESSEES[code].name


def median(days: float | None) -> str:
    """A median of days; `not known` of none."""
    if days is None:
        return _("not known")
    whole = 1 if days == 1 else 2  # a half day is many
    return ngettext("%(n)s day", "%(n)s days", whole, n=number(days))
