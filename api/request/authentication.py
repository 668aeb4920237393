"""Authentication by bearer token or session cookie; deny by default.

Every route requires a token or a session, except those marked `opt={"public": True}`, which also
answer the public. A token must be valid on every route, and takes precedence over a session
cookie. A cookie without a session is ignored and deleted. Routes that must work without the
database (`opt={"offline": True}`) verify only the checksum of a token. Routes for signing in
(`opt={"sign_in": True}`) ignore any existing session. Routes of private addresses
(`opt={"private_address": kind}`) ignore sessions and whose token it is: the secret in their path
says who reads.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias, cast

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.types import HTTPScope
from msgspec.structs import replace

from adapters.identity.held_forms import HeldForms
from adapters.identity.sessions import Session, Sessions
from adapters.identity.token_format import well_formed
from adapters.identity.tokens import Tokens
from adapters.postgres.query import RunQueries
from adapters.work.private_addresses import PrivateAddress, open_address
from api.http.cookies import SESSION
from api.http.moment import moment, today
from api.http.problems import ProblemError, Request
from api.http.rate_limits import Limits, client_of
from api.request.browser import csrf, unsent_forms
from api.request.credentials import credentials_of, refuse_in_address
from domain.access.permissions import READ_PERMISSIONS, ReadPermission, can_read
from domain.vocabulary.actors import PUBLIC, Actor, Scope
from domain.vocabulary.errors import Forbidden, NotFound

READING = frozenset({Scope.READ})
"""The scopes of a token sent by HTTP Basic."""

Connection: TypeAlias = ASGIConnection[BaseRouteHandler, Actor, str, State]
Guard: TypeAlias = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def authenticate(  # noqa: PLR0917  what it asks, each a service of its own
    tokens: Tokens,
    sessions: Sessions,
    forms: HeldForms,
    addresses: RunQueries,
    limits: Limits,
    public_url: str | None,
) -> Guard:
    """Return the guard that sets the actor of every request and checks read permission.

    `addresses` asks for private addresses. The guard raises ProblemError, NotFound or Forbidden for
    a request that must not proceed.
    """

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        actor = PUBLIC
        refuse_in_address(connection.query_params.multi_items())
        credentials = credentials_of(connection.headers.getall("authorization", []))
        if credentials is not None:
            if "offline" in handler.opt:
                holder = PUBLIC if well_formed(credentials.text) else None
            else:
                holder = await tokens.actor_of(credentials.text)
                if holder is None and well_formed(credentials.text):
                    # A mistyped token fails its checksum, costs no query, and is not counted.
                    await limits.take_if_counted("token", client_of(connection.scope))
            if holder is None:
                raise ProblemError("invalid-token")
            actor = replace(holder, scopes=holder.scopes & READING) if credentials.basic else holder
        if "private_address" in handler.opt:
            await _open_private_address(connection, handler, addresses)
            return
        if credentials is None:
            if session := await _session(connection, handler, sessions, forms, public_url):
                actor = session.actor
            elif not is_public(handler):
                await _hold_form(connection, forms, limits, public_url)
                raise ProblemError("unauthenticated")
        connection.scope["state"]["actor"] = actor
        _check_read_permission(actor, handler)

    return guard


def is_public(handler: BaseRouteHandler) -> bool:
    """Return whether a route answers without a token; OPTIONS always does."""
    return "public" in handler.opt or getattr(handler, "http_methods", None) == {"OPTIONS"}


def current_actor(request: Request) -> Actor:
    """Return the actor of a request, as set by the guard."""
    actor: Actor = request.scope["state"]["actor"]
    return actor


async def authenticate_again(request: Request) -> Actor:
    """Return the actor of a request that lasts, authenticated as at its beginning.

    Raises what the guard raises.
    """
    await request.route_handler.authorize_connection(request)  # pyright: ignore[reportUnknownMemberType]
    return current_actor(request)


def session_of(request: Request) -> Session | None:
    """Return the session of a request, as set by the guard; None for tokens and the public."""
    session: Session | None = request.scope["state"]["session"]
    return session


def private_address_of(request: Request) -> PrivateAddress:
    """Return the private address at which a request came, as set by the guard."""
    address: PrivateAddress = request.scope["state"]["private_address"]
    return address


async def _open_private_address(
    connection: Connection, handler: BaseRouteHandler, ask: RunQueries
) -> None:
    """Set the owner of a private address as the actor. Raises NotFound if it opens nothing."""
    kind, secret = handler.opt["private_address"], str(connection.path_params["secret"])
    opened = await ask(open_address(secret, kind, moment(), today()))
    if opened is None:
        raise NotFound("Nothing exists at this URL.")
    state = connection.scope["state"]
    state["actor"], state["private_address"] = opened.owner, opened.address


async def _hold_form(
    connection: Connection, forms: HeldForms, limits: Limits, public_url: str | None
) -> None:
    """Hold a form that our own page sent after its session had ended, with its cookie or without.

    What proves whose it is is the form's own token.
    """
    if _is_unsafe(connection):
        with suppress(ProblemError):
            csrf.check_source(connection.headers, public_url)
            await unsent_forms.hold(_request(connection), forms, limits)


async def _session(
    connection: Connection,
    handler: BaseRouteHandler,
    sessions: Sessions,
    forms: HeldForms,
    public_url: str | None,
) -> Session | None:
    """Return the session of a request's cookie.

    Raises ProblemError ("cross-site") if another site may have sent the request.
    """
    unsafe = _is_unsafe(connection)
    if "sign_in" in handler.opt:
        if unsafe:
            csrf.check_source(connection.headers, public_url)
        return None
    secret = connection.cookies.get(SESSION)
    if secret is None or "offline" in handler.opt:
        return None
    state = connection.scope["state"]
    session = await sessions.find(secret)
    if session is None:
        state["cleared"].add(SESSION)
        return None
    state["actor"] = session.actor  # the body of a form, read for its CSRF token, is counted for it
    if unsafe:
        csrf.check_source(connection.headers, public_url)
        request = _request(connection)
        try:
            await csrf.check_token(request, secret)
        except ProblemError:
            state["session"] = session  # for the page that shows the form again
            await unsent_forms.show_again(request, session)
            raise
        await unsent_forms.forget(request, forms)
    state["session"] = session
    return session


def _is_unsafe(connection: Connection) -> bool:
    return cast("HTTPScope", connection.scope)["method"] not in csrf.SAFE_METHODS


def _request(connection: Connection) -> Request:
    return Request(connection.scope, connection.receive, connection.send)


def _check_read_permission(actor: Actor, handler: BaseRouteHandler) -> None:
    sight = handler.opt.get("sight")
    if sight is not None and not can_read(actor, sight):
        if sight is ReadPermission.ACCESS:
            raise NotFound("Nothing exists at this URL.")
        if actor.role in READ_PERMISSIONS[sight]:
            raise Forbidden("This token may only write.")
        roles = ", ".join(sorted(READ_PERMISSIONS[sight]))
        words = f"The role {actor.role} cannot read this. Only these roles can: {roles}."
        raise Forbidden(words, READ_PERMISSIONS[sight])
