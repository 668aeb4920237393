"""Who asks: the holder of a bearer token, or the public. Deny by default.

Every route takes a token but those marked with `opt={"public": True}`. A token that is sent has
to be valid, wherever it is sent. Where the database may be away (`opt={"offline": True}`), only
its checksum is looked at.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from adapters.tokens import Tokens, well_formed
from api.limits import Limits, client_of
from api.problems import Asker, Trouble
from domain.permissions import SIGHTS, Forbidden
from domain.stamp import PUBLIC, Who

Connection: TypeAlias = ASGIConnection[BaseRouteHandler, Who, str, State]
Gate: TypeAlias = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def gate(tokens: Tokens, limits: Limits) -> Gate:
    """What every request has to pass before anything else is looked at."""

    async def pass_(connection: Connection, handler: BaseRouteHandler) -> None:
        who = PUBLIC
        text = _sent(connection)
        if text is not None:
            if "offline" in handler.opt:
                found = PUBLIC if well_formed(text) else None
            else:
                found = await tokens.who(text)
                if found is None and well_formed(text):
                    # A slip of the pen has another checksum, costs no query, and is not counted.
                    await limits.take_if_counted("token", client_of(connection.scope))
            if found is None:
                raise Trouble("invalid-token")
            who = found
        elif not is_public(handler):
            raise Trouble("unauthenticated")
        _check_sight(who, handler)
        connection.scope["state"]["who"] = who

    return pass_


def is_public(handler: BaseRouteHandler) -> bool:
    """Say whether a route answers without a token; what methods there are is no secret."""
    return "public" in handler.opt or getattr(handler, "http_methods", None) == {"OPTIONS"}


def who_asks(request: Asker) -> Who:
    """The asker, as the gate found out."""
    found: Who = request.scope["state"]["who"]
    return found


def _sent(connection: Connection) -> str | None:
    headers = connection.headers.getall("authorization", [])
    if not headers:
        return None
    scheme, _, text = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer":
        raise Trouble("invalid-token")
    return text.strip()


def _check_sight(who: Who, handler: BaseRouteHandler) -> None:
    sight = handler.opt.get("sight")
    if sight is not None and who.role not in SIGHTS[sight]:
        roles = ", ".join(sorted(SIGHTS[sight]))
        raise Forbidden(f"The role {who.role} may not read this; it takes: {roles}.")
