"""The progress of every force: counts on any day, as known at any moment.

Nothing is counted twice or overwritten. The table holds differences: from this day on, one more
or one less of a measure, known since a moment. A count is a sum of differences. A fact that becomes
true by itself on a later day, such as being overdue, is a difference on that day. A board begins
with the balance of its month, adds the differences since, and takes away those known only later.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, groupby
from typing import ClassVar, LiteralString

from msgspec import Struct

from adapters.postgres.connection import LibpqConnection, encode_row
from domain.history import State
from domain.recommendation.clocks import last_day, limit_is_watched, overdue_from, plan_overdue_from
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Recommendation, Stage
from domain.vocabulary.dates import day_of, exact
from domain.vocabulary.values import CloseReason, Code, Finding, Kind
from projections.filters import readable
from projections.progress import balances
from projections.progress.measures import (
    CLAIMED,
    FINDINGS,
    KINDS,
    LIMITED,
    OVERDUE,
    PLAN_OVERDUE,
    REASONS,
    SLIPS,
    STAGES,
    TO_CLOSE,
    TO_PLAN,
    Difference,
    Measured,
)
from projections.runtime.periods import Change, Content, Period
from projections.runtime.read_model import ReadModel


class Figures(Struct, frozen=True, cache_hash=True):
    """The properties of one recommendation that are counted."""

    force: Code
    kind: Kind
    stage: Stage
    claimed: bool
    finding: Finding | None
    limited: bool
    assurance: str | None
    closed_reason: CloseReason | None
    overdue_from: date | None
    plan_overdue_from: date | None
    days_to_plan: int | None
    days_to_close: int | None
    slips: tuple[Slip, ...]


def figures(state: Recommendation) -> Figures | None:
    """Return the figures of a state; None before the recommendation is issued."""
    if state.issued is None:
        return None
    issued = exact(state.issued_on)
    planned = exact(state.first_plan_on)
    closed = exact(state.closure.on) if state.closure else None
    return Figures(
        force=state.issued.addressee,
        kind=state.issued.kind,
        stage=state.stage,
        claimed=state.claim is not None,
        finding=state.findings[-1].finding if state.findings else None,
        limited=state.may_be_open and limit_is_watched(state) and last_day(state) is not None,
        assurance=state.assurance.level if state.assurance else None,
        closed_reason=state.closure.reason if state.closure else None,
        overdue_from=overdue_from(state),
        plan_overdue_from=plan_overdue_from(state),
        days_to_plan=(planned - issued).days if planned and issued else None,
        days_to_close=(closed - issued).days if closed and issued else None,
        slips=state.slippage.slips,
    )


def differences(piece: Period) -> Iterator[Difference]:
    """Yield a piece's differences: one more from a day on, one less when it ends."""
    content = piece.content
    if not isinstance(content, Figures):
        return
    for (measure, value), begins in _measures(content, piece.since):
        if piece.until is None or begins < piece.until:
            yield Difference(content.force, measure, value, begins, 1)
            if piece.until is not None:
                yield Difference(content.force, measure, value, piece.until, -1)


def _measures(content: Figures, since: date) -> Iterator[tuple[Measured, date]]:
    yield (KINDS[content.kind], 0), since
    yield (STAGES[content.stage], 0), since
    for measure in _marks(content):
        yield (measure, 0), since
    if content.overdue_from:
        yield (OVERDUE, 0), max(since, content.overdue_from)
    if content.plan_overdue_from:
        yield (PLAN_OVERDUE, 0), max(since, content.plan_overdue_from)
    if content.days_to_plan is not None:
        yield (TO_PLAN, content.days_to_plan), since
    if content.days_to_close is not None:
        yield (TO_CLOSE, content.days_to_close), since


def _marks(content: Figures) -> Iterator[str]:
    """Yield the measures that hold as long as the content does."""
    if content.claimed:
        yield CLAIMED
    if content.finding:
        yield FINDINGS[content.finding]
    if content.limited:
        yield LIMITED
    if content.assurance:
        yield content.assurance
    if content.closed_reason:
        yield REASONS[content.closed_reason]
    for slip in content.slips:
        yield SLIPS[slip]


_COLUMNS: tuple[LiteralString, ...] = (
    *("force", "measure", "value", "day", "known_from", "delta"),
)


def _summed(changes: Iterable[Change]) -> Iterator[Difference]:
    """Return the net differences of changes, without those that cancel out."""
    sums: Counter[tuple[Code, str, int, date]] = Counter()
    for change in changes:
        for sign, changed in ((1, change.added), (-1, change.removed)):
            for each in chain.from_iterable(map(differences, changed)):
                sums[each.force, each.measure, each.value, each.day] += sign * each.delta
    return (Difference(*key, delta) for key, delta in sums.items() if delta)


class Progress(ReadModel):
    """Differences that add up to every count, and their balances month by month."""

    name: ClassVar[LiteralString] = "progress"
    version: ClassVar[LiteralString] = "5"
    tables: ClassVar[LiteralString] = (
        """
        CREATE TABLE difference (
            force text NOT NULL,
            measure text NOT NULL,
            value integer NOT NULL,
            day date NOT NULL,
            known_from timestamptz NOT NULL,
            delta integer NOT NULL CHECK (delta <> 0)
        );
        COMMENT ON TABLE difference IS
            'A count on a day, as known at a moment, is the sum of delta up to both.';
        CREATE VIEW summed WITH (security_invoker = true) AS
            SELECT force, measure, value, day, known_from, sum(delta) AS delta FROM difference
             GROUP BY force, measure, value, day, known_from HAVING sum(delta) <> 0;
        COMMENT ON VIEW summed IS
            'The same wherever the entries of one submit were cut into batches.';
        """
        + readable("difference")
        + balances.TABLES
    )
    indexes: ClassVar[LiteralString] = """
        CREATE INDEX difference_force ON difference (force, day) INCLUDE (measure, value, delta);
        CREATE INDEX difference_known ON difference (force, known_from);
    """
    compared = (
        ("summed", "force, measure, value, day, known_from, delta"),
        *balances.COMPARED,
    )

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the figures of a recommendation; None for other streams."""
        return figures(state) if isinstance(state, Recommendation) else None

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the differences of the changes and update the balances."""
        written = cls._put(wire, schema, changes)
        recorded = max(change.entry.stamp.at for change in changes)
        balances.carry(wire, schema, written, day_of(recorded))

    @classmethod
    def fill(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the differences of whole streams' changes."""
        cls._put(wire, schema, changes)

    @staticmethod
    def finish(wire: LibpqConnection, schema: LiteralString, recorded: date) -> None:
        """Bring all balances forward."""
        balances.carry(wire, schema, (), recorded)

    @staticmethod
    def _put(
        wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]
    ) -> list[Difference]:
        """Write the differences, summed for each submit."""
        written: list[Difference] = []
        rows: list[str] = []
        for at, submitted in groupby(changes, lambda change: change.entry.stamp.at):
            for each in _summed(submitted):
                written.append(each)
                key = (each.force, each.measure, each.value, each.day)
                rows.append(encode_row((*key, at, each.delta)))
        if rows:
            wire.copy_in(schema + ".difference", _COLUMNS, rows)
        return written
