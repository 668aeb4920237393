"""Figures in the cells of tables, each with a link to what it counts.

They are functions and no macros, because a board has hundreds of them.
"""

from collections.abc import Iterable
from typing import Protocol

from markupsafe import Markup, escape

from adapters.printing.paper import Line
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _


class _Limited(Protocol):
    """Counts of which some have a known limit."""

    @property
    def total(self) -> int: ...
    @property
    def open(self) -> int: ...
    @property
    def limited(self) -> int: ...
    @property
    def overdue(self) -> int: ...


class _Covered(Protocol):
    """How many recommendations are on record, of how many that reports state."""

    @property
    def on_record(self) -> int: ...
    @property
    def stated(self) -> int | None: ...


def cell(number: object, address: str) -> Markup:
    """Return a figure with a link to the list that it counts; nothing is counted by 0."""
    if not number:
        return Markup("0")
    return Markup(f'<a class="govuk-link" href="{escape(address)}">{escape(number)}</a>')  # noqa: S704  escaped


_DASH = '<span aria-hidden="true">–</span>'  # noqa: RUF001  a dash


def dash(words: str) -> Markup:
    """Return a dash, which a screen reader reads as words; a table with one has a key to it."""
    hidden = f'<span class="govuk-visually-hidden">{escape(words)}</span>'
    return Markup(f"{_DASH}{hidden}")  # noqa: S704  escaped


def has_dash(table: Iterable[Iterable[object]]) -> bool:
    """Return whether any cell of a table is a dash."""
    return any(isinstance(cell, Markup) and _DASH in cell for row in table for cell in row)


def known(number: object, base: object, address: str) -> Markup:
    """Return a figure of those that something is known of; a dash where there are none of these."""
    return cell(number, address) if number or base else dash(_("not known"))


def share(number: int, base: int, address: str) -> Markup:
    """Return a figure with its share of a base, in percent."""
    percent = _("(%(share)s%%)", share=round(100 * number / base)) if number else ""
    return cell(number, address) + (" " + percent if percent else "")


def maybe(number: int | None, address: str) -> Markup:
    """Return a figure of a comparison; a dash where it is not known."""
    return dash(_("not known")) if number is None else cell(number, address)


def signed(number: str | None) -> Markup | str:
    """Return a difference; a dash where it is not known."""
    return dash(_("not known")) if number is None else number


def all_closed(counts: _Limited, unknown: int) -> bool:
    """Return whether there are recommendations, each known to be closed; `unknown` are not."""
    return bool(counts.total) and not counts.open and not unknown


def overdue(counts: _Limited, unknown: int, address: str) -> Markup:
    """Return how many are overdue of those with a last day that is known and counts.

    A limit on record of what may long be closed does not count: it is not known who is overdue.
    """
    if not counts.limited:
        return escape(_("None open")) if all_closed(counts, unknown) else dash(_("not known"))
    return cell(counts.overdue, address) + " " + _("of %(base)s", base=counts.limited)


def coverage(of: _Covered | None) -> Markup | str:
    """Return how many are on record of those that reports state."""
    if of is None or of.stated is None:
        return dash(_("not known"))
    return _("%(many)s of %(stated)s", many=of.on_record, stated=of.stated)


def words(of: Line) -> Markup:
    """Return the words of a paper, some of them links."""
    texts = ((escape(formatting.shown(formatting.published(s.text))), s.href) for s in of)
    return Markup(  # noqa: S704  escaped
        "".join(
            f'<a class="govuk-link" href="{escape(href)}">{text}</a>' if href else text
            for text, href in texts
        )
    )


def rows(of: Iterable[Iterable[Line]]) -> list[list[Markup]]:
    """Return the cells of a table of a paper."""
    return [[words(cell) for cell in row] for row in of]
