"""Who did what, when: the stamp that every event carries, and the entry that holds both."""

from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.values import ActorId, Code, When

E_co = TypeVar("E_co", covariant=True)


class Refused(Exception):  # noqa: N818  a refusal is an answer of the rules, not a fault
    """The request is well formed, but the rules do not allow it now. Says why, in words."""


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


class Who(Struct, frozen=True):
    """Somebody with a role; `force` is the one force that a force or its body answers for."""

    actor: ActorId
    role: Role
    force: Code | None = None
    scopes: frozenset[Scope] = EVERY_SCOPE


PUBLIC = Who("public", Role.PUBLIC)


class Stamp(Struct, frozen=True):
    """Who (`by`, in `role`), when it was recorded (`at`, UTC) and when it took effect (`on`)."""

    by: ActorId
    role: Role
    at: datetime
    on: When


class Entry(Struct, Generic[E_co], frozen=True):
    """One event with its stamp and its place: `step` in its stream, `position` in the ledger."""

    stream: UUID
    step: int
    id: UUID
    stamp: Stamp
    event: E_co
    position: int = 0
    """Zero until it is recorded."""
