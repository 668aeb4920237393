"""Places by their names, perhaps with the district or force that tells them apart."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from itertools import islice, takewhile

from adapters.corpus.gazetteer.names import key, telling
from adapters.corpus.gazetteer.tables import NamedPlace, places
from domain.vocabulary.folding import folded
from domain.vocabulary.forces import ADDRESSEES

BEGINNING_LETTERS = 5
"""From how many letters on the beginning of a name is enough."""
BEGINNING_SHOWN = 8
TOWN_WEIGHT = 2
"""The greatest weight of a place that is also meant by the first word of its name."""
_BETWEEN = frozenset({"by", "in", "le", "on", "super", "under", "upon"})


def places_named(question: str) -> list[NamedPlace]:
    """Return the places of a name, the largest first: at most one for each force and district.

    Words after the name, such as "Newport, Essex", choose among them. Towns with a longer name that
    begins so, such as Newcastle-under-Lyme, are meant by it too.
    """
    words = folded(question).split()
    told_apart = telling(question)
    for name in (words, told_apart):
        typed = "".join(name)
        if rows := [*by_key().get(typed, ()), *by_first_words().get(typed, ())]:
            return _each_once(rows)
    for length in range(len(told_apart) - 1, 0, -1):
        rows = by_key().get("".join(told_apart[:length]), [])
        if chosen := [row for row in rows if _is_in(row, told_apart[length:])]:
            return _each_once(chosen)
    return []


def places_beginning(question: str) -> list[NamedPlace]:
    """Return some places whose names begin as a question does, the largest first."""
    start = key(question)
    if len(start) < BEGINNING_LETTERS:
        return []
    keys = sorted_keys()
    begun = takewhile(
        lambda each: each.startswith(start), islice(keys, bisect_left(keys, start), None)
    )
    rows = _each_once(row for each in begun for row in by_key()[each])
    return rows[:BEGINNING_SHOWN]


@cache
def by_key() -> dict[str, list[NamedPlace]]:
    """Return the places by the keys of their names."""
    keys: dict[str, list[NamedPlace]] = {}
    for row in places():
        keys.setdefault(key(row.name), []).append(row)
    return keys


@cache
def by_first_words() -> dict[str, list[NamedPlace]]:
    """Return towns whose names go on with "under", "on" and so on, by the key of what is before."""
    keys: dict[str, list[NamedPlace]] = {}
    for row in places():
        words = folded(row.name).split()
        if row.weight <= TOWN_WEIGHT and len(words) > 2 and words[1] in _BETWEEN:  # noqa: PLR2004
            keys.setdefault(words[0], []).append(row)
    return keys


@cache
def sorted_keys() -> list[str]:
    """Return the keys of all places in order."""
    return sorted(by_key())


def _is_in(row: NamedPlace, words: list[str]) -> bool:
    """Return whether all of some words begin a word of a place's district, force or country."""
    force = ADDRESSEES[row.force]
    around = telling(f"{row.district or ''} {force.name} {force.country}")
    return all(any(part.startswith(word) for part in around) for word in words)


def _each_once(rows: Iterable[NamedPlace]) -> list[NamedPlace]:
    """Return the rows in order of size, one for each force and district.

    Where several rows lead to one force, one with evidence and a district stands for the others.
    """
    ranked = sorted(rows, key=lambda row: (row.weight, row.evidence is not None, not row.district))
    best: dict[tuple[str, str | None], NamedPlace] = {}
    for row in ranked:
        best.setdefault((row.force, row.district), row)
    with_district = {row.force for row in best.values() if row.district}
    return [row for row in best.values() if row.district or row.force not in with_district]
