"""Database errors: telling an outage from a mistake of the program."""

from eventsourcing.persistence import InterfaceError, InternalError, OperationalError
from psycopg import errors

_AWAY = (OperationalError, InterfaceError, InternalError)
"""Lost, full, starting, stopping, too slow, or a standby that cannot be written."""
_NOT_YET = (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName)
"""A read model that is not built yet, or is being rebuilt in another form."""


def is_transient(error: Exception) -> bool:
    """Return whether an error of a query may go away by itself."""
    return isinstance(error, _AWAY) or isinstance(error.__cause__, _NOT_YET)
