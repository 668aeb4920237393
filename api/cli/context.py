"""What the commands of `tracker` open before they begin, and how they end when they cannot."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NoReturn

import click

from adapters import settings
from adapters.identity.access_log import noting
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database, database
from adapters.postgres.embedded import EmbeddedError
from adapters.postgres.migrate import DatabaseTooNew, DatabaseUnusable
from adapters.settings import Settings
from domain.events.access import AccessEvent
from domain.vocabulary.actors import Actor, Role

OPERATOR = Actor("command-line", Role.ADMIN)
"""Who uses this program: whoever the machine lets at the database."""


def chosen_settings() -> Settings:
    """The settings of this process; a wrong one is a wrong call."""
    try:
        return settings.read()
    except settings.SettingsError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def opened_database() -> Generator[tuple[Database, Settings]]:
    """The database that is set, up to date; if it cannot be used, the program ends in words."""
    chosen = chosen_settings()
    try:
        with database(chosen) as found:
            yield found, chosen
    except (EmbeddedError, DatabaseTooNew, DatabaseUnusable) as error:
        fail(str(error))


@contextmanager
def opened_ledger(found: Database, role: str = APP) -> Generator[Ledger]:
    """The ledger of a database, as one of its roles."""
    with Ledger(environment(found.conninfo(role), pool=2)) as ledger:
        yield ledger


@contextmanager
def recording(found: Database) -> Generator[Callable[[AccessEvent], object]]:
    """Puts on record what whoever runs this program does to an actor's access."""
    with opened_ledger(found) as ledger:
        yield lambda event: ledger.submit([noting(event)], OPERATOR)


@contextmanager
def telling_usage() -> Generator[None]:
    """What cannot be, as called, is told as a wrong call."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def fail(why: str) -> NoReturn:
    """End the program: it found something wrong."""
    click.echo(why, err=True)
    sys.exit(1)
