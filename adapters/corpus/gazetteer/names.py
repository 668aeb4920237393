"""Forces and policing bodies by their names: as they are, were, are shortened, or begin."""

from collections.abc import Collection, Iterable
from functools import cache

from msgspec import Struct

from adapters.corpus.gazetteer.tables import (
    ForceName,
    PolicingBody,
    force_names,
    policing_bodies,
)
from domain.vocabulary.folding import folded
from domain.vocabulary.forces import ADDRESSEES, FORCES, TRAINING_FORCES
from domain.vocabulary.values import Code

GENERIC = frozenset(
    {"police", "policing", "constabulary", "force", "service", "heddlu", "the", "in", "near", "for"}
)
"""Words that a person may add to a name or leave out of it."""
_WELSH = "heddlu"
"""Police, in Welsh: by itself it asks for the forces that have a name in Welsh."""
_COUNTRIES = {
    "england": ("England",),
    "wales": ("Wales",),
    "cymru": ("Wales",),
    "welsh": ("Wales",),
    "englandandwales": ("England", "Wales"),
}
_JOINING = frozenset({"and", "of"})
"""Words that are in many names, and by themselves name nothing."""
_BODY_WORDS = frozenset({"commissioner", "authority", "mayor", "corporation", "office", "mopac"})
BEGINNING_LETTERS = 2
"""From how many letters on the beginning of a name is enough."""
_TERMS = {"pcc": "police crime commissioner", "pfcc": "police fire crime commissioner"}
_WELL_KNOWN = {"official": 0, "short": 1, "welsh": 2, "style": 3, "abbreviation": 4, "former": 5}
_INDEXED_ALONE = frozenset({"official", "short", "welsh", "style"})


class NameMatch(Struct, frozen=True):
    """A force that a question names, and the name of it that matched."""

    force: Code
    name: ForceName
    whole: bool
    """Whether the question is the whole name, or only the beginnings of some of its words."""


def key(text: str) -> str:
    """Return a text as one word, in which alike spellings are the same."""
    return folded(text).replace(" ", "")


def telling(text: str) -> list[str]:
    """Return the words of a text that tell one name from another."""
    return [word for word in folded(text).split() if word not in GENERIC]


def forces_named(question: str, *, training: bool = False) -> list[NameMatch]:
    """Return the forces whose name is a question, or else has words that begin as all of its do.

    The name of a country asks for its forces.
    """
    if whole := forces_of_name(question, training=training):
        return whole
    words = telling(question)
    if not words and _WELSH in folded(question).split():
        welsh = (name for name in names(training=training) if name.kind == "welsh")
        return _each_force_once(NameMatch(name.force, name, whole=False) for name in welsh)
    if len("".join(words)) < BEGINNING_LETTERS or _JOINING.issuperset(words):
        return []
    begun = (
        NameMatch(name.force, name, whole=False)
        for name in names(training=training)
        if all(any(part.startswith(word) for part in telling(name.name)) for word in words)
    )
    return _each_force_once(begun)


def forces_of_name(name: str, *, training: bool = False) -> list[NameMatch]:
    """Return the forces of a whole name, or of a country."""
    telling_words = "".join(telling(name))
    if not training and telling_words in _COUNTRIES:
        return _of_countries(_COUNTRIES[telling_words])
    keys = by_key(training=training)
    matching = keys.get(key(name)) or keys.get(telling_words, [])
    return _each_force_once(NameMatch(each.force, each, whole=True) for each in matching)


def _of_countries(countries: Collection[str]) -> list[NameMatch]:
    return [
        NameMatch(code, ForceName(code, force.country, "country", source="ours"), whole=True)
        for code, force in sorted(FORCES.items(), key=lambda each: each[1].name)
        if force.country in countries
    ]


def force_and_rest(question: str, *, training: bool = False) -> tuple[Code, str] | None:
    """Return a force whose name a question begins or ends with, and its other words."""
    words = question.split()
    for length in range(len(words) - 1, 0, -1):
        for name, rest in (
            (words[:length], words[length:]),
            (words[-length:], words[:-length]),
        ):
            matches = forces_of_name(" ".join(name), training=training)
            if len(matches) == 1 and telling(" ".join(rest)):
                return matches[0].force, " ".join(rest)
    return None


@cache
def names(*, training: bool) -> tuple[ForceName, ...]:
    """Return the names to search, the best known first."""
    if training:
        shown = (ForceName(code, of.name, "official") for code, of in TRAINING_FORCES.items())
        return tuple(shown)
    return tuple(sorted(force_names(), key=lambda name: _WELL_KNOWN[name.kind]))


@cache
def by_key(*, training: bool) -> dict[str, list[ForceName]]:
    """Return the names by their keys; some also by the words that tell them apart alone."""
    keys: dict[str, list[ForceName]] = {}
    for name in names(training=training):
        own = {key(name.name)}
        if name.kind in _INDEXED_ALONE:
            own.add("".join(telling(name.name)))
        for each in own - {""}:
            keys.setdefault(each, []).append(name)
    return keys


def other_names(force: Code) -> list[ForceName]:
    """Return the names of a force besides the one shown for which there is evidence.

    These are its present names in English and Welsh, then its earlier ones and its predecessors',
    the latest first.
    """
    shown = folded(ADDRESSEES[force].name)
    present: list[ForceName] = []
    former: list[ForceName] = []
    for name in force_names():
        if name.force == force and name.source:
            if name.kind == "former":
                former.append(name)
            elif name.kind in {"official", "welsh"} and folded(name.name) != shown:
                present.append(name)
    former.sort(key=lambda name: name.until or name.since or "", reverse=True)
    return present + former


def bodies_named(question: str) -> list[PolicingBody]:
    """Return the bodies that a question names: not those it names by their force alone."""
    words = [part for word in folded(question).split() for part in _TERMS.get(word, word).split()]
    if len("".join(words)) < BEGINNING_LETTERS or _JOINING.issuperset(words):
        return []
    return [body for body in policing_bodies() if _is_named(body, words)]


def _is_named(body: PolicingBody, words: list[str]) -> bool:
    if words == [body.term]:
        return True
    parts = folded(body.name).split()
    if not all(any(_begins(part, word) for part in parts) for word in words):
        return False
    telling_words = set(words) - GENERIC
    return bool(telling_words & _BODY_WORDS) if body.force in FORCES else bool(telling_words)


def _begins(part: str, word: str) -> bool:
    """Return whether a word begins a part of a name: a single letter is only a word by itself."""
    return part == word if len(word) == 1 else part.startswith(word)


def _each_force_once(matches: Iterable[NameMatch]) -> list[NameMatch]:
    best: dict[Code, NameMatch] = {}
    for match in matches:
        best.setdefault(match.force, match)
    return list(best.values())
