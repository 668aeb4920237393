"""The tables of names, bodies, places and postcodes that ship, read once when first needed.

SOURCES.md beside the files says where they come from. A row without evidence is general knowledge:
it leads a search somewhere, and is never shown as a fact.
"""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from domain.vocabulary.forces import ADDRESSEES, NATIONAL
from domain.vocabulary.values import Code

DATA = Path(__file__).parents[1] / "data" / "reference"

R = TypeVar("R", bound=Struct)

NameKind: TypeAlias = Literal[
    "official", "short", "style", "abbreviation", "former", "welsh", "country"
]
Predecessor: TypeAlias = Literal["whole", "part"]
PlaceKind: TypeAlias = Literal[
    "place",
    "built-up area",
    "district",
    "former district",
    "alias",
    "welsh",
    "county",
    "former county",
    "region",
]


class ForceName(Struct, frozen=True, gc=False):
    """A name that a force has, had or is known by; `source` is None without evidence."""

    force: Code
    name: str
    kind: NameKind
    since: str | None = None
    """A day, a month or a year, also before 1900."""
    until: str | None = None
    predecessor: Predecessor | None = None
    """Whether it was another force, all or part of whose area this one took over."""
    source: str | None = None


class PolicingBody(Struct, frozen=True, gc=False):
    """A local policing body of a force, or a body besides forces; `term` is an abbreviation."""

    force: Code
    name: str
    term: str | None = None
    status: Literal["past", "current", "planned"] = "current"
    until: str | None = None
    source: str | None = None


class NamedPlace(Struct, frozen=True, gc=False):
    """A place of a name in the area of one force; `weight` is 1 for the largest, 3 the smallest."""

    name: str
    force: Code
    weight: int
    kind: PlaceKind
    district: str | None = None
    near: str | None = None
    """Another force to whose area it is near."""
    evidence: Literal["none"] | None = None


class PostcodeArea(Struct, frozen=True, gc=False):
    """A postcode area, district or sector, with its forces in order of their shares of it."""

    postcode: str
    forces: tuple[Code, ...]
    shares: tuple[float, ...]
    """How many per cent of its postcodes lie in the area of each force."""
    few: tuple[Code, ...]
    """Other forces in whose areas a few of its postcodes lie: under five, and under 0.5%."""
    scotland: bool
    """Whether some of it lies in Scotland."""


@cache
def force_names() -> tuple[ForceName, ...]:
    """Return every name of every force, as the service shows it first."""
    shown = tuple(
        ForceName(code, force.name, "official", source="ours")
        for code, force in ADDRESSEES.items()
        if not force.training
    )
    short = ForceName(NATIONAL, "National", "short", source="ours")
    return (*shown, short, *_read("force_names.csv", ForceName))


@cache
def policing_bodies() -> tuple[PolicingBody, ...]:
    """Return the local policing bodies, and the bodies besides forces."""
    return tuple(_read("bodies.csv", PolicingBody))


@cache
def places() -> tuple[NamedPlace, ...]:
    """Return the places, each with the name of its district if that is known."""
    rows = list(_read("places.csv", NamedPlace))
    names = {row.district: row.name for row in rows if row.kind == "district"}
    return tuple(msgspec.structs.replace(row, district=names.get(row.district)) for row in rows)


@cache
def postcodes() -> dict[str, PostcodeArea]:
    """Return the postcode areas and districts, and the sectors of divided districts."""
    areas: dict[str, PostcodeArea] = {}
    for row in _rows("postcodes.csv"):
        forces = tuple(row["forces"].split())
        shares = tuple(map(float, row["shares"].split())) or (100.0,)
        few = tuple(row["few"].split())
        area = PostcodeArea(row["postcode"], forces, shares, few, bool(row["scotland"]))
        areas[area.postcode] = area
    return areas


def _read(name: str, kind: type[R]) -> Iterator[R]:
    for row in _rows(name):
        filled = {column: text for column, text in row.items() if text}
        yield msgspec.convert(filled, kind, strict=False)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
