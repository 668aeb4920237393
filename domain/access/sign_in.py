"""The role of a person at sign-in, from the identity provider or an operator."""

from collections.abc import Iterable

import msgspec

from domain.access.permissions import OWN_FORCE_ONLY
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.forces import FORCES, TRAINING_FORCES
from domain.vocabulary.values import ActorId, Code

PEOPLES_ROLES = frozenset(Role) - {Role.PUBLIC, Role.IMPORTER, Role.REPORTING}
"""The roles of people; the others belong to readers, imports and tools."""
NAME_MAX = 200
"""The most characters of a person's name."""
FORCE_CODES: frozenset[Code] = frozenset({*FORCES, *TRAINING_FORCES})


class NoRole(Exception):  # noqa: N818  an answer of the rules, like Refused
    """A person has no role here, or more than one; the message names them."""


def app_roles() -> dict[str, tuple[Role, Code | None]]:
    """Return every app role that an identity provider may send, with its role and force.

    An app role is the name of the role; for a force or a local policing body, the code of the force
    follows it: `force:kent`.
    """
    plain = {str(role): (role, None) for role in PEOPLES_ROLES - OWN_FORCE_ONLY}
    own = {
        f"{role}:{code}": (role, code)
        for role in PEOPLES_ROLES & OWN_FORCE_ONLY
        for code in FORCE_CODES
    }
    return {**plain, **own}


_APP_ROLES = app_roles()


def role_of(values: Iterable[str]) -> tuple[Role, Code | None]:
    """Return the one role named by app roles, and its force.

    Values that mean nothing here are ignored: an identity provider may serve other services too.
    Raises NoRole if the values name no role, or more than one.
    """
    known = sorted({value for value in values if value in _APP_ROLES})
    if not known:
        raise NoRole(
            "You do not have a role in this service. Ask the people who look after it for one."
        )
    if len(known) > 1:
        raise NoRole(f"You have more than one role in this service: {', '.join(known)}.")
    return _APP_ROLES[known[0]]


def check_person(actor: Actor) -> None:
    """Raise ValueError unless a person can sign in as the actor; it says why."""
    if actor.role not in PEOPLES_ROLES:
        raise ValueError(f"A person cannot sign in with the role {actor.role}.")
    check_actor(actor.id, actor.role, actor.force)


def is_actor(text: str) -> bool:
    """Return whether a text can be an actor's identifier."""
    try:
        msgspec.convert(text, ActorId)
    except msgspec.ValidationError:
        return False
    return True


def check_actor(actor: str, role: Role, force: str | None) -> None:
    """Raise ValueError unless an id, a role and a force go together; it says why."""
    if not is_actor(actor):
        raise ValueError(
            f"{actor!r} is not an actor's id: use lower-case letters and digits, "
            "with : . _ - between."
        )
    if role in OWN_FORCE_ONLY and force not in FORCE_CODES:
        raise ValueError(f"The role {role} needs a force: one of {', '.join(sorted(FORCE_CODES))}.")
    if role not in OWN_FORCE_ONLY and force is not None:
        raise ValueError(f"The role {role} has no force of its own.")


def checked_name(name: str) -> str:
    """Return a person's name as one line. Raises ValueError unless it can be shown."""
    line = " ".join(name.split())
    if not 0 < len(line) <= NAME_MAX or not line.isprintable():
        raise ValueError(f"A name is one line of up to {NAME_MAX} characters that can be seen.")
    return line
