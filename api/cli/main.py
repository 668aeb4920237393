"""The `tracker` program and most of its commands.

Exit status: 0 success, 1 failure or faults found, 2 usage error.
"""

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import click

from adapters.audit.check import Checker
from adapters.audit.export import Unexportable, export, new_file
from adapters.clock import now
from adapters.corpus import reading
from adapters.corpus.training.play import play
from adapters.identity import tokens
from adapters.postgres.database import CHECKER, OWNER
from adapters.telemetry import logs
from api.cli.about import config, info
from api.cli.context import (
    OPERATOR,
    chosen_settings,
    fail,
    measured,
    opened_database,
    opened_ledger,
    recording,
    usage_errors,
)
from api.cli.credentials import bi_login, sign_in_link, token, webhook
from api.cli.health import health
from api.cli.migrate import migrate
from api.cli.progress_bar import progress
from api.cli.scrub import scrub
from api.cli.serve import listening, run_server, serve
from api.cli.upkeep import (
    backup,
    importing_alone,
    load_files,
    move,
    restore,
    resume,
    upgrade_database,
    write_facts,
)
from domain.events.access import LedgerExported
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.forces import TRAINING
from projections.read_models import BY_NAME, READ_MODELS
from projections.reporting.keeping import supervisor
from projections.runtime.read_model import PoisonEntry
from projections.runtime.rebuild import BeingRebuilt, build_missing, rebuild

