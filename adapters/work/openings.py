"""The streams in which a dispute or a question was opened last."""

from typing import Final, LiteralString
from uuid import UUID

from adapters.postgres.binary import bigint
from adapters.postgres.query import Query, QuerySteps, rows

OPENINGS_MAX: Final = 500
"""The most openings that are looked at, the last first."""

_LAST: LiteralString = (
    "SELECT originator_id FROM ledger_events WHERE topic IN ('recommendation.disputed',"
    " 'report.disputed', 'recommendation.question_asked', 'report.question_asked')"
    " ORDER BY notification_id DESC LIMIT $1"
)


def streams_with_threads() -> QuerySteps[tuple[UUID, ...]]:
    """Return the streams of the last openings, that of the last first."""
    last = yield from rows(Query(_LAST, [bigint(OPENINGS_MAX)]))
    return tuple(dict.fromkeys(row[0] for row in last))
