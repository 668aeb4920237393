"""Who did what, when: the stamp that every event carries, and the entry that holds both."""

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, When

E_co = TypeVar("E_co", covariant=True)


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
