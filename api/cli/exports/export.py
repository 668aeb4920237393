"""`tracker export`: the ledger, a list or the published facts, as files."""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from adapters.audit.export import Unexportable, export, new_file
from adapters.corpus.facts.export import export_facts
from api.cli.context import (
    OPERATOR,
    chosen_settings,
    fail,
    opened_database,
    opened_ledger,
    recording,
    usage_errors,
)
from api.cli.progress_bar import progress
from domain.events.access import LedgerExported


@click.command("export")
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
def export_command(
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
        _write_facts(directory, training=training)
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


def _write_facts(directory: Path, *, training: bool) -> None:
    """Write the published facts to a new directory; exit with a message if that fails."""
    try:
        with (
            opened_database() as (db, _),
            opened_ledger(db) as ledger,
            progress("Exporting") as on_progress,
        ):
            counts = export_facts(ledger, directory, on_progress, training=training)
    except FileExistsError as error:
        raise click.UsageError(f"{error}.") from None
    except OSError as error:
        fail(str(error))
    rows = ", ".join(f"{count} rows in {file}" for file, count in counts.items())
    click.echo(f"{rows}.", err=True)
