"""The queries of the ledger."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.postgres.binary import bigint, bigints, moment, text, uuid, uuids
from adapters.postgres.query import Query, QuerySteps, rows

StoredRow = tuple[UUID, int, str, bytes, int]
"""Stream, step, tag, bytes, position."""

ROW: LiteralString = "originator_id, originator_version, topic, state, notification_id"
"""The columns of a `Row`."""


def of_streams(streams: Sequence[UUID], through: int) -> QuerySteps[list[StoredRow]]:
    """Return every row of some streams up to a position, in order of stream and step.

    The index of positions is avoided: it would read nearly the whole ledger.
    """
    sql: LiteralString = (
        "SELECT " + ROW + " FROM ledger_events WHERE originator_id = ANY($1)"
        " AND notification_id + 0 <= $2 ORDER BY 1, 2"
    )
    return cast("list[StoredRow]", (yield from rows(Query(sql, [uuids(streams), bigint(through)]))))


def page(after: int, limit: int) -> QuerySteps[list[StoredRow]]:
    """Return up to `limit` rows after a position, in order of position."""
    sql: LiteralString = (
        "SELECT " + ROW + " FROM ledger_events WHERE notification_id > $1"
        " ORDER BY notification_id LIMIT $2"
    )
    return cast("list[StoredRow]", (yield from rows(Query(sql, [bigint(after), bigint(limit)]))))


def head() -> QuerySteps[int | None]:
    """Return the last position; None if the ledger is empty."""
    ((last,),) = yield from rows(Query("SELECT max(notification_id) FROM ledger_events"))
    return cast("int | None", last)


PART_ROWS = 5_000
"""How many rows of histories are read at once, so that a long one takes turns with others."""
EVERY_ROW_OF: LiteralString = (
    "SELECT " + ROW + " FROM ledger_events WHERE originator_id = %s ORDER BY originator_version"
)
"""Every row of one stream, for a cursor of psycopg."""
_ONE_SINCE: LiteralString = (
    "SELECT " + ROW + " FROM ledger_events"
    " WHERE originator_id = $1 AND originator_version > $2 ORDER BY originator_version LIMIT $3"
)
"""PostgreSQL takes half as long for this as for a list of one stream."""
_SINCE: LiteralString = (
    "SELECT " + ROW + " FROM unnest($1, $2) AS known (stream, step) JOIN ledger_events"
    " ON originator_id = stream AND originator_version > step ORDER BY 1, 2 LIMIT $3"
)


def since(known: Mapping[UUID, int]) -> QuerySteps[dict[UUID, list[StoredRow]]]:
    """Return the rows of each of some streams after its known step, in order."""
    by_stream: dict[UUID, list[StoredRow]] = {stream: [] for stream in known}
    while known:
        part = yield from rows(_since(known))
        for row in part:
            by_stream[row[0]].append(cast("StoredRow", row))
        if len(part) < PART_ROWS:
            break
        last, step = part[-1][0], part[-1][1]
        known = {stream: had for stream, had in known.items() if stream > last} | {last: step}
    return by_stream


def _since(known: Mapping[UUID, int]) -> Query:
    if len(known) == 1:
        ((stream, step),) = known.items()
        return Query(_ONE_SINCE, [uuid(stream), bigint(step), bigint(PART_ROWS)])
    return Query(_SINCE, [uuids(known), bigints(known.values()), bigint(PART_ROWS)])


_IS_PUBLISHED: LiteralString = (
    " AND NOT starts_with(topic, 'access.') AND topic NOT IN ('recommendation.commented',"
    " 'recommendation.progress_reported', 'recommendation.redaction_requested',"
    " 'recommendation.withdrawal_requested', 'recommendation.suppression_requested',"
    " 'report.redaction_requested', 'report.suppression_requested',"
    " 'recommendation.dispute_replied', 'recommendation.words_proposed',"
    " 'recommendation.question_asked', 'recommendation.question_answered',"
    " 'report.dispute_replied', 'report.words_proposed',"
    " 'report.question_asked', 'report.question_answered')"
)
"""The condition is that of the index in the migration of published positions, word for word."""
_PUBLISHED: LiteralString = (
    _IS_PUBLISHED
    + " AND NOT starts_with(topic, 'inspection.') ORDER BY notification_id DESC LIMIT 1), 0)"
)
"""The index has the few entries of inspections too, which are passed by."""


def published_up_to(position: LiteralString) -> LiteralString:
    """Return the SQL of the position of the last published entry up to a position, or 0."""
    return (
        "SELECT coalesce((SELECT notification_id FROM ledger_events WHERE notification_id <= "
        + position
        + _PUBLISHED
    )


def published_through(position: int) -> QuerySteps[int]:
    """Return the position of the last published entry up to a position, or 0."""
    query = Query(published_up_to("$1"), [bigint(position)])
    return int((yield from rows(query))[0][0])


def published_position(cursor: Cursor[Any], position: int) -> int:
    """Return the same by a cursor of psycopg, for a probe without a pool."""
    row = cursor.execute(published_up_to("%s"), (position,)).fetchone()
    return int(row[0]) if row else 0


PUBLISHED_BETWEEN: LiteralString = (
    "SELECT notification_id, originator_id, originator_version FROM ledger_events"
    " WHERE notification_id > $1 AND notification_id <= $2 AND starts_with(topic, '{}')"
    + _IS_PUBLISHED
    + " ORDER BY notification_id DESC"
)
PUBLISHED_BEFORE: LiteralString = (
    "SELECT notification_id FROM ledger_events WHERE notification_id <= $1"
    " AND starts_with(topic, '{}') AND originator_id <> ALL($2)"
    + _IS_PUBLISHED
    + " ORDER BY notification_id DESC LIMIT 1"
)
LAST_OF_STREAMS = 640
"""Positions enough for the feed of a narrow list, with the archives that it looks into."""
OF_STREAMS_PUBLISHED_BEFORE: LiteralString = (
    "WITH own AS MATERIALIZED (SELECT notification_id FROM ledger_events"
    " WHERE originator_id = ANY($1) AND starts_with(topic, '{}')" + _IS_PUBLISHED + ")"
    " SELECT notification_id FROM own WHERE notification_id <= $2"
    " ORDER BY notification_id DESC LIMIT $3"
)
"""Each stream is read by itself, however rare the entries of all of them are.

