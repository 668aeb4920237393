"""The command line: one program, `tracker`.

Exit status: 0 done, 1 found something wrong, 2 called wrongly.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
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
from adapters.ledger.submit import Overtaken, Stale
from adapters.postgres.database import CHECKER, OWNER, Database, database
from adapters.settings import Settings
from api.granting import link_for, signin_link, token, url_of
from api.opening import OPERATOR, chosen_settings, fail, opened_database, opened_ledger, recording
from api.telling import telling
from domain.events.access import LedgerExported
from domain.vocabulary.actors import Role, Who
from domain.vocabulary.dates import day_of
from domain.vocabulary.errors import Refused
from domain.vocabulary.forces import TRAINING
from projections.read_models import BY_NAME, READ_MODELS
from projections.runtime.rebuild import rebuild
from projections.runtime.supervisor import Keeper

READY_SECONDS = 60
READY_POLL_SECONDS = 0.1
DEMO_TOKEN_HOURS = 12
WORKERS_MAX = 64
LOCAL_ADMIN = Who("local-admin", Role.ADMIN)
"""Whom the link is for that a service without an identity provider prints on its terminal."""
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
        guest = Who("demo-inspector", Role.INSPECTOR)
        _serve(found, chosen, number, workers=1, keep=True, guest=guest)


@main.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="0 is any free one.")
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True)
@click.option("--keep/--no-keep", default=True, help="Also keep the read models, or not.")
def serve(port: int | None, workers: int, *, keep: bool) -> None:
    """Serve the API."""
    with opened_database() as (found, chosen):
        number = chosen.TRACKER_PORT if port is None else port
        _serve(found, chosen, number, workers=workers, keep=keep)


@main.command()
def project() -> None:
    """Keep the read models current, or stand by while another process does."""
    with opened_database() as (found, _), Keeper(found, READ_MODELS):
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
                record(LedgerExported(OPERATOR.actor, ledger.head()))
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


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def bench(words: tuple[str, ...]) -> None:
    """Measure speed as ratios to a baseline of the same run; --help says more."""
    # By name: it stands outside the service, and measures it from there.
    sys.exit(import_module("deploy.bench").main(list(words)))


def _load(ledger: Ledger, directory: Path, *, dry_run: bool) -> None:
    try:
        read = reading.read(directory, today=day_of(datetime.now(UTC)))
        with telling("Importing") as told:
            done = importer.load(ledger, read, reading.IMPORTER, dry_run=dry_run, progress=told)
    except BadRows as bad:
        for problem in bad.problems:
            click.echo(str(problem), err=True)
        fail(f"{len(bad.problems)} problems; nothing was imported.")
    except (Refused, Stale, Overtaken) as error:
        fail(f"{error} Nothing was imported.")
    what = "Would import" if dry_run else "Imported"
    click.echo(f"{what}: {done}")


def _serve(
    found: Database,
    chosen: Settings,
    port: int,
    *,
    workers: int,
    keep: bool,
    guest: Who = LOCAL_ADMIN,
) -> None:
    """Serve; without an identity provider, a terminal is told a link for the guest to sign in."""
    import uvicorn  # noqa: PLC0415  a second of loading that the other commands are spared
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from api.app import build  # noqa: PLC0415
    from api.pages.language import speak  # noqa: PLC0415
    from api.server import configured  # noqa: PLC0415

    try:
        speak(chosen.TRACKER_LANGUAGE)  # which a worker would find out too late to say it
    except ValueError as error:
        raise click.UsageError(f"TRACKER_LANGUAGE is wrong: {error}.") from None
    app = build(found, chosen, keep=keep) if workers == 1 else "api.cli:worker"
    config = configured(app, chosen, port=port, workers=workers)
    listening = config.bind_socket()
    address = url_of(*listening.getsockname()[:2])
    greeting: Callable[[], str] | None = None
    if chosen.provider is None and sys.stderr.isatty():
        greeting = partial(link_for, found, chosen.TRACKER_PUBLIC_URL or address, guest)
    threading.Thread(target=_announce, args=(address, greeting), daemon=True).start()
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
        return
    with Keeper(found, READ_MODELS) if keep else _nothing():
        Multiprocess(config, sockets=[listening]).run()


def worker() -> object:
    """The application of one worker process of several; the parent keeps the read models."""
    from api.app import build  # noqa: PLC0415  as above

    chosen = chosen_settings()
    logs.configure(chosen.TRACKER_LOG)
    holding = database(chosen)
    found = holding.__enter__()
    return build(found, chosen, keep=False)


def _announce(address: str, greeting: Callable[[], str] | None) -> None:
    """Print the Ready line once the service answers that it is, and what greets a terminal."""
    from urllib.request import urlopen  # noqa: PLC0415  the other commands are spared it

    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urlopen(f"{address}/health/ready", timeout=2):  # noqa: S310  ours
                click.echo(f"Ready {address}")
        except OSError:
            time.sleep(READY_POLL_SECONDS)
        else:
            if greeting:
                click.echo(f"Sign in once, within ten minutes: {greeting()}", err=True)
            return
    click.echo(f"Not ready after {READY_SECONDS} s; see {address}/health/ready", err=True)


@contextmanager
def _standard_output() -> Generator[IO[bytes]]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _nothing() -> Generator[None]:
    yield


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


main.add_command(signin_link)
main.add_command(token)


if __name__ == "__main__":
    main()
