"""A typed question as a query of PostgreSQL's full text search.

As in a web search: every word, "a phrase", -without, and one word or another. The words are those
of `folding`, so the query holds ASCII words and its own operators, and nothing else of what was
typed. Documents are indexed with `to_tsvector('english', searchable(text))`.
"""

import re
from itertools import pairwise
from typing import LiteralString

from domain.vocabulary.folding import folded

MATCHES: LiteralString = "to_tsquery('english', %(q)s)"
"""The query in SQL; the parameter is what `text_query` returns."""
JOINED_MAX = 6
"""The most words of which two neighbours are also tried as one, as in "safe guarding"."""

_QUOTES = str.maketrans(dict.fromkeys("\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\uff02", '"'))
_UNIT = re.compile(r'(?P<without>(?<!\S)-(?=[\w"]))?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_OR = "or"
_COMPOUND = re.compile(r"(?P<first>[a-z]+)-(?P<second>[a-z0-9]+)", re.IGNORECASE)
_NOT_SEARCHED = frozenset(
    {
        *("about", "above", "after", "against", "at", "before", "below", "between", "by", "down"),
        *("during", "for", "from", "in", "into", "no", "not", "of", "off", "on", "out", "over"),
        *("through", "to", "under", "up", "with"),
    }
)
"""Words before a hyphen that PostgreSQL leaves out of its index, as too frequent."""

_FILLERS = frozenset(
    {
        *(
            "a",
            "an",
            "the",
            "this",
            "that",
            "these",
            "those",
            "there",
            "it",
            "its",
            "they",
            "their",
        ),
        *("i", "me", "my", "we", "us", "our", "you", "your", "he", "she"),
        *("what", "whats", "which", "who", "whose", "when", "where", "wheres", "why", "how"),
        *("is", "are", "was", "were", "be", "been", "do", "does", "did", "has", "have", "had"),
        *("can", "could", "may", "might", "must", "shall", "should", "will", "would"),
        *("happen", "happens", "happened", "become", "becomes", "became", "come", "came"),
        *("tell", "show", "find", "give", "get", "list", "look", "search", "see", "please", "want"),
        *("about", "against", "as", "at", "by", "for", "from", "in", "into", "of", "on", "to"),
        *("with", "and", "any", "all", "many", "much", "some", "every", "each", "most"),
        *("recommendation", "recommendations", "recommended", "report", "reports", "reported"),
        *("police", "policing", "force", "forces"),
        *("say", "says", "said", "think", "thinks", "know", "known", "good", "bad", "well"),
        *("inspect", "inspects", "inspected", "inspector", "inspectors", "next", "last"),
        "doing",
    }
)
"""English words that ask, join, or name what is on every page: they tell no text from another."""


def without_fillers(question: str) -> str | None:
    """Return the telling words of a question; None if that changes nothing, or nothing is left.

    A question with signs of a search (a phrase, -without, or) is left as it is.
    """
    words = question.translate(_QUOTES).split()
    if '"' in question.translate(_QUOTES) or any(
        word.startswith("-") or word.lower() == _OR for word in words
    ):
        return None
    telling = [word for word in words if folded(word) and folded(word) not in _FILLERS]
    if not telling or len(telling) == len(words):
        return None
    return " ".join(telling).strip(".,;:!?")


def says_something(words: str) -> bool:
    """Return whether some words tell texts apart: not those that are fillers, or not searched."""
    return any(word not in _FILLERS | _NOT_SEARCHED for word in folded(words).split())


def text_query(question: str) -> str:
    """Return the text of a `tsquery` for a question; empty if it has no word.

    For example `(childrens) & (risk) & !(plan)`. A compound that begins with a word which is not
    searched is one word: "on-line" is "online", and not every text with "line".
    """
    choices: list[list[str]] = [[]]
    run: list[str] = []
    for unit in _UNIT.finditer(question.translate(_QUOTES)):
        words = folded(unit["word"] or unit["phrase"] or "").split()
        if unit["without"] or unit["phrase"] is not None:
            choices[-1] += _all_of(run)
            run = []
            if words:
                phrase = " <-> ".join(words)
                choices[-1].append(f"!({phrase})" if unit["without"] else f"({phrase})")
        elif unit["word"].lower() == _OR:
            choices[-1] += _all_of(run)
            run = []
            choices.append([])
        elif _begins_unsearched(unit["word"]):
            run.append("".join(words))
        else:
            run += words
    choices[-1] += _all_of(run)
    return " | ".join(" & ".join(units) for units in choices if units)


def _begins_unsearched(word: str) -> bool:
    compound = _COMPOUND.fullmatch(word.strip(".,;:!?()"))
    return compound is not None and compound["first"].lower() in _NOT_SEARCHED


def _all_of(words: list[str]) -> list[str]:
    """Return the condition that a text has all of some words, two neighbours perhaps as one."""
    if not words:
        return []
    ways = [words]
    if len(words) <= JOINED_MAX:
        ways += [
            [*words[:place], first + second, *words[place + 2 :]]
            for place, (first, second) in enumerate(pairwise(words))
        ]
    return ["(" + " | ".join(" & ".join(way) for way in ways) + ")"]
