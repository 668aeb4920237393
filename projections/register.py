"""The register: where every recommendation stands, on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, ClassVar, LiteralString
from uuid import NAMESPACE_OID, UUID, uuid5

from msgspec import Struct
from msgspec.structs import astuple
from psycopg import Cursor

from adapters.postgres import binary
from adapters.postgres.binary import uuids
from adapters.postgres.connection import Wire
from adapters.postgres.query import Query
from domain.history import State
from domain.recommendation.clocks import last_day, overdue_from
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Recommendation
from domain.vocabulary.values import (
    Area,
    Code,
    Edition,
    Kind,
    Reference,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)
from projections.bitemporal import AT, EVER, NOW, TIMES, Cells, Table, columns_of
from projections.pieces import Change, Content, Piece
from projections.runtime import ReadModel

PAGE_MAX = 500
TEXTS_KEPT = 1_000
"""How many texts' ids are kept in memory."""


class Standing(Struct, frozen=True, cache_hash=True):
    """What the register says of one recommendation."""

    reference: Reference
    report: UUID
    force: Code
    edition: Edition
    kind: Kind
    ordinal: int | None
    area: Area
    topic: Topic | None
    text: Text
    wording: Wording
    time_limit: TimeLimit
    issued_on: When
    stage: str
    stage_since: When
    plan: str
    cycle: int
    claimed_on: When | None
    follow_up: str | None
    finding: str | None
    section_55: str | None
    assurance: str | None
    closed_on: When | None
    closed_reason: str | None
    due: date | None
    """The last day of the time limit; the latest it can be, if the start is coarse."""
    overdue_from: date | None
    """The first day on which it is certainly overdue, while nothing stops the clock."""
    time_limit_changes: int
    reopenings: int
    closed_without_evidence: bool


COLUMNS = columns_of(Standing)


def standing(state: Recommendation) -> Standing:
    """What the register says of a state after its issue."""
    issued = state.issued
    if issued is None:
        raise ValueError("a recommendation begins with its issue")
    return Standing(
        reference=issued.reference,
        report=issued.report,
        force=issued.addressee,
        edition=issued.edition,
        kind=issued.kind,
        ordinal=issued.ordinal,
        area=issued.area,
        topic=issued.topic,
        text=issued.text,
        wording=issued.wording,
        time_limit=state.time_limit,
        issued_on=state.issued_on,
        stage=state.stage,
        stage_since=state.moved_on,
        plan=state.plan,
        cycle=state.cycle,
        claimed_on=state.claim.on if state.claim else None,
        follow_up=state.follow_up.kind if state.follow_up else None,
        finding=state.found[-1].finding if state.found else None,
        section_55=state.section_55.answer if state.section_55 else None,
        assurance=state.assurance.level if state.assurance else None,
        closed_on=state.closure.on if state.closure else None,
        closed_reason=state.closure.reason if state.closure else None,
        due=last_day(state),
        overdue_from=overdue_from(state),
        time_limit_changes=state.slippage.time_limit_changes,
        reopenings=state.slippage.reopenings,
        closed_without_evidence=state.slippage.closed_without_evidence,
    )


_TEXT = COLUMNS.index("text")


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, Standing):
        cells = astuple(content)
        named = _text_id(content.text, content.topic)
        yield (*cells[:_TEXT], named, *cells[_TEXT + 1 :])


def _worded(pieces: Iterable[Piece]) -> set[tuple[Text, Topic | None]]:
    """The texts of some pieces, each with its topic."""
    contents = (piece.content for piece in pieces)
    return {(one.text, one.topic) for one in contents if isinstance(one, Standing)}


@lru_cache(TEXTS_KEPT)
def _text_id(text: Text, topic: Topic | None) -> UUID:
    """What stands for a text in each row."""
    return uuid5(NAMESPACE_OID, f"{topic or ''}\n{text}")


