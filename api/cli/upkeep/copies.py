"""`tracker backup`, `restore`, `resume`, `upgrade-database` and `move`; files taken in."""

import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import click

from adapters.audit.check import Fault
from adapters.clock import now
from adapters.corpus import importer, reading
from adapters.corpus.facts.on_record import rows_on_record
from adapters.corpus.sheets import BadRows
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import HeldTooLong, RetriesExhausted
from adapters.postgres.database import Database, database_as_it_is, exclusively, forget_variables
from adapters.postgres.embedded import EmbeddedError
from adapters.postgres.migrate import DatabaseTooNew, DatabaseUnusable
from adapters.postgres.upkeep import backup as backups
from adapters.postgres.upkeep import move as moves
from adapters.postgres.upkeep import restore as restores
from adapters.postgres.upkeep.replacement import new_embedded
from adapters.postgres.upkeep.upgrade import upgrade
from api.cli.context import chosen_settings, fail, opened_database
from api.cli.progress_bar import progress
from domain.vocabulary.dates import day_of

IMPORT_LOCK = 7412
"""The advisory lock of the process that imports."""
PROBLEMS_SHOWN = 200
"""The most problems of an import that are printed; all are counted."""


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--no-verify", is_flag=True, help="Do not restore and check the backup.")
def backup(directory: Path, *, no_verify: bool) -> None:
    """Back up everything into a new DIRECTORY, while the service runs.

    The backup is restored into a scratch database (in TMPDIR) and checked there before it gets its
    name. It contains private notes, documents and hashes of tokens: keep it as safe as the
    database. Sessions are not in it.
    """
    faults: list[Fault] = []
    with _explained("The backup"), backups.new_folder(directory) as folder:
        with database_as_it_is(chosen_settings()) as db, progress("Backing up") as report:
            taken = backups.take(db, folder, report)
        if not no_verify:
            faults = _rehearse(taken)
    size = sum(file.stat().st_size for file in directory.iterdir())
    click.echo(f"Backed up {_summary(taken)}, {size:,} bytes, in {directory}.")
    if no_verify:
        click.echo("Not verified: try it by `tracker restore --dry-run`.")
        return
    click.echo("Verified: restored into a scratch database, every row identical.")
    _end(faults)


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Set aside the embedded database that is there.")
@click.option("--reason", help="Your word that the service may go on from there, and why.")
@click.option("--dry-run", is_flag=True, help="Restore into a scratch database only, and check it.")
def restore(directory: Path, *, replace: bool, reason: str | None, dry_run: bool) -> None:
    """Restore a backup from DIRECTORY into an empty database, and check it.

    The database is that of DATABASE_URL, or a new embedded one in the data folder. The service
    records nothing in it until you allow that: by --reason, or later by `tracker resume`.
    """
    chosen = chosen_settings()
    if replace and chosen.DATABASE_URL:
        raise click.UsageError("--replace is for the embedded database; DATABASE_URL is set.")
    with _explained("The restore"):
        if reason is not None:
            restores.expect_reason(reason)
        if not chosen.DATABASE_URL:
            forget_variables(embedded=True)
        stored = backups.opened(directory)
        if dry_run:
            faults = _rehearse(stored)
            click.echo(
                f"Would restore {_summary(stored)}; every row is identical in a scratch database."
            )
            _end(faults)
        with ExitStack() as stack:
            if chosen.DATABASE_URL:
                target = stack.enter_context(database_as_it_is(chosen))
            else:
                target = stack.enter_context(new_embedded(chosen.TRACKER_DATA, replace=replace))
            faults = _restore(stored, target)
            if reason is not None:
                restores.begin_lineage(target, reason)
    head = stored.manifest.head
    click.echo(f"Restored {_summary(stored)}; every row is identical.")
    click.echo(
        f"Entries after position {head} are lost, and with them the revocations of tokens and the "
        "removals of texts: look at `tracker token list`, and see docs/backup.md."
    )
    if reason is None:
        click.echo("The service records nothing until you run: tracker resume --reason '…'")
    _end(faults)


@click.command()
@click.option("--reason", required=True, help="Why the database was restored or copied.")
def resume(reason: str) -> None:
    """Let the service record again after its database was restored or copied.

    Make sure first that no other copy of the database is in use: there would be two records. A new
    lineage begins, by which all who follow the ledger notice.
    """
    with opened_database() as (db, _), _explained("The resumption"):
        head = restores.begin_lineage(db, reason)
    click.echo(f"The service goes on after position {head}, in a new lineage.")