DEMO_TOKEN_HOURS = 12
CORPUS = Path(reading.__file__).parent / "data" / "corpus"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Track every recommendation of the National Child Protection Inspections."""
    if context.invoked_subcommand != config.name:  # which lists settings that are invalid
        logs.configure(chosen_settings().TRACKER_LOG)


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port to listen on; 0 picks a free one.  [default: TRACKER_PORT]",
)
def demo(port: int | None) -> None:
    """Load the corpus and the training world, and serve them.

    The corpus is real, the training world invented. Prints a token for each demo role; the tokens
    expire after twelve hours.
    """
    with listening(port) as bound, opened_database() as (db, chosen):
        with importing_alone(db), opened_ledger(db) as ledger:
            load_files(ledger, CORPUS, dry_run=False)
            with progress("Training world") as on_progress:
                play(ledger, on_progress)
        expires = now() + timedelta(hours=DEMO_TOKEN_HOURS)
        for role, force in (
            (Role.INSPECTOR, None),
            (Role.FORCE, TRAINING),
            (Role.LOCAL_POLICING_BODY, TRAINING),
            (Role.AUDITOR, None),
        ):
            with recording(db) as record:
                text, _ = tokens.create(
                    db.conninfo(OWNER),
                    actor=f"demo-{role}".replace("_", "-"),
                    role=role,
                    force=force,
                    expires_at=expires,
                    record=record,
                )
            click.echo(f"Token {role} {text}")
        click.echo(f"The tokens expire at {expires:%H:%M} UTC. Press Ctrl-C to stop.")
        guest = Actor("demo-inspector", Role.INSPECTOR)
        run_server(db, chosen, bound, workers=1, keep=True, guest=guest)


@main.command()
@click.option("--build", is_flag=True, help="Only build those that are missing, and exit.")
def project(*, build: bool) -> None:
    """Keep the read models up to date.

    Stands by while another process of the same version does so.
    """
    with opened_database() as (db, chosen):
        if build:
            with progress("Building") as on_progress, _poison_explained():
                build_missing(db, READ_MODELS, on_progress)
            return
        keeping = supervisor(db, chosen)
        with measured(db, chosen), keeping:
            click.echo("Keeping the read models up to date. Press Ctrl-C to stop.", err=True)
            threading.Event().wait()


@contextmanager
def _poison_explained() -> Generator[None]:
    try:
        yield
    except PoisonEntry as error:
        fail(f"{error}. Nothing was replaced; docs/operation.md has the way on.")


@main.command("rebuild")
@click.argument("name", type=click.Choice(sorted(BY_NAME)))
@click.option("--check", is_flag=True, help="Only compare; do not replace the live read model.")
def rebuild_(name: str, *, check: bool) -> None:
    """Rebuild a read model and replace the live one.

    Compares the two first and reports how many rows differ.
    """
    with (
        opened_database() as (db, _),
        progress(f"Rebuilding {name}") as on_progress,
        _poison_explained(),
    ):
        try:
            rebuilt = rebuild(db, BY_NAME[name], on_progress=on_progress, swap=not check)
        except BeingRebuilt as error:
            fail(f"{error}.")
    for sample in rebuilt.samples:
        click.echo(sample)
    if rebuilt.compared:
        differences = rebuilt.only_live + rebuilt.only_new
        result = f"{differences} rows differ" if differences else "identical to the live read model"
    else:
        differences, result = 0, "no live read model at the same position to compare with"
    action = "compared" if check else "rebuilt and replaced"
    click.echo(f"{name}: {action} at position {rebuilt.entries}; {result}.")
    sys.exit(1 if check and differences else 0)


@main.command("import")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--dry-run", is_flag=True, help="Report what would be recorded, without recording it."
)
def import_(directory: Path, *, dry_run: bool) -> None:
    """Import the corpus files in a directory.

    The files are products.csv, recommendations.csv, outcomes.csv and, if there is one, steps.csv.
    Either everything is imported or nothing. Importing the same files again is harmless.
    """
    with opened_database() as (db, _), importing_alone(db), opened_ledger(db) as ledger:
        load_files(ledger, directory, dry_run=dry_run)


@main.command()
def check() -> None:
    """Re-read the whole ledger and verify its integrity."""
    with opened_database() as (db, _), opened_ledger(db, CHECKER) as ledger:
        checker = Checker(ledger.rows)
        with progress("Checking") as on_progress:
            checker.run(on_progress)
    for fault in checker.faults:
        click.echo(f"position {fault.position}: {fault.problem}")
    count = len(checker.faults)
    click.echo(f"{checker.entries} entries checked, {count or 'no'} faults found.")
    sys.exit(1 if checker.faults else 0)


@main.command("export")
@click.argument("file", type=click.Path(path_type=Path), default="-")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@click.option("--table", help="Export this list, such as recommendations, and not the ledger.")
@click.option("--query", default="", help="With --table: the list's filters, as in its address.")
@click.option(
    "--steps",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write the published facts to a new directory, as the files that import reads.",
)
@click.option("--training", is_flag=True, help="With --steps: the training world too.")
def export_(
    file: Path,
    *,
    force: bool,
    table: str | None,
    query: str,
    directory: Path | None,
    training: bool,
) -> None:
    """Export every entry as a line of JSON, a list as the public sees it, or the published facts.

    Writes to FILE, or to standard output if FILE is omitted. The bytes of each entry are those of
    the ledger. Private notes are not exported. With --table, the ending of FILE chooses the format:
    csv, csv-metadata.json, xlsx, ods, parquet, arrow or ndjson.
    """
    if directory is not None:
        if force or table or query or str(file) != "-":
            raise click.UsageError("--steps takes the name of a new directory, and nothing else.")
        write_facts(directory, training=training)
        return
    if training:
        raise click.UsageError("--training goes with --steps.")
    try:
        if table is None:
            if query:
                raise click.UsageError("--query is for --table.")
            done = f"{_export_ledger(file, force=force)} entries exported."
        else:
            done = f"{_export_table(file, table, query, force=force)} rows exported."
    except BrokenPipeError:
        # Standard output is closed: discard what is in its buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except FileExistsError as error:
        raise click.UsageError(f"{error}.") from None
    except (OSError, Unexportable) as error:
        fail(str(error))
    click.echo(done, err=True)


def _export_ledger(file: Path, *, force: bool) -> int:
    with (
        _standard_output() if str(file) == "-" else new_file(file, replace=force) as out,
        opened_database() as (db, _),
        progress("Exporting") as on_progress,
    ):
        with recording(db) as record, opened_ledger(db) as ledger:
            record(LedgerExported(OPERATOR.id, ledger.head()))
        return export(db, out.write, on_progress)


def _export_table(file: Path, table: str, query: str, *, force: bool) -> int:
    # Other commands are spared these imports.
    from api.downloads.exporting import export_list, making_of  # noqa: PLC0415

    chosen = chosen_settings()
    service = chosen.TRACKER_PUBLIC_URL or f"http://127.0.0.1:{chosen.TRACKER_PORT}"
    with usage_errors():
        making = making_of(table, query, file, service)
        with (
            new_file(file, replace=force) as out,
            opened_database() as (db, _),
            opened_ledger(db) as ledger,
            progress("Exporting") as on_progress,
        ):
            return export_list(db, ledger, chosen, making, out, on_progress)


@contextmanager
def _standard_output() -> Generator[IO[bytes]]:
    if sys.stdout is None:
        raise click.UsageError("Standard output is closed: name a FILE.")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


main.add_command(bi_login)
main.add_command(config)
main.add_command(health)
main.add_command(info)
main.add_command(migrate)
main.add_command(scrub)
main.add_command(serve)
main.add_command(sign_in_link)
main.add_command(token)
main.add_command(webhook)
for command in (backup, restore, resume, upgrade_database, move):
    main.add_command(command)
