"""The filters that a list is shown by, each in words and with a way to take it off."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import Sent
from api.v1.lists.register import RegisterParams

WITHOUT_FIELD = ("report", "reason", "due_before", "closed_from", "closed_to", "slip")
"""What a link can ask for and the form has no field for; the form keeps it unseen."""


class Applied(Struct, frozen=True):
    """One filter in words, and the same list without it."""

    text: str
    href: str


def applied(sent: Sent[RegisterParams], path: str) -> list[Applied]:
    """The filters of a list, in the order of the form."""
    given = asdict(sent.params)
    return [
        Applied(told(given[name]), sent.link(path, **{name: None, "cursor": None}))
        for name, told in _WORDS.items()
        if given[name] is not None
    ]


def unseen(sent: Sent[RegisterParams]) -> Mapping[str, str]:
    """What a form keeps without showing it."""
    typed = {name: sent.typed.get(name) for name in WITHOUT_FIELD if name not in sent.errors}
    return {name: text for name, text in typed.items() if text}


def _before(day: date) -> str:
    return _("Due before %(day)s", day=formatting.day(day))


def _known_at(moment: datetime) -> str:
    return _("As known on %(moment)s", moment=formatting.moment(moment))


def _either(yes: str, no: str) -> Callable[[bool], str]:
    return lambda said: _(yes if said else no)


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "q": lambda q: _("Words: %(words)s", words=q),
    "report": lambda _report: _("Of one report"),
    "force": formatting.force,
    "area": labels.AREAS.__getitem__,
    "stage": labels.STAGES.__getitem__,
    "open": _either(N_("Open"), N_("Closed")),
    "reason": labels.CLOSED.__getitem__,
    "kind": labels.KINDS.__getitem__,
    "overdue": _either(N_("Overdue on record"), N_("Not overdue on record")),
    "due_before": _before,
    "claimed": _either(N_("Force says done"), N_("Force does not say done")),
    "closed_from": lambda day: _("Closed on %(day)s or later", day=formatting.day(day)),
    "closed_to": lambda day: _("Closed by %(day)s", day=formatting.day(day)),
    "slip": labels.SLIPS.__getitem__,
    "on": lambda day: _("As at %(day)s", day=formatting.day(day)),
    "known_at": _known_at,
}
