"""The command line: one program, `tracker`.

Exit status: 0 done, 1 found something wrong, 2 called wrongly.
"""

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

import click

from adapters import logs
from adapters.audit.check import Checker
from adapters.audit.export import Unexportable, export, new_file
from adapters.corpus import importer, reading, training
from adapters.corpus.sheets import BadRows
from adapters.identity import tokens
from adapters.ledger.ledger import Ledger
from adapters.ledger.submit import RetriesExhausted, VersionConflict
from adapters.postgres.database import CHECKER, OWNER
from api.cli.context import (
    OPERATOR,
    chosen_settings,
    fail,
    opened_database,
    opened_ledger,
    recording,
)
from api.cli.credentials import sign_in_link, token
from api.cli.progress_bar import telling
from api.cli.serve import run_server, serve
from domain.events.access import LedgerExported
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.errors import Refused
from domain.vocabulary.forces import TRAINING
from projections.read_models import BY_NAME, READ_MODELS
from projections.runtime.rebuild import rebuild
from projections.runtime.supervisor import Supervisor

DEMO_TOKEN_HOURS = 12
CORPUS = Path(reading.__file__).parent / "data" / "corpus"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The life of every recommendation of the National Child Protection Inspections."""
    signal.signal(signal.SIGTERM, _terminated)
    logs.configure(chosen_settings().TRACKER_LOG)


@main.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="0 is any free one.")
def demo(port: int | None) -> None:
    """Load the real corpus and the training example, and serve them."""
    with opened_database() as (found, chosen):
        with opened_ledger(found) as ledger:
            _load(ledger, CORPUS, dry_run=False)
            with telling("Training example") as told:
                training.play(ledger, told)
        expires = datetime.now(UTC) + timedelta(hours=DEMO_TOKEN_HOURS)
        for role, force in (
            (Role.INSPECTOR, None),
            (Role.FORCE, TRAINING),
            (Role.LOCAL_POLICING_BODY, TRAINING),
            (Role.AUDITOR, None),
        ):
            with recording(found) as record:
                token, _ = tokens.create(
                    found.conninfo(OWNER),
                    actor=f"demo-{role}".replace("_", "-"),
                    role=role,
                    force=force,
                    expires_at=expires,
                    record=record,
                )
            click.echo(f"Token {role} {token}")
        click.echo(f"The tokens end at {expires:%H:%M} UTC. Stop with Ctrl-C.")
        number = chosen.TRACKER_PORT if port is None else port
        guest = Actor("demo-inspector", Role.INSPECTOR)
        run_server(found, chosen, number, workers=1, keep=True, guest=guest)


@main.command()
def project() -> None:
    """Keep the read models current, or stand by while another process does."""
    with opened_database() as (found, _), Supervisor(found, READ_MODELS):
        click.echo("Keeping the read models. Stop with Ctrl-C.", err=True)
        threading.Event().wait()


@main.command("rebuild")
@click.argument("name", type=click.Choice(sorted(BY_NAME)))
@click.option("--check", is_flag=True, help="Only compare; leave the live one in place.")
def rebuild_(name: str, *, check: bool) -> None:
    """Build a read model anew beside the live one, compare, and swap."""
    with opened_database() as (found, _), telling(f"Rebuilding {name}") as told:
        rebuilt = rebuild(found, BY_NAME[name], told=told, swap=not check)
    for sample in rebuilt.samples:
        click.echo(sample)
    if rebuilt.compared:
        differences = rebuilt.only_live + rebuilt.only_new
        words = f"{differences} rows differ" if differences else "the same as the live one"
    else:
        differences, words = 0, "there was no live one at the same position to compare with"
    done = "compared" if check else "rebuilt and swapped"
    click.echo(f"{name}: {done} at position {rebuilt.entries}; {words}.")
    sys.exit(1 if check and differences else 0)


@main.command("import")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be recorded; record nothing.")
def import_(directory: Path, *, dry_run: bool) -> None:
    """Import the three corpus files of a directory: all or nothing, twice is harmless."""
    with opened_database() as (found, _), opened_ledger(found) as ledger:
        _load(ledger, directory, dry_run=dry_run)


@main.command()
def check() -> None:
    """Re-read the whole ledger and prove its promises."""
    with opened_database() as (found, _), opened_ledger(found, CHECKER) as ledger:
        checker = Checker(ledger.rows)
        with telling("Checking") as told:
            checker.run(told)
    for fault in checker.faults:
        click.echo(f"position {fault.position}: {fault.what}")
    count = len(checker.faults)
    click.echo(f"{checker.entries} entries checked, {count or 'no'} faults found.")
    sys.exit(1 if checker.faults else 0)


@main.command("export")
@click.argument("file", type=click.Path(path_type=Path), default="-")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export_(file: Path, *, force: bool) -> None:
    """Write every entry as a line of JSON, to a file or to standard output.

    The bytes of each entry are those of the ledger. Private notes are not in it.
    """
    standard = str(file) == "-"
    try:
        with (
            _standard_output() if standard else new_file(file, replace=force) as out,
            opened_database() as (found, _),
            telling("Exporting") as told,
        ):
            with recording(found) as record, opened_ledger(found) as ledger:
                record(LedgerExported(OPERATOR.id, ledger.head()))
            count = export(found, out.write, told)
    except BrokenPipeError:
        # Nothing more can be written, not even what is in the buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except FileExistsError as error:
        raise click.UsageError(f"{error}.") from None
    except (OSError, Unexportable) as error:
        fail(str(error))
    click.echo(f"{count} entries exported.", err=True)


def _load(ledger: Ledger, directory: Path, *, dry_run: bool) -> None:
    try:
        read = reading.read(directory, today=day_of(datetime.now(UTC)))
        with telling("Importing") as told:
            done = importer.load(ledger, read, reading.IMPORTER, dry_run=dry_run, progress=told)
    except BadRows as bad:
        for problem in bad.problems:
            click.echo(str(problem), err=True)
        fail(f"{len(bad.problems)} problems; nothing was imported.")
    except (Refused, VersionConflict, RetriesExhausted) as error:
        fail(f"{error} Nothing was imported.")
    what = "Would import" if dry_run else "Imported"
    click.echo(f"{what}: {done}")


@contextmanager
def _standard_output() -> Generator[IO[bytes]]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


main.add_command(serve)
main.add_command(sign_in_link)
main.add_command(token)


if __name__ == "__main__":
    main(prog_name="tracker")
