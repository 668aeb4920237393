"""The stamp that every event carries, and the entry that holds both."""

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, When

E_co = TypeVar("E_co", covariant=True)


class Stamp(Struct, frozen=True):
    """The actor (`by`), their role, the moment of recording and the date of effect.

    `at` is the moment of recording, in UTC; `on` is the date on which the event took effect.
    """

    by: ActorId
    role: Role
    at: datetime
    on: When


class Entry(Struct, Generic[E_co], frozen=True):
    """An event with its stamp, `step` in its stream and `position` in the ledger."""

    stream: UUID
    step: int
    id: UUID
    stamp: Stamp
    event: E_co
    position: int = 0
    """Zero until the entry is recorded."""
