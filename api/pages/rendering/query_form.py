"""Query forms of pages: the API's own parameters, with errors beside their fields."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from typing import Generic, TypeVar, cast
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from api.http.moment import today
from api.http.problems import ProblemError, Request, Wrong
from api.pages.forms.typed_dates import PARTS, WrongDate, in_parts, typed_date, whole_date
from api.pages.rendering import labels
from api.pages.rendering.language import gettext as _
from api.request.query_params import Params, parse_params
from api.request.waiting import wait_in_thread, wait_until_known
from domain.vocabulary.dates import day_of, last_moment
from domain.vocabulary.forces import is_training

P = TypeVar("P", bound=Params)
DAYS = {"on": "on", "known_at": "known", "since": "since", "known_by": "known_by"}
"""The parameters entered as day, month and year, with the prefix of their fields."""
DAY_FIELDS = {
    **{name: f"{prefix}-day" for name, prefix in DAYS.items()},
    **{
        field: field for prefix in DAYS.values() for part in PARTS for field in [f"{prefix}-{part}"]
    },
}
"""The field that an error about a day leads to."""
OF_WHOLE = frozenset(
    {"on", "known_at", "training", "order", "page", "limit", "cursor", "position", "step"}
)
"""The parameters that leave nothing out of a list."""
INVALID = "invalid"
_OF_A_TYPE = ("Invalid", "Expected")
"""How words begin that are for programs: about the type of a value."""


class Query(Struct, Generic[P], frozen=True, dict=True):
    """The query of a page: its parameters, and the typed values and errors by field."""

    params: P
    typed: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def wrong_day(self) -> bool:
        """Whether a day is wrong, so that its fields have to be visible."""
        return bool(self.errors.keys() & DAY_FIELDS.keys())

    @property
    def training(self) -> bool:
        """Whether the page shows training, so that a form with errors stays with it."""
        return self.typed.get("training") == "true" or is_training(self.typed.get("force"))

    @property
    def filtered(self) -> bool:
        """Whether it chooses some of a list, by more than a day, an order or a page."""
        return any(part for name, part in self._parts.items() if name not in OF_WHOLE)

    @cached_property
    def _parts(self) -> dict[str, str]:
        plain = cast("dict[str, str | int | None]", msgspec.to_builtins(self.params))
        return {name: _part(name, value) for name, value in plain.items()}

    def link(self, path: str, **more: str | None) -> str:
        """Return a path with this query, some parameters changed; None leaves one out."""
        parts = self._parts
        if more:
            parts = {**parts, **{name: _part(name, value) for name, value in more.items()}}
        query = "&".join(filter(None, parts.values()))
        return f"{path}?{query}" if query else path


_DEFAULTS = {("limit", 20)}
PARTS_KEPT = 4_096
"""How many encoded parameters are kept: a page of figures has hundreds of links."""


@lru_cache(PARTS_KEPT, typed=True)
def _part(name: str, value: str | int | None) -> str:
    """Return a parameter as it stands in an address; nothing without a value, or by default."""
    if value is None or (name, value) in _DEFAULTS:
        return ""
    return urlencode({name: str(value).lower() if isinstance(value, bool) else value})


def read(request: Request, kind: type[P]) -> Query[P]:
    """Read the query of a form.

    Empty fields are left out, and a day has three fields. Unknown parameters are ignored: a link
    that was shared may have some. If anything is wrong, the parameters are the defaults. Raises
    ProblemError for any problem other than invalid parameters.
    """
    known = _names(kind)
    items = request.query_params.multi_items()
    typed = {name: text.strip() for name, text in items if name in known}
    filled = {name: text for name, text in typed.items() if text}
    typed |= _in_parts(filled)
    errors: dict[str, str] = {}
    for name, prefix in DAYS.items():
        for part in PARTS:
            filled.pop(f"{prefix}-{part}", None)
        try:
            day = whole_date(typed, prefix)
        except WrongDate as error:
            errors[error.field] = error.of(labels.DAYS[name])
            filled.pop(name, None)
            continue
        if day is not None:
            filled.pop(name, None)
            filled |= _parameter(name, day)
        elif name in filled:
            if name == "known_at" and (day := _day_of_link(filled[name])):
                del filled[name]
                filled |= _parameter(name, day)
            typed |= _fields(prefix, filled.get(name, ""))
    try:
        params = parse_params(kind, filled.items())
    except ProblemError as trouble:
        if trouble.kind.slug != INVALID:
            raise
        params = kind()
        for wrong in trouble.errors or ():
            name = wrong.parameter or ""
            errors.setdefault(name, _in_words(name, wrong))
    return Query(kind() if errors else params, typed, errors)


def _in_words(name: str, wrong: Wrong) -> str:
    """Return what is wrong with a parameter."""
    if wrong.detail in labels.WRONG_TOGETHER:
        return _(wrong.detail)
    if words := labels.WRONG.get(name):
        return words
    if not wrong.detail.startswith(_OF_A_TYPE):
        return wrong.detail
    return _(
        "Part of the address of this page cannot be read: %(name)s. Leave it out, or choose again.",
        name=wrong.parameter,
    )


def read_known(request: Request, kind: type[P]) -> Query[P]:
    """Read the query of a form in a thread, and wait until what it asks about is known.

    Raises as `read`, and ProblemError if a list is too far behind.
    """
    query = read(request, kind)
    wait_in_thread(request, query.params)
    return query


async def aread_known(request: Request, kind: type[P]) -> Query[P]:
    """As `read_known`, on the event loop."""
    query = read(request, kind)
    await wait_until_known(request, query.params)
    return query


@cache
def _names(kind: type[Params]) -> frozenset[str]:
    """Return the names of the parameters of a page, and of the fields of its days."""
    fields = kind.__struct_fields__
    prefixes = [prefix for name, prefix in DAYS.items() if name in fields]
    return frozenset((*fields, *(f"{prefix}-{part}" for prefix in prefixes for part in PARTS)))


def _in_parts(filled: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of days that a link has as people type them, such as `31 3 2023`."""
    fields: dict[str, str] = {}
    for name, prefix in DAYS.items():
        if name in filled and not any(f"{prefix}-{part}" in filled for part in PARTS):
            fields |= in_parts(prefix, filled[name]) or {}
    return fields


def _day_of_link(text: str) -> date | None:
    """Return the day that a link has in place of a moment; None if it is no day that is over."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2023-03-31") else None
    except ValueError:
        return None
    return day if day and day <= today() else None


def _parameter(name: str, day: date) -> dict[str, str]:
    """Return the parameter for a day: the day, or its last moment for `known_at`.

    Today's `known_at` needs no parameter, because everything is known.
    """
    if name != "known_at":
        return {name: day.isoformat()}
    return {} if day == today() else {name: last_moment(day).isoformat()}


def _fields(prefix: str, text: str) -> dict[str, str]:
    """Return the day's fields for a link's parameter; empty if it is not a day."""
    try:
        moment = prefix == DAYS["known_at"]
        day = day_of(datetime.fromisoformat(text)) if moment else date.fromisoformat(text)
    except (ValueError, OverflowError):
        return {}
    return typed_date(prefix, day.isoformat())
