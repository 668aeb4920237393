"""Formatting of dates, time limits and counts in words."""

from datetime import date, datetime

from api.pages.rendering.labels import HANDS
from api.pages.rendering.language import day_as, moment_as, ngettext, number
from api.pages.rendering.language import gettext as _
from domain.recommendation.clocks import Clock
from domain.vocabulary.dates import LONDON
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code, TimeLimit, When


def day(when: When | date) -> str:
    """Return a date as precisely as it is known: 5 March 2026, March 2026, 2026."""
    text = when if isinstance(when, str) else when.isoformat()
    if text == "unknown":
        return _("on an unknown date")
    year, month, number = map(int, (*text.split("-"), "0", "0")[:3])
    if not month:
        return str(year)
    return day_as(date(year, month, number or 1), "d MMMM y" if number else "MMMM y")


def moment(at: datetime) -> str:
    """Return a moment in UK time: 5 March 2026 at 9:30am."""
    local = at.astimezone(LONDON)
    time = moment_as(local, "h:mma").lower()
    return _("%(day)s at %(time)s", day=day(local.date()), time=time)


def limit(time_limit: TimeLimit) -> str:
    """Return a time limit in words."""
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
    """Return the due date of a clock in words; an empty string if not known."""
    if clock.due:
        return day(clock.due)
    if clock.due_earliest and clock.due_latest:
        days = {"first": day(clock.due_earliest), "last": day(clock.due_latest)}
        return _("between %(first)s and %(last)s") % days
    return ""


UNMET = frozenset({"partly_met", "not_met", "too_early"})


def hands(stage: str, plan: str, *, claimed: bool, finding: str | None = None) -> str:
    """Return the party that acts next on a recommendation, and the action."""
    if claimed and stage != "closed":
        return _("Inspectors: the force says that it is done, and they need to check this.")
    if stage == "issued" and plan == "waived":
        return HANDS["plan_reviewed"]
    if stage == "followed_up" and finding in UNMET:
        return HANDS["unmet"]
    if plan == "changes_requested":
        return _("The force: inspectors asked for changes to its action plan.")
    return HANDS[stage]


def left(clock: Clock) -> str:
    """Return the days left on a clock, or overdue; an empty string if not known."""
    if clock.days is None or clock.state not in {"running", "overdue"}:
        return ""
    days = abs(clock.days)
    if clock.days < 0:
        return ngettext("%(n)s day overdue", "%(n)s days overdue", days, n=days)
    return ngettext("%(n)s day left", "%(n)s days left", days, n=days)


def documents(many: int) -> str:
    """Return a number of documents in words."""
    return ngettext("%(n)s document", "%(n)s documents", many, n=number(many))


def force(code: Code) -> str:
    """Return the name of an addressee."""
    return ADDRESSEES[code].name


def median(days: float | None) -> str:
    """Return a median in days; `not known` for None."""
    if days is None:
        return _("not known")
    whole = 1 if days == 1 else 2  # half a day takes the plural
    return ngettext("%(n)s day", "%(n)s days", whole, n=number(days))
