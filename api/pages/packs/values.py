"""Words for the values of a board pack: differences, and addresses with its day and moment."""

from urllib.parse import urlencode

from api.pages.packs.reading import Pack
from api.pages.rendering.figures.cells import all_closed
from api.pages.rendering.language import N_, number
from api.pages.rendering.language import gettext as _
from projections.progress.board import Counts

NOT_KNOWN = N_("Not known")
MINUS = "\N{MINUS SIGN}"
"""The minus sign that screen readers read out."""


def is_told(counts: Counts) -> bool:
    """Return whether it is known of any recommendation what became of it."""
    return counts.total > counts.stages["not_known"]


def overdue(counts: Counts) -> str:
    """Return how many are overdue of those with a last day that is known and counts."""
    if counts.limited:
        return _("%(n)s of %(base)s", n=number(counts.overdue), base=number(counts.limited))
    over = all_closed(counts, counts.stages["not_known"])
    return _("None open") if over else _(NOT_KNOWN)


def change(before: int | None, after: int | None) -> str:
    """Return a difference with its sign, in words if one of the values is not known."""
    if before is None or after is None:
        return _(NOT_KNOWN)
    return signed(after - before)


def signed(difference: int) -> str:
    """Return a number with its sign."""
    sign = "+" if difference > 0 else MINUS if difference else ""
    return f"{sign}{number(abs(difference))}"


def address(path: str, pack: Pack, **query: str | None) -> str:
    """Return an address of a page on the day of a pack, as known at its moment."""
    values = {
        "on": pack.on.isoformat(),
        "known_at": pack.known_at.isoformat() if pack.known_at else None,
        **query,
    }
    return f"{path}?{urlencode({name: text for name, text in values.items() if text is not None})}"
