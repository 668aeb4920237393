"""The words that the pages use for filters of the register: areas, kinds, findings and stages."""

from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from domain.vocabulary import words
from domain.vocabulary.folding import folded

TopicFilter: TypeAlias = Literal["area", "kind", "finding", "stage", "overdue", "claimed", "open"]
LETTERS_MIN = 4
"""From how many letters on a word of a name counts as a part of it."""
_SMALL = frozenset(
    {
        *("and", "as", "for", "of", "the", "to", "in", "with", "those", "who", "a", "is"),
        *("area", "areas", "police", "child", "children", "force"),
    }
)
"""Words of names that tell none from another."""
_ALSO: dict[str, tuple[TopicFilter, str]] = {
    "afi": ("kind", "area_for_improvement"),
    "areas for improvement": ("kind", "area_for_improvement"),
    "causes of concern": ("kind", "cause_of_concern"),
    "custody": ("area", "police_detention"),
    "managing risk": ("area", "managing_risk"),
    "partnership": ("area", "partnership"),
    "no plan yet": ("stage", "issued"),
    "open": ("open", "true"),
    "overdue": ("overdue", "true"),
    "not overdue": ("overdue", "false"),
    "force says done": ("claimed", "true"),
}
"""Other words for a filter."""
_NOT_NAMED = frozenset({("kind", "recommendation"), ("area", "unknown"), ("area", "n/a")})
"""Filters that only their whole names lead to; a recommendation is everything on record."""


class Topic(Struct, frozen=True):
    """A filter of the register that a question names, by its parameter and value there."""

    filter: TopicFilter
    value: str
    whole: bool
    """Whether the question is its whole name, or only a half of its words."""


def topics_named(question: str) -> tuple[Topic, ...]:
    """Return the filters whose name a question is, or else areas and kinds with all its words."""
    if whole := _by_key().get(_key(question)):
        return tuple(Topic(name, value, whole=True) for name, value in whole)
    typed = _telling(question)
    if not typed or any(len(word) < LETTERS_MIN for word in typed):
        return ()
    return tuple(
        Topic(name, value, whole=False)
        for (name, value), parts in _parts().items()
        if 2 * len(typed) >= len(parts) and typed <= parts
    )


@cache
def _by_key() -> dict[str, list[tuple[TopicFilter, str]]]:
    keys: dict[str, list[tuple[TopicFilter, str]]] = {}
    for name, tables in _TABLES.items():
        for value, text in (each for table in tables for each in table.items()):
            if (name, value) != ("kind", "recommendation"):
                _add(keys, text, (name, value))
    for text, each in _ALSO.items():
        _add(keys, text, each)
    return keys


def _add(
    keys: dict[str, list[tuple[TopicFilter, str]]], text: str, topic: tuple[TopicFilter, str]
) -> None:
    topics = keys.setdefault(_key(text), [])
    if topic not in topics:
        topics.append(topic)


@cache
def _parts() -> dict[tuple[TopicFilter, str], frozenset[str]]:
    """Return the telling words of the names of areas and kinds."""
    return {
        (name, value): _telling(text)
        for name in _BY_PARTS
        for table in _TABLES[name]
        for value, text in table.items()
        if (name, value) not in _NOT_NAMED
    }


def _key(text: str) -> str:
    return folded(text).replace(" ", "")


def _telling(text: str) -> frozenset[str]:
    """Return the telling words of a text, in the singular as far as an s makes the plural."""
    words = frozenset(folded(text).split()) - _SMALL
    return frozenset(word.removesuffix("s") if len(word) > LETTERS_MIN else word for word in words)


_TABLES: dict[TopicFilter, tuple[dict[str, str], ...]] = {
    "area": (words.AREAS,),
    "kind": (words.KINDS,),
    "finding": (words.FINDINGS, words.FINDINGS_SHORT),
    "stage": (words.STAGES, words.STAGES_SHORT),
}
_BY_PARTS: tuple[TopicFilter, ...] = ("area", "kind")
