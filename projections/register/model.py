"""The register: the state of every recommendation on any day, as known at any moment."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import ClassVar, LiteralString
from uuid import NAMESPACE_OID, UUID, uuid5

from msgspec import Struct
from msgspec.structs import astuple

from adapters.postgres import binary
from adapters.postgres.binary import uuids
from adapters.postgres.connection import LibpqConnection
from adapters.postgres.query import Query
from domain.history import State
from domain.recommendation.state import Recommendation
from domain.vocabulary.folding import searchable
from domain.vocabulary.values import Text, Topic
from projections.bitemporal import NOW, TIMES, Cells, Table
from projections.filters import readable
from projections.register.standing import COLUMNS, Standing, standing
from projections.runtime.periods import Change, Content, Period, with_again
from projections.runtime.read_model import ReadModel

TEXTS_KEPT = 1_000
"""The number of text ids kept in memory."""
_TEXT = COLUMNS.index("text")


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, Standing):
        cells = astuple(content)
        text_id = _text_id(content.text, content.topic)
        yield (*cells[:_TEXT], text_id, *cells[_TEXT + 1 :])


def _texts_of(periods: Iterable[Period]) -> set[tuple[Text, Topic | None]]:
    """Return the texts of some periods, each with its topic."""
    contents = (period.content for period in periods)
    return {(content.text, content.topic) for content in contents if isinstance(content, Standing)}


def _texts_in(schema: LiteralString, streams: Collection[UUID]) -> Query:
    sql: LiteralString = "SELECT DISTINCT text_id FROM " + schema + ".standing"
    return Query(sql + " WHERE stream = ANY($1)", [uuids(streams)])


def _drop_unused_in(schema: LiteralString) -> LiteralString:
    """Return SQL that deletes those of some texts that no recommendation has any more."""
    return (
        "DELETE FROM " + schema + ".wording w WHERE id = ANY($1) AND NOT EXISTS"
        " (SELECT FROM " + schema + ".standing WHERE text_id = w.id)"
    )


@lru_cache(TEXTS_KEPT)
def _text_id(text: Text, topic: Topic | None) -> UUID:
    """Return the id that replaces a text in each row."""
    return uuid5(NAMESPACE_OID, f"{topic or ''}\n{text}")


ISSUED: LiteralString = "(CASE issued_on WHEN 'unknown' THEN '' ELSE issued_on END)"
"""The date of issue, to sort downwards: a coarse date comes after every day in it."""
LATE_FROM: LiteralString = "(coalesce(least(overdue_from, plan_overdue_from), 'infinity'))"
"""The first day on which the plan or the work is certainly overdue; infinity if there is none."""
STANDING = Table(
    "standing", tuple("text_id" if name == "text" else name for name in COLUMNS), _rows
)


class Ordering(Struct, frozen=True):
    """An order of the register: its SQL, that of what comes after a place, and its key."""

    sql: LiteralString
    after: LiteralString
    key: Callable[[Standing], object]
    """The value of an item that it goes by, before the reference."""


def _upwards(
    sql: LiteralString, value: LiteralString, key: Callable[[Standing], object]
) -> Ordering:
    return Ordering(
        sql + ", reference", "(" + sql + ", reference) > (" + value + ", %(after)s)", key
    )


_BY_REFERENCE = Ordering("reference", "reference > %(after)s", lambda _standing: "")
ORDERS: dict[str | None, Ordering] = {
    None: _BY_REFERENCE,
    "reference": _BY_REFERENCE,
    "deadline": _upwards(
        LATE_FROM,
        "%(after_key)s::date",
        lambda standing: standing.late_from or "infinity",
    ),
    "newest": Ordering(
        ISSUED + " DESC, reference",
        ISSUED + " <= %(after_key)s AND (" + ISSUED + " < %(after_key)s OR reference > %(after)s)",
        lambda standing: standing.issued_on.removeprefix("unknown"),
    ),
    "oldest": _upwards("issued_on", "%(after_key)s", lambda standing: standing.issued_on),
    "force": _upwards("force", "%(after_key)s", lambda standing: standing.force),
}
"""The orders of the register; each has an index."""


class Register(ReadModel):
    """A read model with a row for each period without change of a recommendation."""

    name: ClassVar[LiteralString] = "register"
    version: ClassVar[LiteralString] = "13"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE standing (" + TIMES + ""","""
        """
            reference text NOT NULL,
            report uuid NOT NULL,
            force text NOT NULL,
            edition text NOT NULL,
            kind text NOT NULL,
            ordinal integer,
            area text NOT NULL,
            topic text,
            text_id uuid NOT NULL,
            wording text NOT NULL,
            time_limit text NOT NULL,
            issued_on text NOT NULL,
            stage text NOT NULL,
            stage_since text NOT NULL,
            plan text NOT NULL,
            plan_owed boolean,
            cycle integer,
            claimed_on text,
            updated_on text,
            follow_up text,
            finding text,
            section_55 text,
            assurance text,
            closed_on text,
            closed_reason text,
            superseded_by uuid,
            due date,
            overdue_from date,
            overdue_known boolean NOT NULL,
            plan_overdue_from date,
            taken_over_on text,
            time_limit_changes integer,
            reopenings integer,
            withdrawals integer,
            closed_without_evidence boolean,
            register_id text,
            cause integer,
            source text,
            confidence text NOT NULL,
            disputed boolean NOT NULL
        );
        COMMENT ON TABLE standing IS
            'Where each recommendation stood, from since before until, as known in that time.';
        CREATE TABLE wording (
            id uuid PRIMARY KEY,
            text text NOT NULL,
            topic text,
            search tsvector NOT NULL
        );
        COMMENT ON TABLE wording IS 'Every text that any recommendation ever had, once.';
        CREATE VIEW worded WITH (security_invoker = true) AS
            SELECT s.*, w.text FROM standing s JOIN wording w ON w.id = s.text_id;
        """
        + readable("standing")
        + readable("wording", rows="EXISTS (SELECT FROM standing s WHERE s.text_id = wording.id)")
    )
    indexes: ClassVar[LiteralString] = f"""
        ALTER TABLE standing ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX standing_reference ON standing (reference, since, until, known_from, known_to);
        CREATE INDEX standing_force
            ON standing (force, reference, since, until, known_from, known_to);
        CREATE INDEX standing_now ON standing (reference) WHERE {NOW};
        CREATE INDEX standing_now_by_deadline ON standing ({LATE_FROM}, reference) WHERE {NOW};
        CREATE INDEX standing_now_by_newest ON standing ({ISSUED} DESC, reference) WHERE {NOW};
        CREATE INDEX standing_now_by_oldest ON standing (issued_on, reference) WHERE {NOW};
        CREATE INDEX standing_now_by_force ON standing (force, reference) WHERE {NOW};
        CREATE INDEX standing_now_force ON standing (force, stage, reference) WHERE {NOW};
        CREATE INDEX standing_now_stage ON standing (stage, reference) WHERE {NOW};
        CREATE INDEX standing_now_known ON standing (known_from) WHERE {NOW};
        CREATE INDEX standing_closed ON standing (closed_on, force) WHERE stage = 'closed';
        CREATE INDEX standing_superseded ON standing (superseded_by, reference)
            WHERE superseded_by IS NOT NULL;
        CREATE INDEX standing_report ON standing (report, reference);
        CREATE INDEX standing_text ON standing (text_id);
        CREATE INDEX standing_now_text ON standing (text_id) WHERE {NOW};
        CREATE INDEX standing_overdue_from ON standing (overdue_from)
            WHERE overdue_from IS NOT NULL AND until = 'infinity';
        CREATE INDEX standing_plan_overdue_from ON standing (plan_overdue_from)
            WHERE plan_overdue_from IS NOT NULL AND until = 'infinity';
        CREATE INDEX standing_register_id ON standing (register_id)
            WHERE register_id IS NOT NULL;
        CREATE INDEX wording_search ON wording USING gin (search);
        """
    compared = (("worded", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the standing of a recommendation, or None for any other state."""
        return standing(state) if isinstance(state, Recommendation) else None

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes, and their new texts; drop the texts of no row."""
        texts: dict[UUID, tuple[Text, Topic | None]] = {}
        again, written = with_again(changes)
        for change in written:
            for wording in _texts_of(change.added) - _texts_of(change.removed):
                texts[_text_id(*wording)] = wording
        if texts:
            sql: LiteralString = (
                "INSERT INTO " + schema + ".wording SELECT w.id, w.text, w.topic,"
                " to_tsvector('english', w.words) FROM unnest($1, $2, $3, $4)"
                " AS w (id, text, topic, words) ORDER BY 1 ON CONFLICT DO NOTHING"
            )
            wordings, topics = zip(*texts.values(), strict=True)
            words = [searchable(f"{text}\n{topic or ''}") for text, topic in texts.values()]
            parameters = (uuids(texts), *map(binary.texts, (wordings, topics, words)))
            wire.rows(Query(sql, parameters))
        former = [uuids(row[0] for row in wire.rows(_texts_in(schema, again)))] if again else []
        STANDING.write(wire, schema, changes)
        if former:
            wire.rows(Query(_drop_unused_in(schema), former))
