"""Who asks: the holder of a bearer token, somebody who signed in, or the public. Deny by default.

Every route takes a token or a session but those marked with `opt={"public": True}`. A token that
is sent has to be valid, wherever it is sent, and beside it a session's cookie counts for nothing.
A cookie that no session has is as good as none, and is cleared. Where the database may be away
(`opt={"offline": True}`), only a token's checksum is looked at; who signs in
(`opt={"sign_in": True}`) does so whatever session they had.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.types import HTTPScope
from msgspec.structs import replace

from adapters.identity.sessions import Session, Sessions
from adapters.identity.token_format import well_formed
from adapters.identity.tokens import Tokens
from api.http.cookies import SESSION
from api.http.problems import ProblemError, Request
from api.http.rate_limits import Limits, client_of
from api.request import csrf
from api.request.credentials import refuse_in_address, sent
from domain.access.permissions import READ_PERMISSIONS, ReadPermission, can_read
from domain.vocabulary.actors import PUBLIC, Actor, Scope
from domain.vocabulary.errors import Forbidden, NotFound

READING = frozenset({Scope.READ})
"""What a token that comes by HTTP Basic may do."""

Connection: TypeAlias = ASGIConnection[BaseRouteHandler, Actor, str, State]
Guard: TypeAlias = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def authenticate(
    tokens: Tokens, sessions: Sessions, limits: Limits, public_url: str | None
) -> Guard:
    """What every request has to pass before anything else is looked at."""

    async def pass_(connection: Connection, handler: BaseRouteHandler) -> None:
        actor = PUBLIC
        refuse_in_address(connection.query_params.multi_items())
        credentials = sent(connection.headers.getall("authorization", []))
        if credentials is not None:
            if "offline" in handler.opt:
                found = PUBLIC if well_formed(credentials.text) else None
            else:
                found = await tokens.actor_of(credentials.text)
                if found is None and well_formed(credentials.text):
                    # A slip of the pen has another checksum, costs no query, and is not counted.
                    await limits.take_if_counted("token", client_of(connection.scope))
            if found is None:
                raise ProblemError("invalid-token")
            actor = replace(found, scopes=found.scopes & READING) if credentials.basic else found
        elif session := await _session(connection, handler, sessions, public_url):
            actor = session.actor
        elif not is_public(handler):
            raise ProblemError("unauthenticated")
        connection.scope["state"]["actor"] = actor
        _check_read_permission(actor, handler)

    return pass_


def is_public(handler: BaseRouteHandler) -> bool:
    """Say whether a route answers without a token; what methods there are is no secret."""
    return "public" in handler.opt or getattr(handler, "http_methods", None) == {"OPTIONS"}


def current_actor(request: Request) -> Actor:
    """The asker, as the gate found out."""
    found: Actor = request.scope["state"]["actor"]
    return found


def session_of(request: Request) -> Session | None:
    """The asker's session, as the gate found out; none of who sent a token, and of the public."""
    found: Session | None = request.scope["state"]["session"]
    return found


async def _session(
    connection: Connection, handler: BaseRouteHandler, sessions: Sessions, public_url: str | None
) -> Session | None:
    """The session of a request's cookie; raises ProblemError if another site may have sent it."""
    unsafe = cast("HTTPScope", connection.scope)["method"] not in csrf.SAFE
    if "sign_in" in handler.opt:
        if unsafe:
            csrf.check_source(connection.headers, public_url)
        return None
    secret = connection.cookies.get(SESSION)
    if secret is None or "offline" in handler.opt:
        return None
    state = connection.scope["state"]
    found = await sessions.find(secret)
    if found is None:
        state["cleared"].add(SESSION)
        return None
    if unsafe:
        request: Request = Request(connection.scope, connection.receive, connection.send)
        await csrf.check(request, secret, public_url)
    state["session"] = found
    return found


def _check_read_permission(actor: Actor, handler: BaseRouteHandler) -> None:
    sight = handler.opt.get("sight")
    if sight is not None and not can_read(actor, sight):
        if sight is ReadPermission.ACCESS:
            raise NotFound("There is no such thing.")
        if actor.role in READ_PERMISSIONS[sight]:
            raise Forbidden("This token may only write.")
        roles = ", ".join(sorted(READ_PERMISSIONS[sight]))
        raise Forbidden(f"The role {actor.role} may not read this; it takes: {roles}.")
