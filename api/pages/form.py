"""What a form of a page asks for: the API's own parameters, and errors beside their fields."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from api.asking import Parameters, parsed
from api.pages import words
from api.problems import Asker, Trouble

P = TypeVar("P", bound=Parameters)
DATE_PARTS = ("day", "month", "year")
INVALID = "invalid"


class Sent(Struct, Generic[P], frozen=True):
    """What was asked for, what was typed, and what of that is wrong, by field."""

    asked: P
    typed: Mapping[str, str]
    errors: Mapping[str, str]

    def link(self, path: str, **more: str | None) -> str:
        """The same question at an address, changed in some parameters; None leaves one out."""
        plain = {**msgspec.to_builtins(self.asked), **more}
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


def read(request: Asker, kind: type[P]) -> Sent[P]:
    """What a form sends; fields left empty are left out, and a day has three fields.

    If something is wrong, nothing is asked for but what goes without saying.
    """
    typed = {name: text.strip() for name, text in request.query_params.multi_items()}
    given = {name: text for name, text in typed.items() if text}
    errors: dict[str, str] = {}
    parts = [given.pop(f"on-{part}", "") for part in DATE_PARTS]
    if any(parts):
        try:
            given["on"] = date(*map(int, reversed(parts))).isoformat()
        except (ValueError, OverflowError):
            errors["on"] = "The day must be a real date, such as 31 3 2023."
    elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", given.get("on", "")):
        typed |= zip(
            (f"on-{part}" for part in reversed(DATE_PARTS)), given["on"].split("-"), strict=True
        )
    try:
        asked = parsed(kind, given.items())
    except Trouble as trouble:
        if trouble.kind.slug != INVALID:
            raise
        asked = kind()
        for wrong in trouble.errors or ():
            name = wrong.parameter or ""
            errors.setdefault(name, words.WRONG.get(name, wrong.detail))
    return Sent(kind() if errors else asked, typed, errors)
