"""Setup and failure handling shared by the commands of `tracker`."""

import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import click

from adapters import settings
from adapters.identity.access_log import access_submission
from adapters.ledger.ledger import Ledger
from adapters.ledger.lineage import RecordingHalted
from adapters.ledger.recorder import environment
from adapters.messages.mail import Render
from adapters.postgres.database import APP, Database, database
from adapters.postgres.embedded import EmbeddedError
from adapters.postgres.migrate import DatabaseTooNew, DatabaseUnusable
from adapters.secret_files import SettingsError
from adapters.settings import Settings
from domain.events.access import AccessEvent
from domain.vocabulary.actors import Actor, Role

OPERATOR = Actor("command-line", Role.ADMIN)
"""The actor of this program: anyone to whom the machine gives access to the database."""
DEAD = "A thread is dead; the log names it. This process has to be started again."


def chosen_settings(*, serving: bool = True) -> Settings:
    """Return the settings of this process. Raises UsageError if one is invalid."""
    try:
        return settings.read(serving=serving)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None


def wording(address: str) -> Render:
    """Return the words of mails that link to an address, in the language of this process."""
    # A second of loading, which is spared where no mail is sent.
    from api.pages.messages import wording as words  # noqa: PLC0415
    from api.pages.rendering.language import speak  # noqa: PLC0415

    speak(chosen_settings().TRACKER_LANGUAGE)
    return words.wording(address)


@contextmanager
def opened_database(*, serving: bool = True) -> Generator[tuple[Database, Settings]]:
    """Open the configured database, migrated; exit with a message if it cannot be used.

    A process that serves nobody may have the address of the service without its provider.
    """
    chosen = chosen_settings(serving=serving)
    try:
        with database(chosen) as db:
            yield db, chosen
    except (EmbeddedError, DatabaseTooNew, DatabaseUnusable, RecordingHalted) as error:
        fail(str(error))


@contextmanager
def opened_ledger(db: Database, role: str = APP) -> Generator[Ledger]:
    """Open the ledger of a database under one of the database's roles."""
    with Ledger(environment(db.conninfo(role), pool=2)) as ledger:
        yield ledger


@contextmanager
def measured(db: Database, chosen: Settings, *, workers: int = 1) -> Generator[None]:
    """Serve metrics if TRACKER_METRICS is set; exit with a message if that cannot be done."""
    from api.metrics_server import serving_metrics  # noqa: PLC0415  other commands are spared it

    with ExitStack() as stack:
        if chosen.metrics is not None:
            try:
                stack.enter_context(serving_metrics(db, chosen.metrics, workers=workers))
            except OSError as error:
                fail(f"TRACKER_METRICS={chosen.TRACKER_METRICS}: {error.strerror or error}.")
        yield


@contextmanager
def recording(db: Database) -> Generator[Callable[[AccessEvent], object]]:
    """Provide a function that records the operator's changes to access in the ledger."""
    with opened_ledger(db) as ledger:
        yield lambda event: ledger.submit([access_submission(event)], OPERATOR)


@contextmanager
def usage_errors() -> Generator[None]:
    """Turn a ValueError into a UsageError with the same message."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def fail(message: str) -> NoReturn:
    """Print a message to standard error and exit with status 1."""
    click.echo(message, err=True)
    sys.exit(1)
