"""`tracker health`: ask a running service whether it is ready, in words."""

import json
from http.client import HTTPException
from ipaddress import ip_address
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click
import msgspec
from msgspec import Struct

from adapters.identity.oidc.registration import is_loopback
from adapters.settings import Settings
from api.cli.context import chosen_settings, fail

ANSWER_SECONDS = 5
ANSWER_BYTES_MAX = 256 * 1024


class _Readiness(Struct, frozen=True):
    """The parts of an answer that are told."""

    ready: bool
    head: int | None = None
    problems: tuple[str, ...] = ()
    """Whatever is wrong, in words, even if the service is ready."""


@click.command()
@click.argument("url", required=False)
def health(url: str | None) -> None:
    """Ask the service at URL whether it is ready, and say why not.

    URL is the service on this machine, at TRACKER_PORT, if omitted. Exits with 1 if the service is
    not ready or does not answer.
    """
    address, headers = (url.rstrip("/"), {}) if url else _own_address(chosen_settings())
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
        raise click.UsageError(f"{address} is no http or https URL.")
    try:
        body = read_ready(address, headers)
    except (OSError, HTTPException) as error:
        fail(f"{address} does not answer: {getattr(error, 'reason', None) or error}.")
    try:
        readiness = msgspec.json.decode(body, type=_Readiness)
    except msgspec.DecodeError:
        fail(f"{address} is not this service: {json.dumps(body[:80].decode('utf-8', 'replace'))}.")
    problems = " ".join(readiness.problems)
    if not readiness.ready:
        fail(f"{address} is not ready: {problems}")
    click.echo(
        f"{address} is ready; the last entry has position {readiness.head}. {problems}".rstrip()
    )


def is_ready(address: str) -> bool:
    """Return whether a service answers that it is ready."""
    try:
        return msgspec.json.decode(read_ready(address), type=_Readiness).ready
    except (OSError, HTTPException, msgspec.DecodeError):
        return False


def read_ready(address: str, headers: dict[str, str] | None = None) -> bytes:
    """Return the answer of /health/ready, also if it is that the service is not ready.

    The loopback is never asked through a proxy. Raises OSError or HTTPException.
    """
    local = is_loopback(urlsplit(address).hostname or "")
    opener = build_opener(*([ProxyHandler({})] if local else []))
    request = Request(f"{address}/health/ready", headers=headers or {})  # noqa: S310  http or https
    try:
        with opener.open(request, timeout=ANSWER_SECONDS) as answer:
            return bytes(answer.read(ANSWER_BYTES_MAX))
    except HTTPError as error:
        with error:
            return error.read(ANSWER_BYTES_MAX)


def _own_address(chosen: Settings) -> tuple[str, dict[str, str]]:
    """Return where this machine reaches its own service, and under which name of a host."""
    host = ip_address(chosen.TRACKER_HOST)
    if host.is_unspecified:
        host = ip_address("127.0.0.1" if host.version == 4 else "::1")  # noqa: PLR2004
    name = f"[{host}]" if host.version == 6 else f"{host}"  # noqa: PLR2004
    return f"http://{name}:{chosen.TRACKER_PORT}", {"Host": "localhost"}
