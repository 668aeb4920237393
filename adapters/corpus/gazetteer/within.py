"""The force or the place that a longer question names, and its other words."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.corpus.gazetteer.finder import leads
from adapters.corpus.gazetteer.names import NameMatch, forces_of_name, telling
from adapters.corpus.gazetteer.place import TOWN_WEIGHT, places_named
from adapters.corpus.gazetteer.tables import NamedPlace

WORDS_MAX = 12
"""The most words of a question in which a name is looked for."""
NAME_WORDS_MAX = 6
FORCES_MAX = 5
"""The most forces that a name within a question leads to: those of Wales, and not of England."""
PLACE_LETTERS_MIN = 4
"""From how many letters on one word of a longer question is taken for a place."""
_ORDINARY = frozenset(
    {
        *("ash", "barking", "bath", "battle", "bean", "beer", "bow", "box", "bridge", "broadway"),
        *("broom", "burn", "bury", "cargo", "church", "cross", "dale", "deal", "downside", "eagle"),
        *("edge", "eye", "fence", "flushing", "ford", "grain", "ham", "hook", "hope", "lea"),
        *("lizard", "locking", "march", "mark", "martin", "mere", "met", "mold", "national"),
        *("over", "par", "pill", "pool", "rake", "reach", "read", "reading", "ridge", "rock"),
        *("rugby", "rye", "sale", "sandwich", "sandy", "send", "settle", "singleton", "slough"),
        *("stock", "stone", "street", "valley", "wall", "ware", "wells", "worth"),
    }
)
"""Names that are also ordinary words: only a capital within a sentence tells them apart."""


class NamedWithin(Struct, frozen=True):
    """The forces and places of one name in a question, and the other words of the question."""

    forces: tuple[NameMatch, ...]
    places: tuple[NamedPlace, ...]
    rest: str


def named_within(question: str, *, training: bool = False) -> NamedWithin | None:
    """Return what the longest name in a question leads to; None if it has no name."""
    words = question.split()
    if len(words) > WORDS_MAX:
        return None
    for length in range(min(len(words) - 1, NAME_WORDS_MAX), 0, -1):
        for start in range(len(words) - length + 1):
            end = start + length
            rest = " ".join([*words[:start], *words[end:]])
            capital = end > 1 and words[end - 1][:1].isupper() and not question.isupper()
            name = words[start:end]
            if telling(rest) and (named := _named(name, capital=capital, training=training)):
                return NamedWithin(*named, rest)
    return None


def _named(
    name: list[str], *, capital: bool, training: bool
) -> tuple[tuple[NameMatch, ...], tuple[NamedPlace, ...]] | None:
    """Return the forces and places of a name, of which the last word may have a capital."""
    typed = " ".join(name)
    words = telling(typed)
    if not words or (words[0] in _ORDINARY and len(words) == 1 and not capital):
        return None
    whole = forces_of_name(typed, training=training)
    places = () if training else places_named(typed)
    likely = len(words) > 1 or _is_likely(places, words[0], capital=capital)
    if len(whole) > FORCES_MAX or not (whole or (places and likely)):
        return None
    named = leads(typed, training=training)
    forces = tuple(match for match in named.forces if match.whole)
    return forces, named.places if likely else ()


def _is_likely(places: Sequence[NamedPlace], word: str, *, capital: bool) -> bool:
    """Return whether one word means a place: a town, or what is written as a name."""
    town = min((row.weight for row in places), default=0) <= TOWN_WEIGHT
    return len(word) >= PLACE_LETTERS_MIN and (capital or town)