STANDING = Table(
    "standing", tuple("text_id" if name == "text" else name for name in COLUMNS), _rows
)


class Register(ReadModel):
    """One row for every stretch of a recommendation's life that shows something new."""

    name: ClassVar[LiteralString] = "register"
    version: ClassVar[int] = 3
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
            cycle integer NOT NULL,
            claimed_on text,
            follow_up text,
            finding text,
            section_55 text,
            assurance text,
            closed_on text,
            closed_reason text,
            due date,
            overdue_from date,
            time_limit_changes integer NOT NULL,
            reopenings integer NOT NULL,
            closed_without_evidence boolean NOT NULL
        );
        COMMENT ON TABLE standing IS
            'Where each recommendation stood, from since before until, as known in that time.';
        CREATE TABLE wording (
            id uuid PRIMARY KEY,
            text text NOT NULL,
            topic text,
            search tsvector GENERATED ALWAYS AS
                (to_tsvector('english', text || ' ' || coalesce(topic, ''))) STORED
        );
        COMMENT ON TABLE wording IS 'Every text that any recommendation ever had, once.';
        CREATE VIEW worded WITH (security_invoker = true) AS
            SELECT s.*, w.text FROM standing s JOIN wording w ON w.id = s.text_id;
        """
    )
    indexes: ClassVar[LiteralString] = (
        """
        ALTER TABLE standing ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX standing_reference ON standing (reference, since, until, known_from, known_to);
        CREATE INDEX standing_force
            ON standing (force, reference, since, until, known_from, known_to);
        CREATE INDEX standing_now ON standing (reference) WHERE """
        + NOW
        + """;
        CREATE INDEX standing_now_force ON standing (force, stage, reference) WHERE """
        + NOW
        + """;
        CREATE INDEX standing_now_stage ON standing (stage, reference) WHERE """
        + NOW
        + """;
        CREATE INDEX standing_newest ON standing (known_from, reference) WHERE """
        + NOW
        + """;
        CREATE INDEX standing_closed ON standing (closed_on, force) WHERE stage = 'closed';
        CREATE INDEX standing_report ON standing (report, reference);
        CREATE INDEX standing_text ON standing (text_id);
        CREATE INDEX wording_search ON wording USING gin (search);
        """
    )
    compared = (("worded", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """The standing of a recommendation."""
        return standing(state) if isinstance(state, Recommendation) else None

    @classmethod
    def write(cls, wire: Wire, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes, and the texts that are new."""
        texts: dict[UUID, tuple[Text, Topic | None]] = {}
        for change in changes:
            for worded in _worded(change.added) - _worded(change.removed):
                texts[_text_id(*worded)] = worded
        if texts:
            sql: LiteralString = (
                "INSERT INTO " + schema + ".wording SELECT * FROM unnest($1, $2, $3)"
                " ORDER BY 1 ON CONFLICT DO NOTHING"
            )
            worded, topics = zip(*texts.values(), strict=True)
            wire.rows(Query(sql, (uuids(texts), binary.texts(worded), binary.texts(topics))))
        STANDING.write(wire, schema, changes)


# Reading it


class Filter(Struct, frozen=True):
    """Which recommendations; None leaves a thing open. Training is left out unless asked for."""

    on: date | None = None
    known_at: datetime | None = None
    force: Code | None = None
    report: UUID | None = None
    area: str | None = None
    stage: str | None = None
    kind: str | None = None
    open: bool | None = None
    reason: str | None = None
    overdue: bool | None = None
    due_before: date | None = None
    claimed: bool | None = None
    slip: Slip | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    q: str | None = None
    after: Reference | None = None
    limit: int = 20


class Listed(Struct, frozen=True):
    """One line of the register."""

    id: UUID
    standing: Standing
    overdue: bool


class Page(Struct, frozen=True):
    """Some lines in order of reference, and whether there are more; as of a ledger position."""

    items: tuple[Listed, ...]
    more: bool
    position: int