@click.command("upgrade-database")
def upgrade_database() -> None:
    """Upgrade the embedded database to the newest PostgreSQL on this machine.

    Needs the programs of the old version too: in PG_BIN, or as Debian installs them. The service
    must be stopped. The old files are kept under another name.
    """
    chosen = chosen_settings()
    if chosen.DATABASE_URL:
        raise click.UsageError("DATABASE_URL is set: this is for the embedded database.")
    with _explained("The upgrade"):
        forget_variables(embedded=True)
        done = upgrade(chosen.TRACKER_DATA, progress)
    click.echo(f"Upgraded from PostgreSQL {done.before} to {done.after}; every row is identical.")
    click.echo(f"The old files are kept in {done.aside}: remove them when you no longer need them.")
    _end(done.faults)


@click.command()
@click.option("--to", metavar="URL", help="The empty database of a server, as its owner.")
@click.option("--to-embedded", is_flag=True, help="A new embedded database in the data folder.")
def move(to: str | None, *, to_embedded: bool) -> None:
    """Move everything from the embedded database to a server, or back.

    The service must be stopped. The database that is left stays as it is, and the service refuses
    to record in it.
    """
    if (to is None) == (not to_embedded):
        raise click.UsageError("Name either --to URL or --to-embedded.")
    chosen = chosen_settings()
    if to_embedded and not chosen.DATABASE_URL:
        raise click.UsageError("DATABASE_URL is not set: the database is embedded already.")
    with _explained("The move"), ExitStack() as stack:
        source = stack.enter_context(database_as_it_is(chosen))
        place = moves.place_of(Database(to, to)) if to else "the embedded database"
        stack.enter_context(moves.leaving(source, place))
        if to:
            target = Database(to, to)
        else:
            target = stack.enter_context(new_embedded(chosen.TRACKER_DATA, replace=False))
        faults = moves.copy(source, target, progress)
    click.echo(f"Moved to {place}; every row is identical.")
    click.echo("Unset DATABASE_URL." if to_embedded else "Set DATABASE_URL to it from now on.")
    _end(faults)


def _restore(stored: backups.Backup, target: Database) -> list[Fault]:
    with progress("Restoring") as report:
        restores.restore(stored, target, report)
    with progress("Checking") as report:
        return restores.check(target, report)


def _rehearse(stored: backups.Backup) -> list[Fault]:
    with restores.scratch_database() as scratch:
        return _restore(stored, scratch)


def _summary(stored: backups.Backup) -> str:
    rows = {table.name: table.rows for table in stored.manifest.tables}
    entries, documents = rows["ledger_events"], rows.get("documents", 0)
    at = f"{stored.manifest.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{entries} entries and {documents} documents as of {at}"


def _end(faults: Sequence[Fault]) -> None:
    """Report the faults of the ledger itself, which a true copy has too; then exit."""
    for fault in faults:
        click.echo(f"position {fault.position}: {fault.problem}")
    click.echo(f"Ledger checked, {len(faults) or 'no'} faults.")
    sys.exit(1 if faults else 0)


@contextmanager
def _explained(work: str) -> Generator[None]:
    try:
        with backups.explained(work):
            yield
    except (backups.BackupError, EmbeddedError, DatabaseTooNew, DatabaseUnusable) as error:
        fail(str(error))


def importing_alone(db: Database) -> AbstractContextManager[None]:
    """Return a context in which no other process imports into the same database."""
    message = "Another process is importing; waiting for it."
    return exclusively(db, IMPORT_LOCK, lambda: click.echo(message, err=True))


def load_files(
    ledger: Ledger, directory: Path, *, dry_run: bool, hold: float = importer.HOLD_SECONDS
) -> None:
    """Import the files of a directory; exit with the problems if there are any."""
    try:
        corpus = reading.read(directory, day_of(now()), rows_on_record(ledger))
        with progress("Importing") as on_progress:
            counts = importer.load(
                ledger, corpus, importer.IMPORTER, dry_run=dry_run, progress=on_progress, hold=hold
            )
    except BadRows as error:
        for problem in error.problems[:PROBLEMS_SHOWN]:
            click.echo(str(problem), err=True)
        more = len(error.problems) - PROBLEMS_SHOWN
        shown = f"The first {PROBLEMS_SHOWN} are shown. " if more > 0 else ""
        fail(f"{shown}{len(error.problems)} problems; nothing was imported.")
    except RetriesExhausted as error:
        fail(f"{error} Nothing was imported.")
    except HeldTooLong as error:
        fail(
            f"{error} Nothing was imported. Import some of the products at a time, each with all "
            "its rows; or, at an hour when others can wait, allow more by --hold SECONDS."
        )
    action = "Would import" if dry_run else "Imported"
    click.echo(f"{action}: {counts}")
