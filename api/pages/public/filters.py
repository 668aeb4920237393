"""The filters of a list, each in words and with a link that removes it."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import N_, ngettext
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import P, Query
from api.v1.lists.register import RegisterParams

WITHOUT_FIELD = (
    "report",
    "topic",
    "reason",
    "plan_owed",
    "plan_overdue",
    "disputed",
    "assurance",
    "limited",
    "due_before",
    "closed_from",
    "closed_to",
    "issued_from",
    "issued_to",
    "issued_in",
    "done_within",
    "ended",
    "has_finding",
    "next_by",
    "age_known",
    "slip",
    "changed_since",
)
"""The filters that only links set: the form has no field for them and keeps them hidden."""
DAYS_SAID = frozenset({"on", "known_at"})
"""The filters that a page without a heading of its day says in words above the list."""


class Applied(Struct, frozen=True):
    """A filter in words, with the address of the same list without it."""

    text: str
    href: str


def applied(query: Query[P], path: str, without: Collection[str] = ()) -> list[Applied]:
    """Return the filters of a list, in the order of the form of recommendations.

    Those that a page says in another place are left out.
    """
    values = asdict(query.params)
    left_out: dict[str, None] = {name: None for name in ("cursor", "page") if name in values}
    return [
        Applied(in_words(values[name]), query.link(path, **{name: None, **left_out}))
        for name, in_words in _WORDS.items()
        if values.get(name) is not None and name not in without
    ]


def unseen(query: Query[RegisterParams]) -> Mapping[str, str]:
    """Return the values that a form keeps in hidden fields."""
    typed = {name: query.typed.get(name) for name in WITHOUT_FIELD if name not in query.errors}
    return {name: text for name, text in typed.items() if text}


def _before(day: date) -> str:
    return _("Due before %(day)s", day=formatting.day(day))


def _changed_since(moment: datetime) -> str:
    return _("Changed since %(moment)s", moment=formatting.moment(moment))


def _known_at(moment: datetime) -> str:
    return _("As known on %(moment)s", moment=formatting.moment(moment))


def _either(yes: str, no: str) -> Callable[[bool], str]:
    return lambda value: _(yes if value else no)


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "q": lambda q: _("Words: %(words)s", words=q),
    "report": lambda _report: _("In one report"),
    "force": formatting.force,
    "product": labels.PRODUCTS.__getitem__,
    "follows": lambda reference: _("Follows the report %(report)s", report=reference),
    "area": labels.AREAS.__getitem__,
    "clock": lambda clock: _("Deadline: %(name)s", name=formatting.lowered(labels.CLOCKS[clock])),
    "judgement": labels.JUDGEMENTS.__getitem__,
    "topic": lambda topic: _("Topic: %(topic)s", topic=topic.replace("_", " ")),
    "stage": labels.STAGES.__getitem__,
    "open": _either(N_("Open"), N_("Closed")),
    "reason": labels.CLOSED.__getitem__,
    "finding": lambda finding: _(
        "Latest finding: %(finding)s", finding=labels.FINDINGS_SHORT[finding].lower()
    ),
    "kind": labels.KINDS.__getitem__,
    "limited": _either(
        N_("Not closed, with a last day that is known"),
        N_("Closed, or with no last day that is known or set"),
    ),
    "overdue": _either(N_("Overdue"), N_("Not overdue")),
    "plan_owed": _either(N_("Action plan owed"), N_("No action plan owed")),
    "disputed": _either(N_("Disputed"), N_("Not disputed")),
    "plan_overdue": _either(N_("Action plan overdue"), N_("Action plan not overdue")),
    "assurance": labels.ASSURANCE.__getitem__,
    "due_before": _before,
    "claimed": _either(N_("Force says done"), N_("Force does not say done")),
    "closed_from": lambda day: _("Closed on %(day)s or later", day=formatting.day(day)),
    "closed_to": lambda day: _("Closed by %(day)s", day=formatting.day(day)),
    "issued_from": lambda day: _("Issued on %(day)s or later", day=formatting.day(day)),
    "issued_to": lambda day: _("Issued by %(day)s", day=formatting.day(day)),
    "issued_in": lambda year: (
        _("Issued in %(year)s", year=year) if year.isdigit() else _("Year of issue not known")
    ),
    "done_within": lambda years: ngettext(
        "Done within %(n)s year", "Done within %(n)s years", int(years), n=years
    ),
    "ended": _either(
        N_("Closed for another reason than as verified"),
        N_("Not closed for another reason than as verified"),
    ),
    "has_finding": _either(N_("A finding is on record"), N_("No finding is on record")),
    "next_by": lambda party: _("Next action by: %(party)s", party=labels.PARTIES_NEXT[party]),
    "age_known": _either(
        N_("Date of issue says how old it is"), N_("Date of issue too coarse to say how old it is")
    ),
    "slip": labels.SLIPS.__getitem__,
    "changed_since": _changed_since,
    "on": lambda day: _("As at %(day)s", day=formatting.day(day)),
    "known_at": _known_at,
}
