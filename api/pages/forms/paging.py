"""Pages and orders of a list on a page: numbers, counts, and what it is sorted by."""

from collections.abc import Mapping
from math import ceil

from msgspec import Struct

from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import number
from api.pages.rendering.query_form import P, Query
from projections.filters import PAGE_NUMBER_MAX, ListFilter

BESIDE = 1
"""How many numbers stand on each side of the present page, besides the first and the last."""


class Numbered(Struct, frozen=True):
    """A page in the pagination; without a number, pages that are left out."""

    number: int | None = None
    href: str = ""
    current: bool = False


class Paging(Struct, frozen=True):
    """Where a page stands in its list, in words, and the links to the others."""

    shown: str
    total: int
    """How many items are on all pages."""
    pages: tuple[Numbered, ...] = ()
    previous: str | None = None
    next: str | None = None


class OrderChoice(Struct, frozen=True):
    """An order of a list, and the address of the list in that order; None for the present one."""

    text: str
    href: str | None = None


class PageOf(Struct, frozen=True):
    """The page of a list that has no filter, by its number, and how many items it has at most."""

    page: int | None
    limit: int

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return ((self.page or 1) - 1) * self.limit


def paging(
    query: Query[P],
    path: str,
    listing: ListFilter | PageOf,
    total: int,
    items: int,
    *,
    single: str = "",
) -> Paging:
    """Return the paging of a list at `path` that has `total` items, `items` of them on the page.

    `single` are the words for a list of one item.
    """
    last = max(min(ceil(total / listing.limit), PAGE_NUMBER_MAX), 1)
    here = listing.page or 1
    first = (here - 1) * listing.limit
    if not items:
        shown = _("There is nothing on page %(page)s.", page=number(here)) if total else ""
    elif last == 1:
        one_item = single or _("1 item")
        shown = _("Showing all %(total)s", total=number(total)) if total > 1 else one_item
    else:
        shown = _(
            "Showing %(first)s to %(last)s of %(total)s",
            first=number(first + 1),
            last=number(first + items),
            total=number(total),
        )
    if last == 1 and here == 1:
        return Paging(shown, total)

    def link(page: int) -> str:
        return query.link(path, cursor=None, page=None if page == 1 else str(page))

    kept = sorted({1, last, *range(max(here - BESIDE, 1), min(here + BESIDE, last) + 1)} - {0})
    pages: list[Numbered] = []
    for page in kept:
        if pages and pages[-1].number != page - 1:
            pages.append(Numbered())
        pages.append(Numbered(page, link(page), page == here))
    return Paging(
        shown,
        total,
        tuple(pages),
        link(min(here - 1, last)) if here > 1 else None,
        link(here + 1) if here < last else None,
    )


def orders(
    query: Query[P], path: str, chosen: str | None, words: Mapping[str, str]
) -> tuple[OrderChoice, ...]:
    """Return the orders of a list; the first of the words is that of a list without an order."""
    default = next(iter(words))
    present = chosen or default
    return tuple(
        OrderChoice(
            _(text),
            None
            if name == present
            else query.link(path, order=None if name == default else name, cursor=None, page=None),
        )
        for name, text in words.items()
    )
