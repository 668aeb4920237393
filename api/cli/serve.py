"""`tracker serve`: a single process or several workers, and the Ready line."""

import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import click

from adapters.postgres.database import Database, database
from adapters.settings import Settings
from adapters.telemetry import logs
from api.cli.context import chosen_settings, measured, opened_database
from api.cli.credentials import link_for, url_of
from domain.vocabulary.actors import Actor, Role
from projections.read_models import READ_MODELS
from projections.runtime.supervisor import Supervisor

READY_SECONDS = 60
READY_POLL_SECONDS = 0.1
WORKERS_MAX = 64
LOCAL_ADMIN = Actor("local-admin", Role.ADMIN)
"""The actor of the sign-in link that a service without an identity provider prints."""


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port to listen on; 0 picks a free one.  [default: TRACKER_PORT]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS_MAX),
    default=1,
    show_default=True,
    help="Number of worker processes.",
)
@click.option(
    "--keep/--no-keep",
    default=True,
    show_default=True,
    help="Whether this process also keeps the read models up to date.",
)
def serve(port: int | None, workers: int, *, keep: bool) -> None:
    """Serve the pages and the API."""
    with opened_database() as (db, chosen):
        number = chosen.TRACKER_PORT if port is None else port
        run_server(db, chosen, number, workers=workers, keep=keep)


def run_server(
    db: Database,
    chosen: Settings,
    port: int,
    *,
    workers: int,
    keep: bool,
    guest: Actor = LOCAL_ADMIN,
) -> None:
    """Serve; without an identity provider, print a sign-in link for `guest` to a terminal."""
    import uvicorn  # noqa: PLC0415  a second of loading that the other commands are spared
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from api.app import build  # noqa: PLC0415
    from api.http.protocol import server_config  # noqa: PLC0415
    from api.pages.rendering.language import speak  # noqa: PLC0415

    try:
        speak(chosen.TRACKER_LANGUAGE)  # here, since a worker would notice too late to report it
    except ValueError as error:
        raise click.UsageError(f"TRACKER_LANGUAGE is invalid: {error}.") from None
    app = build(db, chosen, keep=keep) if workers == 1 else "api.cli.serve:worker"
    config = server_config(app, chosen, port=port, workers=workers)
    listening = config.bind_socket()
    address = url_of(*listening.getsockname()[:2])
    greeting: Callable[[], str] | None = None
    if chosen.provider is None and sys.stderr.isatty():
        greeting = partial(link_for, db, chosen.TRACKER_PUBLIC_URL or address, guest)
    threading.Thread(target=_announce, args=(address, greeting), daemon=True).start()
    with measured(db, chosen, workers=workers):
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listening])
            return
        with Supervisor(db, READ_MODELS) if keep else nullcontext():
            Multiprocess(config, sockets=[listening]).run()


def worker() -> object:
    """Return the application of a worker process; its parent keeps the read models."""
    from api.app import build  # noqa: PLC0415

    chosen = chosen_settings()
    logs.configure(chosen.TRACKER_LOG)
    opened = database(chosen)
    db = opened.__enter__()
    return build(db, chosen, keep=False)


def _announce(address: str, greeting: Callable[[], str] | None) -> None:
    """Print the Ready line once the service reports ready, then the sign-in link if any."""
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
                click.echo(f"One-time sign-in link, valid for ten minutes: {greeting()}", err=True)
            return
    click.echo(
        f"The service is not ready after {READY_SECONDS} s; see {address}/health/ready", err=True
    )
