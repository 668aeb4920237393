"""What a read model is: what it shows of a stream's state, its tables, and its place in the ledger.

A read model is a schema of its own in the database: its tables, and the position that they have
reached, changed in one transaction. One process keeps each; others stand by.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar, LiteralString, TypeAlias

from adapters.postgres.connection import LibpqConnection
from domain.history import State
from projections.runtime.periods import Change, Content

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with how many entries are done, and of how many."""


class PoisonEntry(Exception):  # noqa: N818  says what happened
    """An entry that a read model cannot take. Says which, and why; what came before is kept."""

    def __init__(self, model: str, position: int, error: Exception) -> None:
        super().__init__(f"{model} cannot take the entry at position {position}: {error!r}")
        self.model, self.position, self.error = model, position, error

    def __reduce__(self) -> tuple[type["PoisonEntry"], tuple[str, int, Exception]]:
        """How another process hands it over."""
        return PoisonEntry, (self.model, self.position, self.error)


class ReadModel(ABC):
    """A read model: what it shows of a stream's state, and how it writes changes of that.

    Subclasses are one file each, with their tables, rows and queries.
    """

    name: ClassVar[LiteralString]
    version: ClassVar[int] = 1
    """Another version is rebuilt beside the one that is there."""
    tables: ClassVar[LiteralString]
    """Its tables, made inside its schema."""
    indexes: ClassVar[LiteralString]
    """Their indexes, made at once, or after they are filled."""
    compared: ClassVar[tuple[tuple[LiteralString, LiteralString], ...]]
    """What tells two builds apart: each table with the columns that must be equal."""

    @staticmethod
    @abstractmethod
    def show(state: State) -> Content | None:
        """What is shown of a state; None for a kind of stream that is not shown."""

    @classmethod
    @abstractmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write changes, in order."""

    @classmethod
    def fill(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write all the changes of some streams, of which nothing was written before."""
        cls.write(wire, schema, changes)

    @staticmethod  # noqa: B027  nothing is left to complete, for most
    def finish(wire: LibpqConnection, schema: LiteralString, recorded: date) -> None:
        """Complete what was filled; `recorded` is the day of the last entry."""
