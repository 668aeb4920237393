"""Actors: an identifier, a role and the scopes of a token."""

from enum import StrEnum

from msgspec import Struct

from domain.vocabulary.values import ActorId, Code


class Role(StrEnum):
    """The role of an actor; a reader without a token is the public."""

    INSPECTOR = "inspector"
    PUBLISHER = "publisher"
    FORCE = "force"
    LOCAL_POLICING_BODY = "local_policing_body"
    AUDITOR = "auditor"
    REPORTING = "reporting"
    ADMIN = "admin"
    IMPORTER = "importer"
    PUBLIC = "public"


class Scope(StrEnum):
    """A part of a role's rights, carried by a token."""

    READ = "read"
    WRITE = "write"


EVERY_SCOPE = frozenset(Scope)


class Actor(Struct, frozen=True):
    """A person or tool with a role.

    `force` is the only force that a police force or a local policing body answers for.
    """

    id: ActorId
    role: Role
    force: Code | None = None
    scopes: frozenset[Scope] = EVERY_SCOPE


PUBLIC = Actor("public", Role.PUBLIC)
