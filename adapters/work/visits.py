"""Visits to the start page, so that it can say what is new since the last one.

A visit lasts as long as the page is opened again within VISIT; the one before it is the last.
"""

from datetime import datetime, timedelta
from typing import LiteralString

from adapters.postgres.binary import moment, text
from adapters.postgres.query import Query, QuerySteps, once
from domain.vocabulary.values import ActorId

VISIT = timedelta(hours=1)
"""How long a visit goes on after the page was opened last."""
OVERLAP = timedelta(minutes=1)
"""The last minute of a visit counts as new again, because a list may be behind the record."""


def visit(actor: ActorId, at: datetime) -> QuerySteps[datetime | None]:
    """Note a visit at a moment; return the end of the visit before, None for the first visit."""
    sql: LiteralString = (
        "INSERT INTO visits AS v (actor, seen_at) VALUES ($1, $2)"
        " ON CONFLICT (actor) DO UPDATE SET seen_at = greatest(v.seen_at, excluded.seen_at),"
        " before_at = CASE WHEN v.seen_at < $3 THEN v.seen_at ELSE v.before_at END"
        " RETURNING before_at"
    )
    parameters = [text(actor), moment(at), moment(at - VISIT)]
    row = (yield from once(Query(sql, parameters)))[0]
    return row[0] if row[0] is None else row[0] - OVERLAP
