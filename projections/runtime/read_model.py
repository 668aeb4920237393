"""The interface of a read model: its content, its tables and its writes.

Each version of a read model is a database schema of its own. It holds the tables and the ledger
position that they have reached, which change in one transaction. One process keeps each version;
others stand by. Programs of two releases keep and read their own versions side by side.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar, LiteralString, TypeAlias

from adapters.postgres.connection import LibpqConnection
from domain.history import State
from projections.runtime.periods import Change, Content

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of entries done and their total."""


class PoisonEntry(Exception):  # noqa: N818  says what happened
    """An entry that a read model cannot take; has its position and the cause.

    The entries before it are kept.
    """

    def __init__(self, model: str, position: int, error: Exception) -> None:
        super().__init__(f"{model} cannot take the entry at position {position}: {error!r}")
        self.model, self.position, self.error = model, position, error

    def __reduce__(self) -> tuple[type["PoisonEntry"], tuple[str, int, Exception]]:
        """Pickle the error, so that a worker process can hand it to its parent."""
        return PoisonEntry, (self.model, self.position, self.error)


class ReadModel(ABC):
    """A read model: the content shown of a stream's state, and its tables.

    Each subclass has a module of its own, with its tables, rows and queries.
    """

    name: ClassVar[LiteralString]
    version: ClassVar[LiteralString] = "1"
    """A number, raised with every change of what the tables hold."""
    schema: ClassVar[LiteralString]
    """The schema of this version: its name and its version."""
    tracking: ClassVar[LiteralString]
    """The table with the position that this version has reached."""
    tables: ClassVar[LiteralString]
    """SQL that creates its tables, run inside its schema."""
    indexes: ClassVar[LiteralString]
    """SQL that creates their indexes, run with the tables or after they are filled."""
    compared: ClassVar[tuple[tuple[LiteralString, LiteralString], ...]]
    """The basis for comparing two builds: each table with the columns that must be equal."""

    def __init_subclass__(cls) -> None:
        """Name the schema."""
        cls.schema = cls.name + "_" + cls.version
        cls.tracking = cls.schema + "." + cls.schema + "_tracking"

    @staticmethod
    @abstractmethod
    def show(state: State) -> Content | None:
        """Return the content shown of a state; None for streams that are not shown."""

    @classmethod
    @abstractmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write changes in order."""

    @classmethod
    def fill(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write all changes of streams of which nothing has been written yet."""
        cls.write(wire, schema, changes)

    @staticmethod  # noqa: B027  nothing is left to complete, for most
    def finish(wire: LibpqConnection, schema: LiteralString, recorded: date) -> None:
        """Complete the tables after filling; `recorded` is the day of the last entry."""
