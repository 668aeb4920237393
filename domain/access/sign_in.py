"""Which role somebody who signs in has, by what the identity provider or an operator says."""

from collections.abc import Iterable

from domain.access.permissions import OWN_FORCE_ONLY
from domain.vocabulary.actors import Role
from domain.vocabulary.forces import FORCES, TRAINING
from domain.vocabulary.values import Code

PEOPLES_ROLES = frozenset(Role) - {Role.PUBLIC, Role.IMPORTER, Role.REPORTING}
"""The roles of people; the others are of readers, imports and tools."""
FORCE_CODES = frozenset({*FORCES, TRAINING})


class NoRole(Exception):  # noqa: N818  an answer of the rules, like Refused
    """Who signs in has no role here, or more than one. Says which, in words."""


def app_roles() -> dict[str, tuple[Role, Code | None]]:
    """Every value that an identity provider may give as an app role, and what it stands for.

    A role by its name; of a force and of a local policing body with the force: `force:kent`.
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
    """The one role that app roles stand for, and its force. Raises NoRole.

    Values that mean nothing here are passed over: an identity provider may serve others too.
    """
    known = sorted({value for value in values if value in _APP_ROLES})
    if not known:
        raise NoRole("You have no role in this service; ask who looks after it for one.")
    if len(known) > 1:
        raise NoRole(f"You have more than one role in this service: {', '.join(known)}.")
    return _APP_ROLES[known[0]]


def check_role(role: Role, force: str | None) -> None:
    """Raise ValueError in words unless a person can have the role, with or without a force."""
    if role not in PEOPLES_ROLES:
        raise ValueError(f"Nobody signs in with the role {role}.")
    if role in OWN_FORCE_ONLY and force not in FORCE_CODES:
        raise ValueError(f"The role {role} needs a force: one of {', '.join(sorted(FORCE_CODES))}.")
    if role not in OWN_FORCE_ONLY and force is not None:
        raise ValueError(f"The role {role} has no force of its own.")
