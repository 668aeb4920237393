"""The results of a search in the read models: by reference or number, and by words.

They are as of today, as known now. What has a reference or an id is shown whatever its force;
results by words are of all forces but training, or of training alone.
"""

from contextlib import suppress
from datetime import date
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.folding import folded
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Code
from projections.bitemporal import NOW
from projections.filters import force_condition
from projections.register.listing import OVERDUE_IF_KNOWN, RegisterItem
from projections.register.model import Register
from projections.register.standing import COLUMNS, Standing
from projections.reports.listing import ReportItem
from projections.reports.model import COLUMNS as LISTED_COLUMNS
from projections.reports.model import ListedReport, Reports
from projections.search.question import MATCHES, text_query
from projections.statements.listing import StatementItem
from projections.statements.model import COLUMNS as SAID_COLUMNS
from projections.statements.model import Said, Statements

ListsCursor: TypeAlias = Cursor[Any]
"""A cursor over the read models."""
COUNTED_MAX = 1_000
"""The most results of a kind that are counted, and from which the best are chosen."""
SHOWN = 5
"""The most results of each kind; the lists have the rest."""


class RecordResults(Struct, frozen=True):
    """All that is on record under a reference, an id or a number of the withdrawn register."""

    recommendations: tuple[RegisterItem, ...]
    reports: tuple[ReportItem, ...]
    statements: tuple[StatementItem, ...]


class RecommendationResults(Struct, frozen=True):
    """The recommendations whose words match best; `count` ends at the most that are counted."""

    count: int
    items: tuple[RegisterItem, ...]


class StatementResults(Struct, frozen=True):
    """The newest statements that match; `count` ends at the most that are counted."""

    count: int
    items: tuple[StatementItem, ...]


class ReportResults(Struct, frozen=True):
    """The newest reports that match; `count` ends at the most that are counted."""

    count: int
    items: tuple[ReportItem, ...]


class WordsFilter(Struct, frozen=True):
    """Words to search for, of one force, of training alone, or of all else."""

    question: str
    force: Code | None = None
    training: bool = False

    @property
    def of_force(self) -> LiteralString:
        """The SQL condition for rows of the forces."""
        return force_condition(self.force, training=self.training)

    def parameters(self, today: date) -> dict[str, object]:
        """Return the parameters of each statement below."""
        return {
            "q": text_query(self.question),
            "force": self.force,
            "today": today,
            "most": COUNTED_MAX,
            "limit": SHOWN,
        }


_STANDING: LiteralString = (
    "SELECT s.stream, "
    + OVERDUE_IF_KNOWN
    + ", "
    + ", ".join("w.text" if name == "text" else "s." + name for name in COLUMNS)
    + " FROM "
    + Register.schema
    + ".standing s JOIN "
    + Register.schema
    + ".wording w ON w.id = s.text_id WHERE "
    + NOW
)
_LISTED: LiteralString = (
    "SELECT stream, "
    + ", ".join(LISTED_COLUMNS)
    + " FROM "
    + Reports.schema
    + ".listing WHERE "
    + NOW
)
_SAID: LiteralString = (
    "SELECT stream, "
    + ", ".join(SAID_COLUMNS)
    + " FROM "
    + Statements.schema
    + ".said WHERE "
    + NOW
)

_POSITION: LiteralString = (
    "SELECT coalesce(least((SELECT max(notification_id) FROM " + Register.tracking + "),"
    " (SELECT max(notification_id) FROM " + Reports.tracking + "),"
    " (SELECT max(notification_id) FROM " + Statements.tracking + ")), 0)"
)


def recommendations_statement(filters: WordsFilter) -> LiteralString:
    """Return the SQL of the best recommendations, each with the count of all.

    Those of a force are few, and looked through; else the words lead to the recommendations. The
    planner would choose by statistics, and read the whole register for a word that most texts have.
    """
    few = filters.force is not None or filters.training
    worded: LiteralString = (
        "SELECT id, search FROM " + Register.schema + ".wording WHERE search @@ " + MATCHES
    )
    current: LiteralString = (
        "SELECT stream, reference, text_id FROM "
        + Register.schema
        + ".standing WHERE "
        + NOW
        + " AND "
        + filters.of_force
    )
    matching: LiteralString = (
        "(" + current + ") s JOIN LATERAL (" + worded + " AND id = s.text_id OFFSET 0) w ON true"
        if few
        else "("
        + worded
        + ") w JOIN LATERAL ("
        + current
        + " AND text_id = w.id OFFSET 0) s ON true"
    )
    return (
        "WITH matching AS MATERIALIZED (SELECT s.stream, s.reference, w.search FROM "
        + matching
        + " LIMIT %(most)s), best AS MATERIALIZED (SELECT stream, row_number() OVER"
        " (ORDER BY ts_rank(search, " + MATCHES + ", 1) DESC, reference) AS place FROM matching"
        " ORDER BY place LIMIT %(limit)s)"
        " SELECT (SELECT count(*)::int FROM matching), f.* FROM best b JOIN LATERAL ("
        + _STANDING
        + " AND s.stream = b.stream OFFSET 0) f ON true ORDER BY b.place"
    )


