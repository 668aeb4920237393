"""The public pages of the service by their titles, and by words that lead to them."""

from collections.abc import Callable
from functools import cache

from msgspec import Struct

from adapters.corpus.gazetteer.names import telling
from api.pages.rendering.language import gettext as _
from domain.vocabulary.folding import folded
from domain.vocabulary.forces import TRAINING_FORCES
from domain.vocabulary.values import Code
from projections.search.question import without_fillers

_SMALL = frozenset({"a", "all", "an", "and", "not", "of", "or", "the", "to", "use", "this"})
_OWN_FORCE = ("my force", "my police", "my local", "my area", "which force")
"""Words of who does not know the name of a force."""


class ServicePage(Struct, frozen=True):
    """A page of the service: its address, its title, and other words for it."""

    href: str
    title: Callable[[], str]
    words: str


class PageLink(Struct, frozen=True):
    """The title of a page, and its address."""

    text: str
    href: str


SERVICE_PAGES = (
    ServicePage("/recommendations", lambda: _("Recommendations"), "recommendation register"),
    ServicePage("/reports", lambda: _("Reports"), "report publications"),
    ServicePage("/forces", lambda: _("Forces"), "force constabularies"),
    ServicePage("/areas", lambda: _("Inspection areas"), "area themes topics"),
    ServicePage("/statements", lambda: _("What published sources say"), "statements quotes"),
    ServicePage(
        "/progress", lambda: _("Progress of all forces"), "statistics figures charts ranking table"
    ),
    ServicePage("/late", lambda: _("What is late"), "overdue lateness"),
    ServicePage("/measures", lambda: _("Claims, time taken and load"), "measures median workload"),
    ServicePage("/claims", lambda: _("Claims that the work is done"), "claimed"),
    ServicePage("/slippage", lambda: _("Delayed and reopened"), "slippage delays"),
    ServicePage("/board-pack", lambda: _("Board pack: all forces"), "packs paper papers pdf"),
    ServicePage("/compare", lambda: _("Compare two days"), "comparison dates since"),
    ServicePage(
        "/restatement", lambda: _("What changed about a past day"), "corrections corrected restated"
    ),
    ServicePage(
        "/data",
        lambda: _("Data"),
        "download csv excel spreadsheet json parquet api open export file dataset bulk licence",
    ),
    ServicePage("/data/sql", lambda: _("Read the data by SQL"), "database query"),
    ServicePage(
        "/alerts",
        lambda: _("Get emails about a force or an area"),
        "alert email notification subscribe unsubscribe",
    ),
    ServicePage("/about", lambda: _("About"), "service sources licences names hmicfrs"),
    ServicePage(
        "/about/methodology",
        lambda: _("Methodology and deadlines"),
        "method methods rules definitions stages editions deadline",
    ),
    ServicePage(
        "/about/verify",
        lambda: _("How to verify the record"),
        "verification proof prove tamper checkpoint ledger hash signed",
    ),
    ServicePage(
        "/about/accessibility",
        lambda: _("Accessibility"),
        "accessible screen reader keyboard wcag",
    ),
    ServicePage(
        "/contact",
        lambda: _("Contact"),
        "complain complaint complaining mistake error wrong correct correction corrections"
        " feedback help us you message",
    ),
    ServicePage("/training", lambda: _("The training world"), "fictional demo example practice"),
    ServicePage("/sign-in", lambda: _("Sign in"), "login log password account"),
)
"""The pages that anyone may see, with their titles as the pages have them."""


def pages_named(question: str) -> list[PageLink]:
    """Return the page whose title is a question, or those that all its telling words lead to."""
    whole = folded(question)
    words = _telling(without_fillers(question) or question)
    titles = {each: _of_title(each.title(), each.words) for each in SERVICE_PAGES}
    titled = [each for each in SERVICE_PAGES if titles[each][0] == whole]
    named = titled or [
        each
        for each in SERVICE_PAGES
        if (words and words <= titles[each][1])
        or (each.href == "/forces" and any(own in whole for own in _OWN_FORCE))
    ]
    return [PageLink(each.title(), each.href) for each in named]


def fictional_forces(question: str) -> list[Code]:
    """Return the training forces that a question names by the word that only their names have."""
    words = frozenset(folded(question).split())
    return [code for code, names in _FICTIONAL.items() if words & names]


@cache
def _of_title(title: str, more: str) -> tuple[str, frozenset[str]]:
    """Return a title, folded, and all words that lead to its page."""
    return folded(title), _telling(f"{title} {more}")


def _telling(text: str) -> frozenset[str]:
    """Return the telling words of a text, in the singular as far as an s makes the plural."""
    words = frozenset(folded(text).split()) - _SMALL
    return frozenset(word.removesuffix("s") for word in words)


_NOT_OF_A_NAME = frozenset({"training", "not", "a", "real"})
_FICTIONAL = {
    code: frozenset(telling(force.name)) - _NOT_OF_A_NAME for code, force in TRAINING_FORCES.items()
}
"""The words that only the name of a training force has."""
