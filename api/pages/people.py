"""The picker of people: inspectors by name, without a script.

A form shows a select of few inspectors. Of many, a person types a part of the name; if several
inspectors match it, the form comes back with those to choose from. Fields and the record hold an
actor's identifier, never the name.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from adapters.identity.people import Colleague
from api.http.moment import moment
from api.http.problems import Request
from api.pages.rendering.event_fields import inspectors_of
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import Happened
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record.recommendations import RecommendationView
from domain.access.permissions import ReadPermission, can_read
from domain.events.event import Event
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.values import ActorId

SELECT_MAX = 30
"""The most inspectors in one select."""
MATCHES_MAX = 10
"""The most inspectors to choose from after typing a part of a name."""
_APOSTROPHES = "'`\u2018\u2019"
NAME_SUFFIX = "-name"
"""The end of the name of a field for a typed name; before it, that of the identifier's."""


class Inspectors(Struct, frozen=True, dict=True):
    """The inspectors whose names an actor may see, in the order of their names."""

    everybody: tuple[Colleague, ...] = ()
    left_out: tuple[Colleague, ...] = ()
    """Those who cannot be picked in this form, though they are inspectors."""

    def without(self, actor: ActorId) -> "Inspectors":
        """Return them without one, who cannot be picked."""
        left = tuple(person for person in self.everybody if person.actor != actor)
        return Inspectors(left, tuple(p for p in self.everybody if p.actor == actor))

    @cached_property
    def options(self) -> dict[ActorId, str]:
        """Their names by identifier; those who share a name have the identifier beside it."""
        times = Counter(person.name for person in self.everybody)
        return {
            person.actor: person.name + (f" ({person.actor})" if times[person.name] > 1 else "")
            for person in self.everybody
        }

    @property
    def many(self) -> bool:
        """Whether they are too many for a select."""
        return len(self.everybody) > SELECT_MAX

    def name_of(self, actor: ActorId) -> str:
        """Return the name of an actor, or the identifier where no name is known or may be seen."""
        return self.options.get(actor, actor)

    def matching(self, typed: str) -> dict[ActorId, str]:
        """Return those in whose name each typed word begins a word, up to MATCHES_MAX.

        The whole of a name or an identifier is that person alone.
        """
        words = _words(typed)
        exact = [
            person
            for person in self.everybody
            if typed.strip() == person.actor or _words(person.name) == words
        ]
        if len(exact) == 1:
            return {exact[0].actor: self.options[exact[0].actor]}
        matches = [
            person.actor
            for person in self.everybody
            if words and all(any(w.startswith(t) for w in _words(person.name)) for t in words)
        ]
        return {actor: self.options[actor] for actor in matches[:MATCHES_MAX]}

    def resolved(self, name: str, typed: Mapping[str, str]) -> dict[str, str]:
        """Return typed answers, in which a typed name of one inspector became the identifier.

        `name` is the field of the identifier. An identifier that the typed name does not match is
        left out, since the name was changed after it was chosen.
        """
        answers = dict(typed)
        words = typed.get(name + NAME_SUFFIX, "").strip()
        if words:
            matches = self.matching(words)
            if len(matches) == 1:
                answers[name] = next(iter(matches))
            elif typed.get(name) not in matches:
                answers[name] = ""
        return answers

    def problem(self, typed: str) -> str:
        """Return what is wrong with a typed name that is not that of one inspector."""
        if Inspectors(self.left_out).matching(typed) and not self.matching(typed):
            return _("Choose another inspector.")
        if self.matching(typed):
            return _("Choose one of the inspectors with this name, or enter more of the name.")
        return _("No inspector has this name. Enter another name, or a part of it.")


NOBODY = Inspectors()


async def inspectors_seen(request: Request) -> Inspectors:
    """Return the inspectors whose names the actor of a request may see."""
    if not can_read(current_actor(request), ReadPermission.COLLEAGUES):
        return NOBODY
    return Inspectors(tuple(await services(request).sign_in.people.inspectors(moment())))


async def named(request: Request, shown: RecommendationView) -> RecommendationView:
    """Return a recommendation with the assignee's name, where the actor of a request may see it."""
    inside = shown.inside or None
    follow_up = inside.follow_up if inside else None
    if inside is None or follow_up is None or follow_up.assignee is None:
        return shown
    if not can_read(current_actor(request), ReadPermission.COLLEAGUES):
        return shown
    name = await services(request).sign_in.people.name_of(follow_up.assignee)
    return replace(shown, inside=replace(inside, follow_up=replace(follow_up, assignee=name)))


async def names_seen(request: Request, entries: Iterable[Entry[Event]]) -> dict[ActorId, str]:
    """Return the names of who recorded steps, and of inspectors named there, as may be seen."""
    every = tuple(entries)
    named_there = {actor for entry in every for actor in inspectors_of(entry.event)}
    return await _names_of(request, (entry.stamp for entry in every), named_there)


async def with_names(request: Request, steps: Sequence[Happened]) -> list[Happened]:
    """Return steps with the names of who recorded them, as may be seen."""
    known = await _names_of(request, (step.by for step in steps if step.by))
    return [
        replace(step, by=replace(step.by, by=known[step.by.by]))
        if step.by and step.by.by in known
        else step
        for step in steps
    ]


async def _names_of(
    request: Request, recorders: Iterable[Stamp], inspectors: Collection[ActorId] = ()
) -> dict[ActorId, str]:
    """Return the names of recorders and of inspectors that the actor of a request may see.

    Of people of other roles, only those who may see everybody are told the names.
    """
    actor = current_actor(request)
    if not can_read(actor, ReadPermission.COLLEAGUES):
        return {}
    everybody = can_read(actor, ReadPermission.PEOPLE)
    seen = {stamp.by for stamp in recorders if everybody or stamp.role is Role.INSPECTOR}
    return await services(request).sign_in.people.names_of(seen.union(inspectors))


def _words(text: str) -> list[str]:
    """Return the words of a name, folded: without accents, apostrophes and case."""
    plain = "".join(
        sign
        for sign in unicodedata.normalize("NFKD", text).casefold()
        if not unicodedata.combining(sign) and sign not in _APOSTROPHES
    )
    return "".join(sign if sign.isalnum() else " " for sign in plain).split()
