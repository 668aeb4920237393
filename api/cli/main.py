"""The `tracker` program and most of its commands.

Exit status: 0 success, 1 failure or faults found, 2 usage error.
"""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from adapters.audit.check import Checker
from adapters.clock import now
from adapters.corpus import reading
from adapters.corpus.importer import HOLD_SECONDS, HOLD_SECONDS_MAX
from adapters.corpus.training.play import play
from adapters.identity import tokens
from adapters.postgres.database import CHECKER, OWNER
from adapters.telemetry import logs
from adapters.watchdog import ALIVE_SECONDS, is_alive
from api.cli.about import config, info
from api.cli.context import (
    DEAD,
    chosen_settings,
    fail,
    measured,
    opened_database,
    opened_ledger,
    recording,
    wording,
)
from api.cli.credentials import bi_login, sign_in_link, token, webhook
from api.cli.exports.export import export_command
from api.cli.exports.publish import publish_data
from api.cli.health import health
from api.cli.mail import bounce
from api.cli.progress_bar import progress
from api.cli.serve import listening, run_server, serve
from api.cli.upkeep.copies import (
    backup,
    importing_alone,
    load_files,
    move,
    restore,
    resume,
    upgrade_database,
)
from api.cli.upkeep.migrate import migrate
from api.cli.upkeep.scrub import scrub
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.forces import TRAINING
from projections.read_models import BY_NAME, READ_MODELS
from projections.reporting.keeping import supervisor
from projections.runtime.read_model import PoisonEntry
from projections.runtime.rebuild import BeingRebuilt, build_missing, rebuild

DEMO_TOKEN_HOURS = 12
SERVING_NOBODY = ("project", "publish-data")
"""Commands that name the address of the service to others, and need no identity provider."""
CORPUS = Path(reading.__file__).parent / "data" / "corpus"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Track every recommendation of the National Child Protection Inspections."""
    if context.invoked_subcommand != config.name:  # which lists settings that are invalid
        serving = context.invoked_subcommand not in SERVING_NOBODY
        logs.configure(chosen_settings(serving=serving).TRACKER_LOG)


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

    Stands by while another process of the same version does so. Exits with 1 if one of its threads
    is dead.
    """
    with opened_database(serving=False) as (db, chosen):
        if build:
            with progress("Building") as on_progress, _poison_explained():
                build_missing(db, READ_MODELS, on_progress)
            return
        keeping = supervisor(db, chosen, wording)
        with measured(db, chosen), keeping:
            click.echo("Keeping the read models up to date. Press Ctrl-C to stop.", err=True)
            while is_alive():
                threading.Event().wait(ALIVE_SECONDS)
            fail(DEAD)


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
@click.option(
    "--hold",
    type=click.FloatRange(0.1, HOLD_SECONDS_MAX),
    default=HOLD_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long other commands may have to wait while all is recorded.",
)
def import_(directory: Path, *, dry_run: bool, hold: float) -> None:
    """Import the corpus files in a directory.

    The files are products.csv, recommendations.csv, outcomes.csv and, if there is one, steps.csv;
    or steps.csv alone, for recommendations that are on record.
    Either everything is imported or nothing. Importing the same files again is harmless. Other
    commands go on meanwhile, and wait only while all is recorded at the end.
    """
    with opened_database() as (db, _), importing_alone(db), opened_ledger(db) as ledger:
        load_files(ledger, directory, dry_run=dry_run, hold=hold)


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


main.add_command(bi_login)
main.add_command(bounce)
main.add_command(config)
main.add_command(export_command)
main.add_command(health)
main.add_command(info)
main.add_command(migrate)
main.add_command(publish_data)
main.add_command(scrub)
main.add_command(serve)
main.add_command(sign_in_link)
main.add_command(token)
main.add_command(webhook)
for command in (backup, restore, resume, upgrade_database, move):
    main.add_command(command)
