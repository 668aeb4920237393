"""A question about forces, bodies and places, answered from the tables that ship."""

from functools import cache

from msgspec import Struct

from adapters.corpus.gazetteer import names, place
from adapters.corpus.gazetteer.names import NameMatch, bodies_named, forces_named, key, telling
from adapters.corpus.gazetteer.outside import is_outside
from adapters.corpus.gazetteer.place import places_beginning, places_named
from adapters.corpus.gazetteer.postcode import PostcodeMatch, postcode_match
from adapters.corpus.gazetteer.tables import NamedPlace, PolicingBody
from domain.vocabulary.nearness import (
    ONE_ERROR_LETTERS,
    Signature,
    nearest,
    nearest_of_many,
    signature,
)
from domain.vocabulary.values import Code

NEAREST_SHOWN = 5
BODIES_SHOWN = 10
LONG_LETTERS = 6
"""From how many letters on a word of a longer question may be the name of a force, mistyped."""


class Leads(Struct, frozen=True, kw_only=True):
    """Where a question leads: forces, places, a postcode and bodies."""

    forces: tuple[NameMatch, ...] = ()
    places: tuple[NamedPlace, ...] = ()
    postcode: PostcodeMatch | None = None
    bodies: tuple[PolicingBody, ...] = ()
    outside: bool = False
    """Whether the question names a part of the UK, or a force, that is not covered."""

    @property
    def exact(self) -> bool:
        """Whether the question is the whole name of something, or a postcode."""
        whole = any(match.whole for match in self.forces)
        return bool(whole or self.places or self.postcode or self.bodies or self.outside)


class NearLeads(Struct, frozen=True):
    """The forces and the names of places that are nearest to a question that names none."""

    forces: tuple[NameMatch, ...] = ()
    places: tuple[str, ...] = ()


def leads(question: str, *, training: bool = False) -> Leads:
    """Return the forces, places, postcode and bodies that a question names.

    In training there are forces only.
    """
    forces = tuple(forces_named(question, training=training))
    if training:
        return Leads(forces=forces)
    places = places_named(question)
    named = {match.force for match in forces}
    if any(match.whole for match in forces):
        places = [row for row in places if row.force in named or not row.evidence]
        places = [] if {row.force for row in places} <= named else places
    evident = {row.force for row in places if not row.evidence}
    places = [row for row in places if not row.evidence or row.force not in named | evident]
    bodies = tuple(bodies_named(question)[:BODIES_SHOWN])
    postcode = postcode_match(question)
    if not postcode and is_outside(question):
        whole = tuple(match for match in forces if match.whole)
        return Leads(forces=whole, places=tuple(places), bodies=bodies, outside=True)
    return Leads(forces=forces, places=tuple(places), postcode=postcode, bodies=bodies)


def near_leads(question: str, *, training: bool = False) -> NearLeads:
    """Return the forces and places with names nearly as typed, the nearest first.

    The beginning of a place's name counts as near.
    """
    forces = _near_forces(question, training=training)
    if training or forces:
        return NearLeads(tuple(forces[:NEAREST_SHOWN]))
    near = sorted(nearest_of_many("".join(telling(question)), _place_keys()))
    rows = places_beginning(question) or [
        row for _errors, word in near for row in place.by_key()[word]
    ]
    names_once = dict.fromkeys(row.name for row in sorted(rows, key=lambda row: row.weight))
    return NearLeads(places=tuple(names_once)[:NEAREST_SHOWN])


def near_within(question: str, words: str) -> NearLeads:
    """Return the forces and places nearest to the telling words of a longer question.

    Most words are no names: only what is written as one, in the midst of a sentence, is taken for
    the name of a place, and a longer word for that of a force.
    """
    near = near_leads(words)
    if question.find(words) > 0 and words[:1].isupper() and not question.isupper():
        return near
    long = len(key(words)) >= LONG_LETTERS
    return NearLeads(forces=near.forces if long else ())


def _near_forces(question: str, *, training: bool) -> list[NameMatch]:
    keys = names.by_key(training=training)
    typed = {key(question), "".join(telling(question))} - {""}
    near = sorted(match for each in typed for match in nearest(each, _name_keys(training=training)))
    best: dict[Code, NameMatch] = {}
    for _errors, word in near:
        name = keys[word][0]
        best.setdefault(name.force, NameMatch(name.force, name, whole=False))
    return list(best.values())


@cache
def _name_keys(*, training: bool) -> tuple[Signature, ...]:
    """Return the names that an error leaves recognisable: no abbreviations of three letters."""
    keys = names.by_key(training=training)
    return tuple(signature(each) for each in keys if len(each) >= ONE_ERROR_LETTERS)


@cache
def _place_keys() -> tuple[Signature, ...]:
    return tuple(map(signature, place.by_key()))
