"""The stamp that every event carries, and the entry that holds both."""

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, Reference, When

E_co = TypeVar("E_co", covariant=True)


class Origin(Struct, frozen=True, omit_defaults=True):
    """The row that an import made an entry from, and its first recording elsewhere, if it had one.

    `role` and `at` are those of that recording, as the row states them.
    """

    row: Reference
    role: Role | None = None
    at: datetime | None = None


class Stamp(Struct, frozen=True):
    """The actor (`by`), their role, the moment of recording and the date of effect.

    `at` is the moment of recording, in UTC; `on` is the date on which the event took effect.
    """

    by: ActorId
    role: Role
    at: datetime
    on: When
    origin: Origin | None = None
    """None unless a row of an import has a name of its own, or states who recorded it first."""

    @property
    def first_role(self) -> Role:
        """The role in which it was first recorded, here or elsewhere."""
        return (self.origin and self.origin.role) or self.role

    @property
    def first_at(self) -> datetime:
        """The moment at which it was first recorded: nothing later can be what it tells of."""
        return (self.origin and self.origin.at) or self.at


class Entry(Struct, Generic[E_co], frozen=True):
    """An event with its stamp, `step` in its stream and `position` in the ledger."""

    stream: UUID
    step: int
    id: UUID
    stamp: Stamp
    event: E_co
    position: int = 0
    """Zero until the entry is recorded."""