_CONDITIONS: dict[LiteralString, LiteralString] = {
    "force": "force = %(force)s",
    "report": "report = %(report)s",
    "area": "area = %(area)s",
    "stage": "stage = %(stage)s",
    "kind": "kind = %(kind)s",
    "reason": "closed_reason = %(reason)s",
    "due_before": "due < %(due_before)s AND stage <> 'closed'",
    "q": "text_id IN (SELECT id FROM register.wording"
    " WHERE search @@ websearch_to_tsquery('english', %(q)s))",
    "after": "reference > %(after)s",
}
_SLIPS: dict[Slip, LiteralString] = {
    Slip.TIME_LIMIT_CHANGED: "time_limit_changes > 0",
    Slip.REOPENED: "reopenings > 0",
    Slip.CLOSED_WITHOUT_EVIDENCE: "closed_without_evidence",
}
BETWEEN: LiteralString = (
    "stage = 'closed' AND closed_on >= %(closed_from)s AND closed_on <= %(closed_to)s"
    " AND length(closed_on) = 10"
)
"""Closed, and not reopened since, on one of some days, as far as it is known to the day."""
_OVERDUE: LiteralString = "coalesce(overdue_from <= %(today)s, false)"


def statement(asked: Filter) -> LiteralString:
    """The SQL of a page."""
    now = asked.on is None and asked.known_at is None
    where: list[LiteralString] = [NOW if now else AT]
    for name, condition in _CONDITIONS.items():
        if getattr(asked, name) is not None:
            where.append(condition)
    if asked.force is None:
        where.append("force <> 'training'")
    if asked.open is not None:
        where.append("stage <> 'closed'" if asked.open else "stage = 'closed'")
    if asked.overdue is not None:
        where.append(_OVERDUE if asked.overdue else "NOT " + _OVERDUE)
    if asked.closed_from is not None or asked.closed_to is not None:
        where.append(BETWEEN)
    if asked.slip is not None:
        where.append(_SLIPS[asked.slip])
    if asked.claimed is not None:
        where.append("claimed_on IS NOT NULL" if asked.claimed else "claimed_on IS NULL")
    return (
        "SELECT p.notification_id, stream, overdue, "
        + ", ".join("w.text" if name == "text" else "s." + name for name in COLUMNS)
        + " FROM register.register_tracking p LEFT JOIN LATERAL (SELECT *, "
        + _OVERDUE
        + " AS overdue FROM register.standing WHERE "
        + " AND ".join(where)
        + " ORDER BY reference LIMIT %(limit)s) s ON true"
        " LEFT JOIN register.wording w ON w.id = s.text_id"
        " WHERE p.application_name = 'ledger' ORDER BY s.reference"
    )


def parameters(asked: Filter, today: date) -> dict[str, object]:
    """The parameters of `statement`."""
    return {
        "on": asked.on or today,
        "known_at": asked.known_at or EVER,
        "today": asked.on or today,
        "force": asked.force,
        "report": asked.report,
        "area": asked.area,
        "stage": asked.stage,
        "kind": asked.kind,
        "reason": asked.reason,
        "due_before": asked.due_before,
        "closed_from": (asked.closed_from or date.min).isoformat(),
        "closed_to": (asked.closed_to or date.max).isoformat(),
        "q": asked.q,
        "after": asked.after,
        "limit": min(asked.limit, PAGE_MAX) + 1,
    }


def page(cursor: Cursor[Any], asked: Filter, today: date) -> Page:
    """One page. `today` is the day that counts where none is asked for."""
    rows = cursor.execute(statement(asked), parameters(asked, today)).fetchall()
    found = [row for row in rows if row[1] is not None]
    items = [Listed(row[1], Standing(*row[3:]), row[2]) for row in found[: asked.limit]]
    return Page(tuple(items), len(found) > asked.limit, rows[0][0] if rows else 0)
