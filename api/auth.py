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
from msgspec.structs import replace

from adapters.tokens import Tokens, well_formed
from api.credentials import refuse_in_address, sent
from api.limits import Limits, client_of
from api.problems import Asker, Trouble
from domain.permissions import SIGHTS, Absent, Forbidden, Sight, sees
from domain.stamp import PUBLIC, Scope, Who

READING = frozenset({Scope.READ})
"""What a token that comes by HTTP Basic may do."""

Connection: TypeAlias = ASGIConnection[BaseRouteHandler, Who, str, State]
Gate: TypeAlias = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def gate(tokens: Tokens, limits: Limits) -> Gate:
    """What every request has to pass before anything else is looked at."""

    async def pass_(connection: Connection, handler: BaseRouteHandler) -> None:
        who = PUBLIC
        refuse_in_address(connection.query_params.multi_items())
        credentials = sent(connection.headers.getall("authorization", []))
        if credentials is not None:
            if "offline" in handler.opt:
                found = PUBLIC if well_formed(credentials.text) else None
            else:
                found = await tokens.who(credentials.text)
                if found is None and well_formed(credentials.text):
                    # A slip of the pen has another checksum, costs no query, and is not counted.
                    await limits.take_if_counted("token", client_of(connection.scope))
            if found is None:
                raise Trouble("invalid-token")
            who = replace(found, scopes=found.scopes & READING) if credentials.basic else found
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


def _check_sight(who: Who, handler: BaseRouteHandler) -> None:
    sight = handler.opt.get("sight")
    if sight is not None and not sees(who, sight):
        if sight is Sight.ACCESS:
            raise Absent("There is no such thing.")
        if who.role in SIGHTS[sight]:
            raise Forbidden("This token may only write.")
        roles = ", ".join(sorted(SIGHTS[sight]))
        raise Forbidden(f"The role {who.role} may not read this; it takes: {roles}.")
