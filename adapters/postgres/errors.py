"""How trouble with the database is told apart from a mistake of the program."""

from eventsourcing.persistence import InterfaceError, InternalError, OperationalError
from psycopg import errors

_AWAY = (OperationalError, InterfaceError, InternalError)
"""Lost, full, starting, stopping, too slow, or a standby that cannot be written."""
_NOT_YET = (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName)
"""A read model that nobody has made yet, or that is being built anew in another form."""


def unreachable(error: Exception) -> bool:
    """Say whether an error of a query may go away by itself."""
    return isinstance(error, _AWAY) or isinstance(error.__cause__, _NOT_YET)
