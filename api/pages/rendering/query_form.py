"""What a form of a page asks for: the API's own parameters, and errors beside their fields."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from api.http.problems import ProblemError, Request
from api.pages.rendering import labels
from api.pages.rendering.language import gettext as _
from api.request.query_params import Params, parse_params, today
from domain.vocabulary.dates import day_of, last_moment

P = TypeVar("P", bound=Params)
DATE_PARTS = ("day", "month", "year")
DAYS = {"on": "on", "known_at": "known", "since": "since", "known_by": "known_by"}
"""Which parameters are asked for by day, month and year, and how these fields begin."""
INVALID = "invalid"


class Sent(Struct, Generic[P], frozen=True):
    """What was asked for, what was typed, and what of that is wrong, by field."""

    params: P
    typed: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def wrong_day(self) -> bool:
        """Whether a day is wrong, so that its fields have to be seen."""
        return any(name in self.errors for name in DAYS)

    def link(self, path: str, **more: str | None) -> str:
        """The same question at an address, changed in some parameters; None leaves one out."""
        plain = {**msgspec.to_builtins(self.params), **more}
        flags = {True: "true", False: "false"}
        query = urlencode(
            {
                name: flags[value] if isinstance(value, bool) else value
                for name, value in plain.items()
                if value is not None and (name, value) not in _DEFAULTS
            }
        )
        return f"{path}?{query}" if query else path


_DEFAULTS = {("limit", 20)}


def read(request: Request, kind: type[P]) -> Sent[P]:
    """What a form sends; fields left empty are left out, and a day has three fields.

    If something is wrong, nothing is asked for but what goes without saying.
    """
    typed = {name: text.strip() for name, text in request.query_params.multi_items()}
    given = {name: text for name, text in typed.items() if text}
    errors: dict[str, str] = {}
    for name, prefix in DAYS.items():
        parts = [given.pop(f"{prefix}-{part}", "") for part in DATE_PARTS]
        if any(parts):
            given.pop(name, None)
            try:
                given |= _asked(name, date(*map(int, reversed(parts))))
            except (ValueError, OverflowError):
                errors[name] = _(labels.NO_DAY)
        elif name in given:
            typed |= _fields(prefix, given[name])
    try:
        params = parse_params(kind, given.items())
    except ProblemError as trouble:
        if trouble.kind.slug != INVALID:
            raise
        params = kind()
        for wrong in trouble.errors or ():
            name = wrong.parameter or ""
            errors.setdefault(name, labels.WRONG.get(name, wrong.detail))
    return Sent(kind() if errors else params, typed, errors)


def _asked(name: str, day: date) -> dict[str, str]:
    """The parameter for a day: itself, or the last moment of it; all that is known is today's."""
    if name != "known_at":
        return {name: day.isoformat()}
    return {} if day == today() else {name: last_moment(day).isoformat()}


def _fields(prefix: str, text: str) -> dict[str, str]:
    """What a day's fields show of a link's parameter; nothing if it is none."""
    try:
        moment = prefix == DAYS["known_at"]
        day = day_of(datetime.fromisoformat(text)) if moment else date.fromisoformat(text)
    except (ValueError, OverflowError):
        return {}
    return {f"{prefix}-{part}": str(getattr(day, part)) for part in DATE_PARTS}
