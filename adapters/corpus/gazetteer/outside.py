"""Names that are not covered here: other parts of the UK, and other forces.

General knowledge: it leads to a sentence on what the service covers, and to no other fact.
"""

import re

from adapters.corpus.gazetteer.names import key, telling

_NAMES = (
    *("Scotland", "Alba", "Police Scotland", "Police Service of Scotland", "Scottish police"),
    *("Edinburgh", "Glasgow", "Aberdeen", "Dundee", "Inverness", "Stirling"),
    *("Northern Ireland", "Ulster", "Belfast", "Londonderry", "PSNI", "RUC"),
    *("Police Service of Northern Ireland", "Royal Ulster Constabulary"),
    *("Ireland", "Republic of Ireland", "Garda", "Garda Síochána"),
    *("Isle of Man", "Jersey", "Guernsey", "Channel Islands", "Alderney", "Sark", "Gibraltar"),
    *("British Transport Police", "BTP", "Ministry of Defence Police", "MOD Police", "MDP"),
    *("Civil Nuclear Constabulary", "CNC", "Royal Military Police", "RMP"),
    *("Port of Dover Police", "Port of Liverpool Police", "Port of Tilbury Police"),
)
_AREAS = frozenset(
    {
        *("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH"),
        *("TD", "ZE", "BT", "IM", "JE", "GY"),
    }
)
"""Postcode areas of which none, or only what the tables have, touches England or Wales."""
_POSTCODE = re.compile(r"([A-Z]{1,2})[0-9][0-9A-Z]? ?([0-9]([A-Z]{2})?)?")
_KEYS = frozenset(map(key, _NAMES))
NAME_WORDS_MAX = max(len(name.split()) for name in _NAMES)
_OF_THE_SUBJECT = frozenset(
    {
        *("child", "children", "protection", "safeguarding", "inspection", "inspections"),
        *("report", "reports", "recommendation", "recommendations", "ncpi", "and", "of"),
    }
)
"""Words that people add to a name when they look for what is here."""


def is_outside(question: str) -> bool:
    """Return whether a question names a place or a force that is not covered here."""
    words = telling(question)
    name = "".join(word for word in words if word not in _OF_THE_SUBJECT)
    if {key(question), "".join(words), name} & _KEYS:
        return True
    match = _POSTCODE.fullmatch(" ".join(question.upper().split()))
    return match is not None and match[1] in _AREAS


def is_outside_within(question: str) -> bool:
    """Return whether some words of a longer question are the name of what is not covered here."""
    words = question.split()
    return any(
        key(" ".join(words[start:end])) in _KEYS
        for start in range(len(words))
        for end in range(start + 1, min(start + NAME_WORDS_MAX, len(words)) + 1)
    )