The kind of stream is no parameter: an index of the few entries of reports has it as its condition.
"""


FIRST_OF_STREAMS: LiteralString = (
    "SELECT " + ROW + " FROM ledger_events WHERE notification_id > $1 AND notification_id <= $2"
    " AND topic IN ('report.published', 'recommendation.issued')"
    " ORDER BY notification_id LIMIT $3"
)


def first_of_streams(after: int, through: int) -> QuerySteps[list[StoredRow]]:
    """Return the first rows of reports and recommendations in a range of positions, in order."""
    streams: list[StoredRow] = []
    while True:
        query = Query(FIRST_OF_STREAMS, [bigint(after), bigint(through), bigint(PART_ROWS)])
        part = cast("list[StoredRow]", (yield from rows(query)))
        streams += part
        if len(part) < PART_ROWS:
            return streams
        after = part[-1][4]


def published_between(
    kind: LiteralString, after: int, through: int
) -> QuerySteps[list[tuple[int, UUID, int]]]:
    """Return the published entries of a kind of stream in a range of positions, newest first.

    Each is its position, its stream and its step.
    """
    query = Query(PUBLISHED_BETWEEN.format(kind), [bigint(after), bigint(through)])
    return cast("list[tuple[int, UUID, int]]", (yield from rows(query)))


def published_before(
    kind: LiteralString, through: int, *, of: Collection[UUID] | None, but: Collection[UUID] = ()
) -> QuerySteps[list[int]]:
    """Return the last positions of published entries of a kind of stream up to one, last first.

    Of any stream `but` some, that is one position, if there is any; `of` some streams, whose
    entries are all read for it, up to LAST_OF_STREAMS.
    """
    query = (
        Query(PUBLISHED_BEFORE.format(kind), [bigint(through), uuids(but)])
        if of is None
        else Query(
            OF_STREAMS_PUBLISHED_BEFORE.format(kind),
            [uuids(of), bigint(through), bigint(LAST_OF_STREAMS)],
        )
    )
    return [int(row[0]) for row in (yield from rows(query))]


class Ends(Struct, frozen=True):
    """The present lineage of the ledger, its last position, and that of the last published entry.

    A position is 0 if there is no such entry.
    """

    lineage: UUID
    last: int
    published: int


_ENDS: LiteralString = (
    "SELECT (SELECT id FROM ledger_lineages ORDER BY number DESC LIMIT 1), e.last, ("
    + published_up_to("e.last")
    + ") FROM (SELECT coalesce(max(notification_id), 0) AS last FROM ledger_events) e"
)


def ends() -> QuerySteps[Ends]:
    """Return the ends of the ledger, of one moment."""
    return Ends(*(yield from rows(Query(_ENDS)))[0])


def first_steps(streams: Collection[UUID]) -> QuerySteps[list[StoredRow]]:
    """Return the row of the first step of each of some streams."""
    sql: LiteralString = (
        "SELECT " + ROW + " FROM ledger_events"
        " WHERE originator_id = ANY($1) AND originator_version = 1"
    )
    return cast("list[StoredRow]", (yield from rows(Query(sql, [uuids(streams)]))))


def freeze(through: datetime) -> QuerySteps[int]:
    """Freeze every moment up to one, and return the last position.

    No entry is recorded as of a frozen moment any more; every one that was is there by now.
    """
    query = Query("SELECT ledger_freeze($1)", [moment(through)])
    return cast("int", (yield from rows(query))[0][0])


def first_free_moment() -> QuerySteps[datetime]:
    """Return the first moment that is not frozen, so that an entry may be of it."""
    query = Query("SELECT ledger_frozen() + interval '1 microsecond'")
    return cast("datetime", (yield from rows(query))[0][0])


def notes(entries: Sequence[UUID]) -> QuerySteps[dict[UUID, dict[str, str]]]:
    """Return the notes of some entries, by entry and field; removed notes are left out."""
    sql = "SELECT entry_id, field, note FROM ledger_notes WHERE entry_id = ANY($1)"
    texts: dict[UUID, dict[str, str]] = {}
    for entry, field, note in (yield from rows(Query(sql, [uuids(entries)]))):
        texts.setdefault(entry, {})[field] = note
    return texts


_SUPPRESSED: LiteralString = (
    "SELECT DISTINCT originator_id FROM ledger_events WHERE {}"
    " topic IN ('recommendation.suppression_approved', 'report.suppression_approved')"
)
"""The streams of which a text was suppressed, from the index ledger_events_suppressed_idx.

