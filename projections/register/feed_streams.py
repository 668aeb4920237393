"""The streams whose entries a feed may have, from the list of reports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Cursor

from domain.vocabulary.values import Code
from projections.filters import force_condition
from projections.reports.model import Reports

_ADDRESSED: LiteralString = Reports.schema + ".addressed WHERE addressee = %(force)s"
_RECOMMENDATIONS: LiteralString = (
    "SELECT stream, min(known_from) FROM " + _ADDRESSED + " GROUP BY stream"
)
_TRAINING: LiteralString = (
    "SELECT stream FROM (SELECT stream, addressee AS force FROM "
    + Reports.schema
    + ".addressed UNION SELECT stream, force FROM "
    + Reports.schema
    + ".listing) s WHERE "
    + force_condition(None, training=True)
)
_REPORTS: LiteralString = (
    "SELECT stream, min(known_from) FROM (SELECT stream, known_from FROM "
    + Reports.schema
    + ".listing WHERE force = %(force)s UNION ALL SELECT report, known_from FROM "
    + _ADDRESSED
    + ") s GROUP BY stream"
)

Streams = Mapping[UUID, datetime]
"""Streams, each with the moment since which it is known to be of a force."""


def recommendation_streams(cursor: Cursor[Any], force: Code) -> Streams:
    """Return the recommendations that were ever known to be addressed to a force."""
    return dict(cursor.execute(_RECOMMENDATIONS, {"force": force}).fetchall())


def report_streams(cursor: Cursor[Any], force: Code) -> Streams:
    """Return the reports about a force, and those with a recommendation to it."""
    return dict(cursor.execute(_REPORTS, {"force": force}).fetchall())


def training_streams(cursor: Cursor[Any]) -> list[UUID]:
    """Return the reports and recommendations of training, which are in no feed."""
    return [stream for (stream,) in cursor.execute(_TRAINING).fetchall()]
