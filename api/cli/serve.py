"""`tracker serve`: a single process or several workers, and the Ready line."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from functools import partial

import click

from adapters.postgres.database import Database, require_connections
from adapters.settings import Settings
from api.cli.context import chosen_settings, fail, measured, opened_database, wording
from api.cli.credentials import link_for, url_of
from api.cli.health import is_ready
from domain.vocabulary.actors import Actor, Role
from projections.reporting.keeping import supervisor

READY_SECONDS = 60
READY_POLL_SECONDS = 0.1
WORKERS_MAX = 64
BACKLOG = 2_048
"""Connections that may wait to be accepted."""
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
    with listening(port) as bound, opened_database() as (db, chosen):
        run_server(db, chosen, bound, workers=workers, keep=keep)


@contextmanager
def listening(port: int | None) -> Generator[socket.socket]:
    """Reserve the address to listen on, before any other work; exit with words if it is taken."""
    chosen = chosen_settings()
    address = chosen.TRACKER_HOST, chosen.TRACKER_PORT if port is None else port
    family = socket.AF_INET6 if ":" in chosen.TRACKER_HOST else socket.AF_INET
    with socket.socket(family) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _taken_port_explained(*address):
            bound.bind(address)
        yield bound


@contextmanager
def _taken_port_explained(host: str, port: int) -> Generator[None]:
    try:
        yield
    except OSError as error:
        fail(
            f"Cannot listen on port {port} of {host}: {error.strerror}. Is the service running "
            "already? Stop it, or choose another port by --port or TRACKER_PORT."
        )


def run_server(
    db: Database,
    chosen: Settings,
    bound: socket.socket,
    *,
    workers: int,
    keep: bool,
    guest: Actor = LOCAL_ADMIN,
) -> None:
    """Serve; without an identity provider, print a sign-in link for `guest` to a terminal."""
    from api.app import build  # noqa: PLC0415  a second of loading that other commands are spared
    from api.cli.workers import connections, serve_app, serve_by_workers  # noqa: PLC0415
    from api.pages.rendering.language import speak  # noqa: PLC0415

    try:
        speak(chosen.TRACKER_LANGUAGE)  # here, since a worker would notice too late to report it
    except ValueError as error:
        raise click.UsageError(f"TRACKER_LANGUAGE is invalid: {error}.") from None
    require_connections(
        db,
        connections(chosen, workers, keep=keep),
        "lower --workers or TRACKER_POOL"
        + ("" if db.embedded else ", or raise max_connections of the server"),
    )
    host, port = bound.getsockname()[:2]
    with _taken_port_explained(host, port):
        bound.listen(BACKLOG)
    address = url_of(host, port)
    greeting: Callable[[], str] | None = None
    if chosen.provider is None and sys.stderr.isatty():
        greeting = partial(link_for, db, chosen.TRACKER_PUBLIC_URL or address, guest)
    threading.Thread(target=_announce, args=(address, greeting), daemon=True).start()
    with measured(db, chosen, workers=workers):
        if workers == 1:
            serve_app(build(db, chosen, keep=keep), chosen, bound)
            return
        keeping = supervisor(db, chosen, wording)
        with keeping if keep else nullcontext():
            serve_by_workers(bound, workers)


def _announce(address: str, greeting: Callable[[], str] | None) -> None:
    """Print the Ready line once the service reports ready, then the sign-in link if any."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if is_ready(address):
            click.echo(f"Ready {address}")
            if greeting:
                click.echo(f"One-time sign-in link, valid for ten minutes: {greeting()}", err=True)
            return
        time.sleep(READY_POLL_SECONDS)
    click.echo(
        f"The service is not ready after {READY_SECONDS} s; see {address}/health/ready", err=True
    )
