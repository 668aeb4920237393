"""Postcodes: the forces in whose areas one lies, by its area, district or sector.

Of a full postcode only the part up to the sector is used. An incomplete one may be read in two
ways: "E11" is a district, and also the beginning of sector 1 of E1; the longer district wins.
"""

import re

from msgspec import Struct

from adapters.corpus.gazetteer.tables import PostcodeArea, postcodes

_INWARD = re.compile(r"[0-9][A-Z]{0,2}")
_AREA = re.compile(r"[A-Z]{1,2}")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9]")
LONGEST = "AA9A 9AA"


class PostcodeMatch(Struct, frozen=True):
    """A postcode as far as it is known here, and the forces in whose areas it lies.

    If they are several, `narrower` are the sectors that tell them apart, as far as they do.
    """

    area: PostcodeArea
    narrower: tuple[PostcodeArea, ...] = ()


def postcode_match(text: str) -> PostcodeMatch | None:
    """Return what is known of a postcode, with or without its space; None if it is none."""
    plain = " ".join(text.upper().split())
    if len(plain) > len(LONGEST) or not (_AREA.fullmatch(plain) or _OUTWARD.match(plain)):
        return None
    for outward, sector in _readings(plain):
        district = postcodes().get(outward)
        if district is None:
            continue
        exact = postcodes().get(f"{outward} {sector}") if sector else None
        if exact or len(district.forces) == 1:
            return PostcodeMatch(exact or district)
        return PostcodeMatch(district, _sectors(outward))
    return None


def _readings(plain: str) -> list[tuple[str, str]]:
    """Return the districts and sectors that a postcode may begin with, the likeliest first."""
    outward, space, inward = plain.partition(" ")
    if space:
        return [(outward, inward[0])] if _INWARD.fullmatch(inward) else []
    parted = [(plain[:-length], plain[-length:]) for length in (3, 2, 1)]
    return [(plain, ""), *((outward, end[0]) for outward, end in parted if _INWARD.fullmatch(end))]


def _sectors(outward: str) -> tuple[PostcodeArea, ...]:
    return tuple(area for name, area in postcodes().items() if name.startswith(f"{outward} "))