The index has the same condition, word for word.
"""
EVERY_SUPPRESSED: LiteralString = _SUPPRESSED.format("")
OF_STREAMS_SUPPRESSED: LiteralString = _SUPPRESSED.format("originator_id = ANY($1) AND")


def suppressed_streams(streams: Collection[UUID]) -> QuerySteps[frozenset[UUID]]:
    """Return those of some streams of which a text was suppressed."""
    suppressed = yield from rows(Query(OF_STREAMS_SUPPRESSED, [uuids(streams)]))
    return frozenset(stream for (stream,) in suppressed)


LATEST_CORRECTIONS: LiteralString = (
    "SELECT originator_id, originator_version::integer FROM ledger_events"
    " WHERE topic IN ('recommendation.corrected', 'report.corrected')"
    " ORDER BY notification_id DESC LIMIT $1"
)
"""From the index ledger_events_corrected_idx, which has the same condition, word for word."""


def latest_corrections(limit: int) -> QuerySteps[list[tuple[UUID, int]]]:
    """Return the streams and steps of the latest corrections, the newest first."""
    latest = yield from rows(Query(LATEST_CORRECTIONS, [bigint(limit)]))
    return [(stream, step) for stream, step in latest]


def under_key(actor: str, key: str) -> QuerySteps[list[TupleRow]]:
    """Return the entries recorded under an Idempotency-Key, in order of position."""
    sql = (
        "SELECT k.body_sha256, e.originator_id, e.originator_version, e.notification_id,"
        " e.entry_id FROM ledger_keys k JOIN ledger_events e ON e.entry_id = ANY(k.entries)"
        " WHERE k.actor = $1 AND k.key = $2 ORDER BY e.notification_id"
    )
    return rows(Query(sql, [text(actor), text(key)]))
