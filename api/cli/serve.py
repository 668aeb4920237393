"""Serving: one process or several workers, and the Ready line."""

import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import click

from adapters import logs
from adapters.postgres.database import Database, database
from adapters.settings import Settings
from api.cli.context import chosen_settings, opened_database
from api.cli.credentials import link_for, url_of
from domain.vocabulary.actors import Actor, Role
from projections.read_models import READ_MODELS
from projections.runtime.supervisor import Supervisor

READY_SECONDS = 60
READY_POLL_SECONDS = 0.1
WORKERS_MAX = 64
LOCAL_ADMIN = Actor("local-admin", Role.ADMIN)
"""Whom the link is for that a service without an identity provider prints on its terminal."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="0 is any free one.")
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True)
@click.option("--keep/--no-keep", default=True, help="Also keep the read models, or not.")
def serve(port: int | None, workers: int, *, keep: bool) -> None:
    """Serve the API."""
    with opened_database() as (found, chosen):
        number = chosen.TRACKER_PORT if port is None else port
        run_server(found, chosen, number, workers=workers, keep=keep)


def run_server(
    found: Database,
    chosen: Settings,
    port: int,
    *,
    workers: int,
    keep: bool,
    guest: Actor = LOCAL_ADMIN,
) -> None:
    """Serve; without an identity provider, a terminal is told a link for the guest to sign in."""
    import uvicorn  # noqa: PLC0415  a second of loading that the other commands are spared
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from api.app import build  # noqa: PLC0415
    from api.http.protocol import configured  # noqa: PLC0415
    from api.pages.rendering.language import speak  # noqa: PLC0415

    try:
        speak(chosen.TRACKER_LANGUAGE)  # which a worker would find out too late to say it
    except ValueError as error:
        raise click.UsageError(f"TRACKER_LANGUAGE is wrong: {error}.") from None
    app = build(found, chosen, keep=keep) if workers == 1 else "api.cli.serve:worker"
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
    with Supervisor(found, READ_MODELS) if keep else nullcontext():
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
