"""Other words for those of a question, by general knowledge: for finding, and for nothing else."""

import re

from domain.vocabulary.folding import folded

QUESTION_MAX = 200
"""The most characters of a question, as the lists take it."""
_ABBREVIATIONS = {
    "cce": "child criminal exploitation",
    "csa": "child sexual abuse",
    "cse": "child sexual exploitation",
    "cps": "crown prosecution service",
    "fgm": "female genital mutilation",
    "iopc": "independent office for police conduct",
    "lado": "local authority designated officer",
    "mash": "safeguarding hub",
    "mappa": "multi-agency public protection arrangements",
    "marac": "multi-agency risk assessment conference",
    "ncpi": "national child protection inspection",
    "nrm": "national referral mechanism",
    "rso": "registered sex offender",
    "vawg": "violence against women and girls",
}
"""Abbreviations; a question in full is also asked with each."""
_OTHER_WORDS = {
    "kid": ("child",),
    "kids": ("children",),
    "teenager": ("child",),
    "teenagers": ("children",),
    "youngsters": ("children",),
    "runaways": ("missing children",),
    "grooming": ("sexual exploitation",),
    "groomed": ("sexual exploitation",),
    "multi agency safeguarding hub": ("safeguarding hub", "MASH"),
    "county lines": ("criminal exploitation",),
    "paedophile": ("sex offender", "sexual abuse"),
    "paedophiles": ("sex offenders", "sexual abuse"),
    "domestic violence": ("domestic abuse",),
}
"""Words, and what the texts on record may say in their place."""
_TABLE: dict[str, tuple[str, ...]] = {
    **{short: (full,) for short, full in _ABBREVIATIONS.items()},
    **{folded(full): (short.upper(),) for short, full in _ABBREVIATIONS.items()},
    **_OTHER_WORDS,
}
_PLAIN = re.compile(r"[^\"\u201c\u201d]+")


def in_other_words(question: str) -> tuple[str, ...]:
    """Return a question with words of it replaced by others that may mean the same.

    A question with signs of a search (a phrase, -without, or) has none.
    """
    words = folded(question).split()
    signs = any(word.startswith("-") or word.lower() == "or" for word in question.split())
    if signs or not _PLAIN.fullmatch(question):
        return ()
    others: list[str] = []
    start = 0
    while start < len(words):
        for end in range(len(words), start, -1):
            if phrases := _TABLE.get(" ".join(words[start:end])):
                others += (" ".join([*words[:start], each, *words[end:]]) for each in phrases)
                start = end - 1
                break
        start += 1
    return tuple(others)


def either(question: str, others: tuple[str, ...]) -> str:
    """Return a question that asks for the words of one or of others, as far as it can be."""
    asking = question
    for other in others:
        longer = f"{asking} or {other}"
        asking = longer if len(longer) <= QUESTION_MAX else asking
    return asking
