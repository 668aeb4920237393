"""The judgements of claims, counted by force."""

from datetime import date
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.values import Code
from projections.filters import ForceFilter
from projections.progress.claims import ClaimsMade


class Accuracy(Struct, frozen=True):
    """How the claims of a force were judged, each by its first judgement."""

    force: Code
    claims: int
    waiting: int
    verified: int
    met: int
    partly_met: int
    not_met: int
    returned: int
    closed_otherwise: int
    days: float | None
    """The median of the days from claim to judgement; None without two dates known to the day."""


_JUDGED: LiteralString = ", ".join(
    [
        "count(*) FILTER (WHERE judgement = '" + judgement + "')"
        for judgement in ("verified", "met", "partly_met", "not_met", "returned")
    ]
)


def accuracy_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the judgements of each force."""
    return (
        "SELECT p.notification_id, s.* FROM " + ClaimsMade.tracking + " p LEFT JOIN LATERAL ("
        "SELECT force, count(*), count(*) FILTER (WHERE judgement IS NULL), "
        + _JUDGED
        + ", count(*) FILTER (WHERE judgement = 'closed_otherwise'),"
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FROM "
        + ClaimsMade.schema
        + ".claim WHERE "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY force) s ON true WHERE p.application_name = 'ledger' ORDER BY s.force"
    )


def read_accuracy(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Accuracy, ...], int]:
    """Return the judgements by force, of forces with claims alone, and the ledger position."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(accuracy_statement(filters), query).fetchall()
    counted = tuple(Accuracy(*row[1:]) for row in rows if row[1] is not None)
    return counted, rows[0][0] if rows else 0
