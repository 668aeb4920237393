"""Who acts: an actor, in a role, with the scopes of their token."""

from enum import StrEnum

from msgspec import Struct

from domain.vocabulary.values import ActorId, Code


class Role(StrEnum):
    """In which role somebody acts. Without a token a reader is the public."""

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
    """What of its role's rights a token has."""

    READ = "read"
    WRITE = "write"


EVERY_SCOPE = frozenset(Scope)


class Actor(Struct, frozen=True):
    """Somebody with a role; `force` is the one force that a force or its body answers for."""

    id: ActorId
    role: Role
    force: Code | None = None
    scopes: frozenset[Scope] = EVERY_SCOPE


PUBLIC = Actor("public", Role.PUBLIC)
