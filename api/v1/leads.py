"""Leads of a search: forces, places, postcodes and bodies, each with the name that matched."""

from typing import Literal, TypeAlias

from msgspec import Struct

from adapters.corpus.gazetteer import finder
from adapters.corpus.gazetteer.names import NameMatch
from adapters.corpus.gazetteer.tables import NamedPlace, PolicingBody, PostcodeArea, Predecessor
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code

MatchKind: TypeAlias = Literal["name", "welsh", "former", "country", "term", "beginning", "near"]


class ForceLead(Struct, frozen=True, kw_only=True):
    """A force that the question leads to; `matched` is a name for which there is evidence.

    `by` is the name of the tables that the question matched, which may be general knowledge.
    """

    force: Code
    name: str
    kind: MatchKind
    by: str
    matched: str | None = None
    since: str | None = None
    until: str | None = None
    predecessor: Predecessor | None = None


class PlaceLead(Struct, frozen=True, kw_only=True):
    """A place of the name typed, in the area of a force; `place` is None without evidence."""

    force: Code
    name: str
    place: str | None
    by: str
    """The name of the tables that the question matched, which may be general knowledge."""
    district: str | None
    near: Code | None
    """Another force to whose area it is near."""


class ShareLead(Struct, frozen=True):
    """A force in whose area a postcode lies, and the share of its postcodes there, in per cent."""

    force: Code
    name: str
    share: float


class SectorLead(Struct, frozen=True):
    """A sector of a postcode district, and its forces."""

    postcode: str
    forces: tuple[ShareLead, ...]


class PostcodeLead(Struct, frozen=True):
    """The forces in whose areas a postcode lies, as far as it tells; `sectors` tell more."""

    postcode: str
    forces: tuple[ShareLead, ...]
    few: tuple[Code, ...]
    """Other forces in whose areas a few of its postcodes lie."""
    scotland: bool
    sectors: tuple[SectorLead, ...]


class BodyLead(Struct, frozen=True, kw_only=True):
    """A body besides forces, with the addressee whose page shows it; None without evidence."""

    force: Code
    name: str
    body: str | None
    by: str
    status: Literal["past", "current", "planned"] | None
    until: str | None


def force_lead(match: NameMatch, *, near: bool = False) -> ForceLead:
    """Return a force that a question names, or nearly names."""
    matched = match.name
    kind: MatchKind = (
        "near"
        if near
        else "term"
        if not matched.source
        else "country"
        if matched.kind == "country"
        else "former"
        if matched.kind == "former"
        else "welsh"
        if matched.kind == "welsh"
        else "name"
        if match.whole
        else "beginning"
    )
    evident = kind in {"former", "welsh", "name", "beginning"}
    return ForceLead(
        force=match.force,
        name=ADDRESSEES[match.force].name,
        kind=kind,
        by=matched.name,
        matched=matched.name if evident else None,
        since=matched.since if evident else None,
        until=matched.until if evident else None,
        predecessor=matched.predecessor if evident else None,
    )


def place_lead(place: NamedPlace) -> PlaceLead:
    """Return a place that a question names."""
    return PlaceLead(
        force=place.force,
        name=ADDRESSEES[place.force].name,
        place=None if place.evidence else place.name,
        by=place.name,
        district=place.district,
        near=place.near,
    )


def postcode_lead(leads: finder.Leads) -> PostcodeLead | None:
    """Return the forces of a postcode, if a question is one."""
    match = leads.postcode
    if match is None:
        return None
    sectors = tuple(SectorLead(area.postcode, _shares(area)) for area in match.narrower)
    area = match.area
    return PostcodeLead(area.postcode, _shares(area), area.few, area.scotland, sectors)


def _shares(area: PostcodeArea) -> tuple[ShareLead, ...]:
    return tuple(
        ShareLead(force, ADDRESSEES[force].name, share)
        for force, share in zip(area.forces, area.shares, strict=True)
    )


def body_lead(body: PolicingBody) -> BodyLead:
    """Return a body that a question names."""
    return BodyLead(
        force=body.force,
        name=ADDRESSEES[body.force].name,
        body=body.name if body.source else None,
        by=body.name,
        status=body.status if body.source else None,
        until=body.until if body.source else None,
    )
