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
from uuid import UUID

import click

from adapters import logs, settings, tokens
from adapters.access import noting
from adapters.check import Checker
from adapters.corpus import importer, reading, training
from adapters.database import (
    APP,
    CHECKER,
    OWNER,
    Database,
    DatabaseTooNew,
    DatabaseUnusable,
    database,
)
from adapters.embedded import EmbeddedError
from adapters.export import Unexportable, export, new_file
from adapters.ledger import Ledger, Overtaken, Stale
from adapters.recorder import environment
from adapters.settings import Settings
from adapters.signins import actor_of, make_link
from api.telling import telling
from domain.access_events import AccessEvent, LedgerExported
from domain.dates import day_of
from domain.forces import TRAINING
from domain.signin import PEOPLES_ROLES
from domain.stamp import Refused, Role, Scope, Who
from projections.keeper import BY_NAME, Keeper
from projections.rebuild import rebuild

READY_SECONDS = 60
READY_POLL_SECONDS = 0.1
TOKEN_DAYS = 30
DEMO_TOKEN_HOURS = 12
WORKERS_MAX = 64
OPERATOR = Who("command-line", Role.ADMIN)
"""Who uses this program: whoever the machine lets at the database."""
LOCAL_ADMIN = Who("local-admin", Role.ADMIN)
"""Whom the link is for that a service without an identity provider prints on its terminal."""
CORPUS = Path(reading.__file__).parent / "data" / "corpus"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The life of every recommendation of the National Child Protection Inspections."""
    signal.signal(signal.SIGTERM, _terminated)
    logs.configure(_settings().TRACKER_LOG)


@main.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="0 is any free one.")
def demo(port: int | None) -> None:
    """Load the real corpus and the training example, and serve them."""
    with _database() as (found, chosen):
        with _ledger(found) as ledger:
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
            with _recording(found) as record:
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
    with _database() as (found, chosen):
        number = chosen.TRACKER_PORT if port is None else port
        _serve(found, chosen, number, workers=workers, keep=keep)


@main.command()
def project() -> None:
    """Keep the read models current, or stand by while another process does."""
    with _database() as (found, _), Keeper(found):
        click.echo("Keeping the read models. Stop with Ctrl-C.", err=True)
        threading.Event().wait()


@main.command("rebuild")
@click.argument("name", type=click.Choice(sorted(BY_NAME)))
@click.option("--check", is_flag=True, help="Only compare; leave the live one in place.")
def rebuild_(name: str, *, check: bool) -> None:
    """Build a read model anew beside the live one, compare, and swap."""
    with _database() as (found, _), telling(f"Rebuilding {name}") as told:
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
    with _database() as (found, _), _ledger(found) as ledger:
        _load(ledger, directory, dry_run=dry_run)


@main.command()
def check() -> None:
    """Re-read the whole ledger and prove its promises."""
    with _database() as (found, _), _ledger(found, CHECKER) as ledger:
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
            _database() as (found, _),
            telling("Exporting") as told,
        ):
            with _recording(found) as record, _ledger(found) as ledger:
                record(LedgerExported(OPERATOR.actor, ledger.head()))
            count = export(found, out.write, told)
    except BrokenPipeError:
        # Nothing more can be written, not even what is in the buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except FileExistsError as error:
        raise click.UsageError(f"{error}.") from None
    except (OSError, Unexportable) as error:
        _fail(str(error))
    click.echo(f"{count} entries exported.", err=True)


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def bench(words: tuple[str, ...]) -> None:
    """Measure speed as ratios to a baseline of the same run; --help says more."""
    # By name: it stands outside the service, and measures it from there.
    sys.exit(import_module("deploy.bench").main(list(words)))


@main.command("signin-link")
@click.option(
    "--role", type=click.Choice(sorted(role.value for role in PEOPLES_ROLES)), required=True
)
@click.option("--force", help="The one force that a force or its body answers for.")
@click.option("--actor", help="Who signs in: an identifier, never a name; else local-ROLE.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Where the service listens.")
def signin_link(role: str, force: str | None, actor: str | None, port: int | None) -> None:
    """Print a link to sign in by, once and within ten minutes; without an identity provider."""
    with _database() as (found, chosen):
        if chosen.provider is not None:
            raise click.UsageError("People sign in through the identity provider that is set.")
        who = Who(actor or actor_of(Role(role)), Role(role), force)
        host, number = chosen.TRACKER_HOST, chosen.TRACKER_PORT if port is None else port
        address = chosen.TRACKER_PUBLIC_URL or _url(host, number)
        try:
            click.echo(_link(found, address, who))
        except ValueError as error:
            raise click.UsageError(str(error)) from None


@main.group()
def token() -> None:
    """Make, list and revoke the tokens of tools."""


@token.command("create")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role if role not in tokens.WITHOUT_TOKENS]),
    required=True,
)
@click.option("--force", help="The one force that a force or its body answers for.")
@click.option("--actor", required=True, help="Who it acts as: an identifier, never a name.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help=f"The day (UTC) on which it ends; in {TOKEN_DAYS} days if not given.",
)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What of its role's rights it has; all if not given.",
)
def create(
    role: str,
    force: str | None,
    actor: str,
    expires: datetime | None,
    scopes: tuple[str, ...],
) -> None:
    """Make a token, and show it this once."""
    ends = _ends(expires)
    with _database() as (found, _), _recording(found) as record, _usage():
        text, identity = tokens.create(
            found.conninfo(OWNER),
            actor=actor,
            role=Role(role),
            force=force,
            expires_at=ends,
            record=record,
            scopes=tuple(map(Scope, scopes)) or None,
        )
    click.echo(f"{identity} ends {ends:%Y-%m-%d %H:%M} UTC", err=True)
    click.echo(text)


@token.command("rotate")
@click.argument("identity", type=click.UUID)
@click.option("--overlap-hours", type=click.IntRange(0, 720), default=0, show_default=True)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="As of create.")
def rotate(identity: UUID, overlap_hours: int, expires: datetime | None) -> None:
    """Make a token of the same rights, show it this once, and end the old one."""
    ends, overlap = _ends(expires), timedelta(hours=overlap_hours)
    with _database() as (found, _), _recording(found) as record, _usage():
        text, successor = tokens.rotate(
            found.conninfo(OWNER), identity, expires_at=ends, record=record, overlap=overlap
        )
    click.echo(f"{successor} ends {ends:%Y-%m-%d %H:%M} UTC", err=True)
    click.echo(text)


@token.command("list")
def list_() -> None:
    """List the tokens; the texts are not kept."""
    with _database() as (found, _):
        for listed in tokens.listing(found.conninfo(OWNER)):
            click.echo(listed)


@token.command()
@click.argument("identity", type=click.UUID)
def revoke(identity: UUID) -> None:
    """End a token now."""
    with _database() as (found, _), _recording(found) as record:
        if not tokens.revoke(found.conninfo(OWNER), identity, record=record):
            _fail(f"There is no live token {identity}.")
    click.echo("Revoked.")


def _load(ledger: Ledger, directory: Path, *, dry_run: bool) -> None:
    try:
        read = reading.read(directory, today=day_of(datetime.now(UTC)))
        with telling("Importing") as told:
            done = importer.load(ledger, read, reading.IMPORTER, dry_run=dry_run, progress=told)
    except reading.BadRows as bad:
        for problem in bad.problems:
            click.echo(str(problem), err=True)
        _fail(f"{len(bad.problems)} problems; nothing was imported.")
    except (Refused, Stale, Overtaken) as error:
        _fail(f"{error} Nothing was imported.")
    what = "Would import" if dry_run else "Imported"
    click.echo(f"{what}: {done}")


def _serve(
    found: Database,
    chosen: Settings,
    port: int,
    *,
    workers: int,
    keep: bool,
    guest: Who = OPERATOR,
) -> None:
    """Serve; without an identity provider, a terminal is told a link for the guest to sign in."""
    import uvicorn  # noqa: PLC0415  a second of loading that the other commands are spared
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from api.app import build  # noqa: PLC0415
    from api.server import configured  # noqa: PLC0415

    app = build(found, chosen, keep=keep) if workers == 1 else "api.cli:worker"
    config = configured(app, chosen, port=port, workers=workers)
    listening = config.bind_socket()
    address = _url(*listening.getsockname()[:2])
    greeting: Callable[[], str] | None = None
    if chosen.provider is None and sys.stderr.isatty():
        greeting = partial(_link, found, chosen.TRACKER_PUBLIC_URL or address, guest)
    threading.Thread(target=_announce, args=(address, greeting), daemon=True).start()
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
        return
    with Keeper(found) if keep else _nothing():
        Multiprocess(config, sockets=[listening]).run()


def worker() -> object:
    """The application of one worker process of several; the parent keeps the read models."""
    from api.app import build  # noqa: PLC0415  as above

    chosen = _settings()
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


def _link(found: Database, address: str, who: Who) -> str:
    """A one-time link for somebody. Raises ValueError in words if there cannot be one."""
    return f"{address.rstrip('/')}/sign-in/link#{make_link(found.conninfo(OWNER), who)}"


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _settings() -> Settings:
    try:
        return settings.read()
    except settings.SettingsError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def _database() -> Generator[tuple[Database, Settings]]:
    chosen = _settings()
    try:
        with database(chosen) as found:
            yield found, chosen
    except (EmbeddedError, DatabaseTooNew, DatabaseUnusable) as error:
        _fail(str(error))


@contextmanager
def _ledger(found: Database, role: str = APP) -> Generator[Ledger]:
    with Ledger(environment(found.conninfo(role), pool=2)) as ledger:
        yield ledger


@contextmanager
def _recording(found: Database) -> Generator[Callable[[AccessEvent], object]]:
    """Puts on record what whoever runs this program does to an actor's access."""
    with _ledger(found) as ledger:
        yield lambda event: ledger.submit([noting(event)], OPERATOR)


@contextmanager
def _usage() -> Generator[None]:
    """What cannot be, as called, is told as a wrong call."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _ends(expires: datetime | None) -> datetime:
    return expires.replace(tzinfo=UTC) if expires else datetime.now(UTC) + timedelta(TOKEN_DAYS)


@contextmanager
def _standard_output() -> Generator[IO[bytes]]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _nothing() -> Generator[None]:
    yield


def _fail(why: str) -> NoReturn:
    click.echo(why, err=True)
    sys.exit(1)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
