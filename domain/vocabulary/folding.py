"""Text reduced to plain words, so that it is found however it was typed or published.

Texts on record and questions go through the same functions. What remains is ASCII, which every
PostgreSQL parses into words alike, whatever the locale of its database.
"""

import re
import unicodedata

_SPELLINGS = str.maketrans(
    {
        "&": " and ",
        "ß": "ss",
        "Æ": "AE",
        "æ": "ae",
        "Œ": "OE",
        "œ": "oe",
        "Ø": "O",
        "ø": "o",
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "Ð": "D",
        "ð": "d",
        "Þ": "Th",
        "þ": "th",
        "\u0131": "i",
        **dict.fromkeys("'`\u00b4\u02bc\u2018\u2019\u201b\u2032\uff07", ""),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
    }
)
"""Letters that Unicode does not decompose, apostrophes (dropped), and dashes (made hyphens)."""
_WORD = re.compile(r"[a-z0-9]+")
_COMPOUND = re.compile(r"[a-z0-9]+(?:-\s*[a-z0-9]+)+")
_SAINT = re.compile(r"\bsaint\b")


def folded(text: str) -> str:
    """Return the words of a text in lower-case ASCII, parted by single spaces.

    Accents, apostrophes, invisible characters and punctuation are left out, `&` is "and", and
    "Saint" is "st". A hyphen parts words.
    """
    return " ".join(_WORD.findall(_plain(text)))


def searchable(text: str) -> str:
    """Return the words of a text, followed by its hyphenated words written as one.

    "multi-agency" is then found as two words and as "multiagency".
    """
    plain = _plain(text)
    compounds = ("".join(_WORD.findall(each)) for each in _COMPOUND.findall(plain))
    return " ".join((*_WORD.findall(plain), *dict.fromkeys(compounds)))


def _plain(text: str) -> str:
    if not text.isascii() or "'" in text or "&" in text or "`" in text:
        decomposed = unicodedata.normalize("NFKD", text.translate(_SPELLINGS))
        text = "".join(sign for sign in decomposed.translate(_SPELLINGS) if not _is_unseen(sign))
    return _SAINT.sub("st", text.lower())


def _is_unseen(sign: str) -> bool:
    """Return whether a character is part of the one before it, or marks a place to break a line."""
    return unicodedata.category(sign) in {"Mn", "Mc", "Me", "Cf"}
