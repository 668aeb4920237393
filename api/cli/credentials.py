"""`tracker signin-link` and `tracker token`: how people and tools are let in by an operator."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from adapters.identity import tokens
from adapters.identity.links import actor_of, make_link
from adapters.postgres.database import OWNER, Database
from api.cli.context import fail, opened_database, recording, telling_usage
from domain.access.sign_in import PEOPLES_ROLES
from domain.vocabulary.actors import Actor, Role, Scope

TOKEN_DAYS = 30


@click.command("signin-link")
@click.option(
    "--role", type=click.Choice(sorted(role.value for role in PEOPLES_ROLES)), required=True
)
@click.option("--force", help="The one force that a force or its body answers for.")
@click.option("--actor", help="Who signs in: an identifier, never a name; else local-ROLE.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Where the service listens.")
def sign_in_link(role: str, force: str | None, actor: str | None, port: int | None) -> None:
    """Print a link to sign in by, once and within ten minutes; without an identity provider."""
    with opened_database() as (found, chosen):
        if chosen.provider is not None:
            raise click.UsageError("People sign in through the identity provider that is set.")
        guest = Actor(actor or actor_of(Role(role)), Role(role), force)
        host, number = chosen.TRACKER_HOST, chosen.TRACKER_PORT if port is None else port
        address = chosen.TRACKER_PUBLIC_URL or url_of(host, number)
        with telling_usage():
            click.echo(link_for(found, address, guest))


@click.group()
def token() -> None:
    """Make, list, replace and revoke the tokens of tools."""


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
    with opened_database() as (found, _), recording(found) as record, telling_usage():
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
    with opened_database() as (found, _), recording(found) as record, telling_usage():
        text, successor = tokens.rotate(
            found.conninfo(OWNER), identity, expires_at=ends, record=record, overlap=overlap
        )
    click.echo(f"{successor} ends {ends:%Y-%m-%d %H:%M} UTC", err=True)
    click.echo(text)


@token.command("list")
def list_tokens() -> None:
    """List the tokens; the texts are not kept."""
    with opened_database() as (found, _):
        for listed in tokens.listing(found.conninfo(OWNER)):
            click.echo(listed)


@token.command()
@click.argument("identity", type=click.UUID)
def revoke(identity: UUID) -> None:
    """End a token now."""
    with opened_database() as (found, _), recording(found) as record:
        if not tokens.revoke(found.conninfo(OWNER), identity, record=record):
            fail(f"There is no live token {identity}.")
    click.echo("Revoked.")


def link_for(found: Database, address: str, actor: Actor) -> str:
    """A one-time link for somebody. Raises ValueError in words if there cannot be one."""
    return f"{address.rstrip('/')}/sign-in/link#{make_link(found.conninfo(OWNER), actor)}"


def url_of(host: str, port: int) -> str:
    """The address of a service that listens there."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _ends(expires: datetime | None) -> datetime:
    return expires.replace(tzinfo=UTC) if expires else datetime.now(UTC) + timedelta(TOKEN_DAYS)
