"""An operator gives access to people and tools: sign-in links, tokens, logins for SQL, webhooks."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import click
import msgspec

from adapters.clock import new_entry_id, now
from adapters.identity import tokens
from adapters.identity.links import default_actor, make_link
from adapters.ledger.queries import ends
from adapters.notices import subscriptions
from adapters.notices.delivery import SUCCESS, deliver_test
from adapters.notices.outgoing import check_url
from adapters.notices.subscriptions import NewSubscription, new_secret, shown_secret
from adapters.postgres.database import OWNER, PROJECTOR, Database
from adapters.postgres.upkeep.bi_logins import Audience, make_login, remove_login
from api.cli.context import fail, opened_database, opened_ledger, recording, usage_errors
from domain.access.sign_in import PEOPLES_ROLES
from domain.vocabulary.actors import Actor, Role, Scope
from domain.vocabulary.forces import ADDRESSEES, is_training

TOKEN_DAYS = 30


@click.command("signin-link")
@click.option(
    "--role", type=click.Choice(sorted(role.value for role in PEOPLES_ROLES)), required=True
)
@click.option(
    "--force", help="Police force, such as kent; only for the roles force and local_policing_body."
)
@click.option("--actor", help="Identifier of the person, never a name.  [default: local-ROLE]")
@click.option("--name", help="Name by which colleagues can pick the person; not in the ledger.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port the service listens on.")
def sign_in_link(
    role: str, force: str | None, actor: str | None, name: str | None, port: int | None
) -> None:
    """Print a one-time sign-in link, valid for ten minutes.

    Only for a service without an identity provider.
    """
    with opened_database() as (db, chosen):
        if chosen.provider is not None:
            raise click.UsageError(
                "Sign-in links are disabled: an identity provider is configured."
            )
        guest = Actor(actor or default_actor(Role(role)), Role(role), force)
        host, number = chosen.TRACKER_HOST, chosen.TRACKER_PORT if port is None else port
        address = chosen.TRACKER_PUBLIC_URL or url_of(host, number)
        with usage_errors():
            click.echo(link_for(db, address, guest, name))


@click.command("bi-login")
@click.argument("name")
@click.option("--audience", type=click.Choice([audience.value for audience in Audience]))
@click.option("--force", help="Police force, such as kent; only for the audience force.")
@click.option("--remove", is_flag=True, help="Remove the login instead.")
def bi_login(name: str, audience: str | None, force: str | None, *, remove: bool) -> None:
    """Make a login that reads the views for dashboards by SQL, and print its password.

    The password is never shown again. Sees what the JSON API shows its audience.
    """
    with opened_database() as (db, _), usage_errors():
        if remove:
            if not remove_login(db.conninfo(OWNER), name):
                fail(f"There is no such login {name}.")
            click.echo("Removed.")
            return
        if audience is None:
            raise click.UsageError("Name its --audience.")
        click.echo(make_login(db.conninfo(OWNER), name, Audience(audience), force))


@click.group()
def token() -> None:
    """Create, list, rotate and revoke API tokens."""


@token.command("create")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role if role not in tokens.WITHOUT_TOKENS]),
    required=True,
)
@click.option(
    "--force", help="Police force, such as kent; only for the roles force and local_policing_body."
)
@click.option(
    "--actor", required=True, help="Identifier the token acts under, never a person's name."
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help=f"Expiry date (00:00 UTC).  [default: in {TOKEN_DAYS} days]",
)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="Scope of the token; repeatable.  [default: all scopes of the role]",
)
def create(
    role: str,
    force: str | None,
    actor: str,
    expires: datetime | None,
    scopes: tuple[str, ...],
) -> None:
    """Create a token and print it; it is never shown again."""
    expires_at = _expires_at(expires)
    with opened_database() as (db, _), recording(db) as record, usage_errors():
        text, identity = tokens.create(
            db.conninfo(OWNER),
            actor=actor,
            role=Role(role),
            force=force,
            expires_at=expires_at,
            record=record,
            scopes=tuple(map(Scope, scopes)) or None,
        )
    click.echo(f"{identity} expires {expires_at:%Y-%m-%d %H:%M} UTC", err=True)
    click.echo(text)


@token.command("rotate")
@click.argument("identity", type=click.UUID)
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 720),
    default=0,
    show_default=True,
    help="How long the old token stays valid.",
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help=f"Expiry date (00:00 UTC).  [default: in {TOKEN_DAYS} days]",
)
def rotate(identity: UUID, overlap_hours: int, expires: datetime | None) -> None:
    """Replace a token with a new one that has the same rights.

    Prints the new token; it is never shown again.
    """
    expires_at, overlap = _expires_at(expires), timedelta(hours=overlap_hours)
    with opened_database() as (db, _), recording(db) as record, usage_errors():
        text, successor = tokens.rotate(
            db.conninfo(OWNER), identity, expires_at=expires_at, record=record, overlap=overlap
        )
    click.echo(f"{successor} expires {expires_at:%Y-%m-%d %H:%M} UTC", err=True)
    click.echo(text)


@token.command("list")
def list_tokens() -> None:
    """List the tokens.

    The text of a token is not stored and cannot be shown.
    """
    with opened_database() as (db, _):
        for row in tokens.listing(db.conninfo(OWNER)):
            click.echo(row)


@token.command()
@click.argument("identity", type=click.UUID)
def revoke(identity: UUID) -> None:
    """Revoke a token immediately."""
    with opened_database() as (db, _), recording(db) as record:
        if not tokens.revoke(db.conninfo(OWNER), identity, record=record):
            fail(f"There is no active token {identity}.")
    click.echo("Revoked.")


@click.group()
def webhook() -> None:
    """Create, try, list and remove webhooks: addresses that notices are sent to."""


@webhook.command("create")
@click.argument("url")
@click.option("--actor", required=True, help="Identifier of the owner, never a person's name.")
@click.option("--force", help="Only notices about that police force, such as kent.")
@click.option("--about", type=click.Choice(["report", "recommendation"]))
@click.option("--training", is_flag=True, help="Notices of training forces, which do not exist.")
@click.option(
    "--filters",
    help="Only changes of a list: what is after the question mark in its address, such as "
    "'force=kent&overdue=true'.",
)
def create_webhook(
    url: str,
    actor: str,
    force: str | None,
    about: str | None,
    filters: str | None,
    *,
    training: bool,
) -> None:
    """Send notices of published steps to URL from now on, and print the secret to check them with.

    The secret is never shown again.
    """
    with opened_database() as (db, chosen), opened_ledger(db) as ledger, usage_errors():
        if chosen.TRACKER_WEBHOOKS == "off":
            raise click.UsageError("TRACKER_WEBHOOKS is off: nothing would be sent.")
        check_url(url, loopback=chosen.TRACKER_WEBHOOKS == "loopback")
        if force is not None and force not in ADDRESSEES:
            raise click.UsageError(f"There is no force {force}.")
        if training and force is not None and not is_training(force):
            raise click.UsageError(f"{force} is not a training force.")
        if filters is not None:
            # Other commands are spared these imports.
            from api.v1.notices.subscriptions import check_filters  # noqa: PLC0415

            check_filters(filters)
        wanted = {
            "url": url,
            "force": force,
            "about": about,
            "training": training,
            "filters": filters,
        }
        new = msgspec.convert(wanted, NewSubscription)
        identity, secret = new_entry_id(), new_secret()
        now_at = ledger.rows.run(ends())
        made = subscriptions.create(actor, identity, new, now=now_at, secret=secret)
        if not ledger.rows.run(made):
            fail(f"{actor} has {subscriptions.EACH_MAX} webhooks, the most there can be.")
    click.echo(str(identity), err=True)
    click.echo(shown_secret(secret))


@webhook.command("list")
def list_webhooks() -> None:
    """List the webhooks of all owners, with how far each has come and how it goes."""
    with opened_database() as (db, _), opened_ledger(db) as ledger:
        for subscription in ledger.rows.run(subscriptions.listing(None)):
            click.echo(str(subscription))


@webhook.command("test")
@click.argument("identity", type=click.UUID)
def try_webhook(identity: UUID) -> None:
    """Send a signed notice of type tracker.test to a webhook now, and say what came of it.

    It tells of no step, and the notices that wait are not affected.
    """
    with opened_database() as (db, chosen), opened_ledger(db, PROJECTOR) as ledger:
        every = {known.id: known for known in ledger.rows.run(subscriptions.listing(None))}
        if identity not in every:
            fail(f"There is no webhook {identity}.")
        secrets = ledger.rows.run(subscriptions.secrets_of(identity))
        loopback = chosen.TRACKER_WEBHOOKS == "loopback"
        status, words = deliver_test(
            every[identity], secrets, new_entry_id(), now(), loopback=loopback
        )
    if status not in SUCCESS:
        fail(f"Not taken: {words}.")
    click.echo(f"Taken: {words}.")


@webhook.command("remove")
@click.argument("identity", type=click.UUID)
def remove_webhook(identity: UUID) -> None:
    """Remove a webhook and its secrets."""
    with opened_database() as (db, _), opened_ledger(db) as ledger:
        if not ledger.rows.run(subscriptions.remove(None, identity)):
            fail(f"There is no webhook {identity}.")
    click.echo("Removed.")


def link_for(db: Database, address: str, actor: Actor, name: str | None = None) -> str:
    """Return a one-time sign-in link for an actor. Raises ValueError if one of them is invalid."""
    return f"{address.rstrip('/')}/sign-in/link#{make_link(db.conninfo(OWNER), actor, name=name)}"


def url_of(host: str, port: int) -> str:
    """Return the URL of a service that listens on a host and port."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _expires_at(expires: datetime | None) -> datetime:
    return expires.replace(tzinfo=UTC) if expires else now() + timedelta(TOKEN_DAYS)
