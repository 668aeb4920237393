"""Saved filters: a person's own addresses of filtered lists, by a name of their choice."""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from adapters.postgres.binary import bigint, moment, text
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.vocabulary.values import ActorId

SAVED_MAX = 20
"""The most filters that a person keeps."""
NAME_MAX = 80
QUERY_MAX = 1_000
"""The most characters of a filter's query string."""


class SavedFilter(Struct, frozen=True):
    """A filter of a list: the page's path and its query string."""

    name: str
    path: str
    query: str

    @property
    def href(self) -> str:
        """The address of the filtered list."""
        return f"{self.path}?{self.query}" if self.query else self.path


def saved_by(actor: ActorId) -> QuerySteps[list[SavedFilter]]:
    """Return a person's filters, in the order of their names."""
    sql: LiteralString = (
        "SELECT name, path, query FROM saved_filters WHERE actor = $1 ORDER BY name LIMIT $2"
    )
    saved = yield from rows(Query(sql, [text(actor), bigint(SAVED_MAX)]))
    return [SavedFilter(*row) for row in saved]


def save(actor: ActorId, saved: SavedFilter, at: datetime) -> QuerySteps[bool]:
    """Save a filter, in place of one of that name; False if the person has SAVED_MAX others."""
    sql: LiteralString = (
        "INSERT INTO saved_filters (actor, name, path, query, at) SELECT $1, $2, $3, $4, $5"
        " WHERE (SELECT count(*) FROM saved_filters WHERE actor = $1 AND name <> $2) < $6"
        " ON CONFLICT (actor, name) DO UPDATE"
        " SET path = excluded.path, query = excluded.query, at = excluded.at RETURNING name"
    )
    parameters = [
        *map(text, (actor, saved.name, saved.path, saved.query)), moment(at), bigint(SAVED_MAX),
    ]  # fmt: skip
    return bool((yield from once(Query(sql, parameters))))


def delete(actor: ActorId, name: str) -> QuerySteps[bool]:
    """Delete a person's filter; return whether it existed."""
    sql: LiteralString = "DELETE FROM saved_filters WHERE actor = $1 AND name = $2 RETURNING name"
    return bool((yield from once(Query(sql, [text(actor), text(name)]))))