def statements_statement(filters: WordsFilter) -> LiteralString:
    """Return the SQL of the newest statements, each with the count of all."""
    matching = _SAID + " AND search @@ " + MATCHES
    return _counted(matching + " AND " + filters.of_force, "said_on")


def reports_statement(filters: WordsFilter) -> LiteralString:
    """Return the SQL of the newest reports, each with the count of all."""
    matching = _LISTED + " AND search @@ " + MATCHES
    return _counted(matching + " AND " + filters.of_force, "published_on")


def _counted(matching: LiteralString, day: LiteralString) -> LiteralString:
    return (
        "WITH matching AS MATERIALIZED ("
        + matching
        + " LIMIT %(most)s) SELECT (SELECT count(*)::int FROM matching), * FROM matching"
        " ORDER BY nullif(" + day + ", 'unknown') DESC NULLS LAST, reference LIMIT %(limit)s"
    )


def recommendations(
    cursor: ListsCursor, filters: WordsFilter, today: date
) -> RecommendationResults:
    """Return the recommendations whose texts or topics have the words, the best first."""
    statement = recommendations_statement(filters)
    rows = cursor.execute(statement, filters.parameters(today)).fetchall()
    return RecommendationResults(_count(rows), tuple(_registered(row[1:]) for row in rows))


def said(cursor: ListsCursor, filters: WordsFilter, today: date) -> StatementResults:
    """Return the statements of sources that have the words, the newest first."""
    statement = statements_statement(filters)
    rows = cursor.execute(statement, filters.parameters(today)).fetchall()
    return StatementResults(_count(rows), tuple(_stated(row[1:]) for row in rows))


def listed(cursor: ListsCursor, filters: WordsFilter, today: date) -> ReportResults:
    """Return the reports with the words in their titles, forces or references, newest first."""
    statement = reports_statement(filters)
    rows = cursor.execute(statement, filters.parameters(today)).fetchall()
    return ReportResults(_count(rows), tuple(_reported(row[1:]) for row in rows))


_BY_REFERENCE: LiteralString = " ORDER BY reference LIMIT %(limit)s"
RECORD_STATEMENTS: tuple[LiteralString, LiteralString, LiteralString] = (
    _STANDING + " AND (s.stream = ANY(%(streams)s) OR s.register_id = %(number)s)" + _BY_REFERENCE,
    _LISTED + " AND stream = ANY(%(streams)s)" + _BY_REFERENCE,
    _SAID + " AND reference = %(slug)s" + _BY_REFERENCE,
)


def on_record(cursor: ListsCursor, question: str, today: date) -> RecordResults:
    """Return what is on record under a reference, an id or a number of the withdrawn register."""
    query = record_parameters(question, today)
    registered, reported, stated = (
        cursor.execute(statement, query).fetchall() for statement in RECORD_STATEMENTS
    )
    return RecordResults(
        tuple(map(_registered, registered)),
        tuple(map(_reported, reported)),
        tuple(map(_stated, stated)),
    )


def record_parameters(question: str, today: date) -> dict[str, object]:
    """Return the parameters of `RECORD_STATEMENTS`. A reference may be typed with spaces."""
    typed = question.strip().strip("#").strip()
    slug = folded(typed).replace(" ", "-")
    streams = [recommendation_id(slug), report_id(slug)]
    with suppress(ValueError):
        streams.append(UUID(typed))
    return {"streams": streams, "slug": slug, "number": typed, "today": today, "limit": SHOWN}


ABOUT: LiteralString = (
    "SELECT EXISTS (SELECT FROM "
    + Register.schema
    + ".standing WHERE force = %(force)s AND "
    + NOW
    + ") OR EXISTS (SELECT FROM "
    + Reports.schema
    + ".listing WHERE force = %(force)s AND "
    + NOW
    + ") OR EXISTS (SELECT FROM "
    + Statements.schema
    + ".said WHERE force = %(force)s AND "
    + NOW
    + ")"
)
"""The SQL of whether anything is about a force."""


def is_about(cursor: ListsCursor, force: Code) -> bool:
    """Return whether a recommendation, report or statement on record is about a force."""
    row = cursor.execute(ABOUT, {"force": force}).fetchone()
    return bool(row and row[0])


def position(cursor: ListsCursor) -> int:
    """Return the position that all the searched read models have reached."""
    row = cursor.execute(_POSITION).fetchone()
    return row[0] if row else 0


def _count(rows: list[Any]) -> int:
    return rows[0][0] if rows else 0


def _registered(row: Any) -> RegisterItem:  # noqa: ANN401  a row of any columns
    return RegisterItem(row[0], Standing(*row[2:]), row[1])


def _reported(row: Any) -> ReportItem:  # noqa: ANN401  as above
    return ReportItem(row[0], ListedReport(*row[1:]))


def _stated(row: Any) -> StatementItem:  # noqa: ANN401  as above
    return StatementItem(row[0], Said(*row[1:]))
