"""Database errors: telling a lost connection, and an outage, from a mistake of the program.

Threads and the event loop name errors by the same function, so that they answer alike.
"""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    PersistenceError,
    ProgrammingError,
)
from psycopg import errors

_NAMES: tuple[tuple[type[psycopg.Error], type[PersistenceError]], ...] = (
    (psycopg.InterfaceError, InterfaceError),
    (psycopg.OperationalError, OperationalError),
    (psycopg.DataError, DataError),
    (psycopg.IntegrityError, IntegrityError),
    (psycopg.InternalError, InternalError),
    (psycopg.ProgrammingError, ProgrammingError),
    (psycopg.NotSupportedError, NotSupportedError),
    (psycopg.DatabaseError, DatabaseError),
)
_AWAY = (OperationalError, InterfaceError, InternalError)
"""Lost, full, starting, stopping, too slow, or a standby that cannot be written."""
_NOT_YET = (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName)
"""A read model that is not built yet, or is being rebuilt in another form."""
_LOST = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.IdleSessionTimeout,
)
_CONNECTION_EXCEPTION = "08"
_TRANSACTION_ROLLBACK = "40"
"""Classes of SQLSTATE (PostgreSQL, appendix A)."""


class AnswerLate(psycopg.OperationalError):
    """The server did not answer within a connection's limit, and the connection was cut."""


class ConnectionLost(OperationalError):  # noqa: N818  says what happened
    """The connection is lost, and with it the answer: a command may be recorded or not."""


class DeadlineExceeded(OperationalError):  # noqa: N818  says what happened
    """The database did not answer in time, and the connection was cut."""


@contextmanager
def naming_errors() -> Generator[None]:
    """Raise psycopg's errors as the library's."""
    try:
        yield
    except psycopg.Error as error:
        raise named(error) from error


def named(error: psycopg.Error) -> PersistenceError:
    """Return the library's error for one of psycopg's."""
    if isinstance(error, AnswerLate):
        return DeadlineExceeded(str(error))
    if is_lost(error):
        return ConnectionLost(str(error))
    for theirs, ours in _NAMES:
        if isinstance(error, theirs):
            return ours(str(error))
    return PersistenceError(str(error))


def is_lost(error: psycopg.Error) -> bool:
    """Return whether an error means that its connection is lost.

    A server that dies says nothing, so libpq's own words have no SQLSTATE. Nor have errors of
    psycopg about values, which are of other types.
    """
    if isinstance(error, _LOST):
        return True
    if error.sqlstate:
        return error.sqlstate.startswith(_CONNECTION_EXCEPTION)
    plain = psycopg.DatabaseError, psycopg.OperationalError, psycopg.InterfaceError
    return type(error) in plain


def may_retry(error: OperationalError) -> bool:
    """Return whether a query that only reads, or can be looked up, should be tried again at once.

    Not if it has already waited as long as it may: for a connection, a lock or an answer.
    """
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, ConnectionLost) or state.startswith(_TRANSACTION_ROLLBACK)


def is_transient(error: Exception) -> bool:
    """Return whether an error of a query may go away by itself."""
    cause = error.__cause__
    if isinstance(cause, psycopg.Error) and is_lost(cause):
        return True
    return isinstance(error, _AWAY) or isinstance(cause, _NOT_YET)
