"""Words on record that are spelt nearly as those of a question that none has."""

from typing import Any, LiteralString

from psycopg import Cursor

from domain.vocabulary.folding import folded
from domain.vocabulary.nearness import SHORT_LETTERS, nearest_of_many, signature
from projections.bitemporal import NOW
from projections.filters import force_condition
from projections.register.model import Register

WORDS_MAX = 6
"""The most words of a question that are looked at."""
TEXTS_MAX = 200
"""The most texts whose words are compared with each of these."""
_VOWELS = "aeiou"
BEGINNING = 3
"""How many letters at its beginning a word shares with the texts that it is compared with."""


def statement(*, training: bool) -> LiteralString:
    """Return the SQL of some texts with words of some beginnings."""
    return (
        "SELECT w.text, w.topic FROM " + Register.schema + ".wording w WHERE"
        " w.search @@ to_tsquery('simple', %(beginnings)s) AND EXISTS (SELECT FROM"
        " "
        + Register.schema
        + ".standing WHERE text_id = w.id AND "
        + NOW
        + " AND "
        + force_condition(None, training=training)
        + ") LIMIT %(most)s"
    )


def respelt(cursor: Cursor[Any], question: str, *, training: bool = False) -> str | None:
    """Return the words of a question as texts on record spell them; None if all stay the same."""
    words = folded(question).split()[:WORDS_MAX]
    spelt = [_nearest_on_record(cursor, word, training=training) for word in words]
    return " ".join(spelt) if spelt != words else None


def with_one_less(question: str) -> list[str]:
    """Return a question of some plain words with each of them left out in turn."""
    words = question.split()
    plain = words if all(each.replace("-", "").isalnum() for each in words) else []
    if not 1 < len(plain) <= WORDS_MAX or any(each.startswith("-") for each in plain):
        return []
    fewer = (" ".join([*plain[:place], *plain[place + 1 :]]) for place in range(len(plain)))
    return [*dict.fromkeys(fewer)]


def _nearest_on_record(cursor: Cursor[Any], word: str, *, training: bool) -> str:
    """Return the nearest word on record: of the likeliest beginnings, else of others."""
    for choice in (beginnings(word), *other_beginnings(word)):
        query = {"beginnings": choice, "most": TEXTS_MAX}
        rows = cursor.execute(statement(training=training), query).fetchall()
        known = {each for text, topic in rows for each in folded(f"{text} {topic or ''}").split()}
        if word in known:
            return word
        near = nearest_of_many(word, map(signature, sorted(known)))
        if best := min(near, default=None):
            return best[1]
    return word


def beginnings(word: str) -> str:
    """Return the text of a `tsquery` of the beginnings that a word may have without its error."""
    first, second, third, fourth = list(word.ljust(BEGINNING + 1))[: BEGINNING + 1]
    likely = (
        first + second + third,
        second + first + third,
        first + third + fourth,
        second + third + fourth,
    )
    plain = dict.fromkeys(each.strip() for each in likely)
    return " | ".join(f"{each}:*" for each in plain if len(each) == BEGINNING) or word


def other_beginnings(word: str) -> list[str]:
    """Return a `tsquery` of more beginnings: the third letter is wrong, or a vowel is missing."""
    if len(word) <= SHORT_LETTERS:
        return []
    first, second = word[0], word[1]
    return [" | ".join(f"{first}{vowel}{second}:*" for vowel in ("", *_VOWELS))]
