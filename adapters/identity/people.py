"""People who have signed in: the only place where their names are kept."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import LiteralString

from msgspec import Struct

from adapters.postgres.binary import bigint, moment, text, texts
from adapters.postgres.query import Query, RunQueries, once, rows
from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, Code

COLLEAGUES_MAX = 1_000
"""The most inspectors that pages know by name."""
RECENT = timedelta(days=366)
"""How long ago an inspector signed in, at most, to be offered for new work."""


class Known(Struct, frozen=True):
    """A person who has signed in, with the role they had then; `public` once they lost it."""

    actor: ActorId
    name: str | None
    role: Role
    force: Code | None
    signed_in_at: datetime


class Colleague(Struct, frozen=True):
    """An inspector, as other inspectors know them; without a name, by the identifier."""

    actor: ActorId
    name: str


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

    async def inspectors(self, at: datetime) -> list[Colleague]:
        """Return the inspectors who signed in within a year of `at`, in the order of names.

        At most COLLEAGUES_MAX.
        """
        sql: LiteralString = (
            "SELECT actor, coalesce(name, actor) FROM people"
            " WHERE role = 'inspector' AND signed_in_at > $1"
            " ORDER BY lower(coalesce(name, actor)), actor LIMIT $2"
        )
        people = await self._ask(rows(Query(sql, [moment(at - RECENT), bigint(COLLEAGUES_MAX)])))
        return [Colleague(*row) for row in people]

    async def name_of(self, actor: ActorId) -> str:
        """Return the name of an actor, or the identifier if no name is known."""
        return (await self.names_of([actor])).get(actor, actor)

    async def names_of(self, actors: Collection[ActorId]) -> dict[ActorId, str]:
        """Return the names of those actors of whom a name is known."""
        sql: LiteralString = (
            "SELECT actor, name FROM people WHERE actor = ANY($1) AND name IS NOT NULL"
        )
        return dict(await self._ask(rows(Query(sql, [texts(actors)])))) if actors else {}

    async def rename(self, actor: ActorId, name: str | None) -> bool:
        """Change or remove a person's name; return whether the person exists.

        The next sign-in sets the name again, as the identity provider has it.
        """
        sql: LiteralString = (
            "UPDATE people SET name = nullif($2, '') WHERE actor = $1 RETURNING actor"
        )
        return bool(await self._ask(once(Query(sql, [text(actor), text(name or "")]))))
