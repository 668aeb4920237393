"""People as an identity provider knows them: the only place where their names are kept."""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from adapters.postgres.binary import bigint, text
from adapters.postgres.query import Query, RunQueries, once, rows
from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, Code


class Known(Struct, frozen=True):
    """A person who has signed in, with the role they had then; `public` once they lost it."""

    actor: ActorId
    name: str | None
    role: Role
    force: Code | None
    signed_in_at: datetime


class People:
    """Lists people and changes their names. Belongs to one event loop."""

    def __init__(self, ask: RunQueries) -> None:
        self._ask = ask

    async def listing(self, limit: int, after: ActorId | None = None) -> list[Known]:
        """Return up to `limit` people in the order of their actors, after `after`."""
        sql: LiteralString = (
            "SELECT actor, name, role, force, signed_in_at FROM people"
            " WHERE actor > $1 ORDER BY actor LIMIT $2"
        )
        people = await self._ask(rows(Query(sql, [text(after or ""), bigint(limit)])))
        return [Known(row[0], row[1], Role(row[2]), *row[3:]) for row in people]

    async def rename(self, actor: ActorId, name: str | None) -> bool:
        """Change or remove a person's name; return whether the person exists.

        The next sign-in sets the name again, as the identity provider has it.
        """
        sql: LiteralString = (
            "UPDATE people SET name = nullif($2, '') WHERE actor = $1 RETURNING actor"
        )
        return bool(await self._ask(once(Query(sql, [text(actor), text(name or "")]))))
