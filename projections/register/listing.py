"""The register as a list: filters, order and pages."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.tables.whole import Whole, read_whole
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Stage
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Area, AssuranceLevel, CloseReason, Kind, Topic
from projections.filters import Words
from projections.register.measures.conditions import BOUNDS, MEASURED, MeasuredFilter
from projections.register.model import ORDERS, Register
from projections.register.standing import COLUMNS, Standing
from projections.search.question import MATCHES

ReportName = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=100,
        pattern=r"^[a-z0-9-]+$(?!\n)",
        description="The id or the reference of a report.",
    ),
]
ClosedFrom = Annotated[
    date, Meta(description="Closed on that day or later, and not reopened since.")
]
ClosedTo = Annotated[date, Meta(description="Closed by that day, and not reopened since.")]
IssuedFrom = Annotated[date, Meta(description="Certainly issued on that day or later.")]
IssuedTo = Annotated[date, Meta(description="Certainly issued by that day.")]
LatestFinding = Literal["met", "partly_met", "not_met", "too_early", "narrative", "not_known"]
"""A finding, or `not_known` where none is on record."""
_FINDING = "The finding of the latest follow-up; `not_known` if none is on record."


RegisterOrder = Literal["reference", "deadline", "newest", "oldest", "force"]
_ORDER = (
    "In order of reference, which is the default; by deadline: by the first day on which the "
    "action plan or the work is certainly overdue unless it comes, those without such a day last; "
    "the newest or the oldest issued first; or by force."
)


class RegisterFilter(MeasuredFilter, frozen=True, kw_only=True):
    """A filter of recommendations; None does not restrict a field."""

    report: ReportName | None = None
    area: Area | None = None
    topic: Annotated[Topic, Meta(description="Filed under that topic.")] | None = None
    stage: Stage | None = None
    kind: Kind | None = None
    open: (
        Annotated[
            bool, Meta(description="Known to be open, or closed; neither where it is not known.")
        ]
        | None
    ) = None
    finding: Annotated[LatestFinding, Meta(description=_FINDING)] | None = None
    reason: Annotated[CloseReason, Meta(description="Closed for that reason.")] | None = None
    limited: (
        Annotated[bool, Meta(description="Not closed, with a last day that is known.")] | None
    ) = None
    superseded_by: Annotated[UUID, Meta(description="Closed, and replaced by that one.")] | None = (
        None
    )
    overdue: (
        Annotated[
            bool, Meta(description="Certainly overdue, or not; neither where it is not known.")
        ]
        | None
    ) = None
    plan_owed: (
        Annotated[
            bool,
            Meta(
                description="An action plan is owed, the first or a changed one; or none is. "
                "Neither where it is not known."
            ),
        ]
        | None
    ) = None
    plan_overdue: (
        Annotated[
            bool,
            Meta(
                description="The action plan is certainly past its last day, or not; neither where "
                "it is not known."
            ),
        ]
        | None
    ) = None
    assurance: (
        Annotated[
            AssuranceLevel, Meta(description="The local policing body's own view, as recorded.")
        ]
        | None
    ) = None
    due_before: date | None = None
    claimed: Annotated[bool, Meta(description="Said to be done, or not, if known.")] | None = None
    disputed: (
        Annotated[bool, Meta(description="A public fact about it is disputed, or none is.")] | None
    ) = None
    closed_from: ClosedFrom | None = None
    closed_to: ClosedTo | None = None
    issued_from: IssuedFrom | None = None
    issued_to: IssuedTo | None = None
    slip: Annotated[Slip, Meta(description="Slipped in that way.")] | None = None
    q: Words | None = None
    order: Annotated[RegisterOrder, Meta(description=_ORDER)] | None = None


class RegisterItem(Struct, frozen=True):
    """One recommendation in the register."""

    id: UUID
    standing: Standing
    overdue: bool | None
    """None where nothing on record says which time limit counts, and whether it still does."""


class RegisterPage(Struct, frozen=True, kw_only=True):
    """One page of the register, in the filter's order, as of a ledger position.

    `next` is the reference after which the next page begins, and what the order goes by before it,
    parted by a space; the API answers it as a cursor.
    """

    items: tuple[RegisterItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


_CONDITIONS: dict[LiteralString, LiteralString] = {
    "report": "report = %(report)s",
    "area": "area = %(area)s",
    "topic": "topic = %(topic)s",
    "stage": "stage = %(stage)s",
    "kind": "kind = %(kind)s",
    "reason": "closed_reason = %(reason)s",
    "superseded_by": "superseded_by = %(superseded_by)s",
    "finding": "coalesce(finding, 'not_known') = %(finding)s",
    "plan_owed": "plan_owed = %(plan_owed)s",
    "assurance": "assurance = %(assurance)s",
    "disputed": "disputed = %(disputed)s",
    "due_before": "due < %(due_before)s AND stage <> 'closed'",
    "issued_from": "issued_on <> 'unknown' AND"
    " issued_on || substr('0000-01-01', length(issued_on) + 1) >= %(issued_from)s::text",
    "issued_to": "issued_on <> 'unknown' AND"
    " issued_on || substr('0000-12-31', length(issued_on) + 1) < (%(issued_to)s::date + 1)::text",
    **MEASURED,
    "q": "text_id IN (SELECT id FROM "
    + Register.schema
    + ".wording WHERE search @@ "
    + MATCHES
    + ")",
}
_SLIPS: dict[Slip, LiteralString] = {
    Slip.TIME_LIMIT_CHANGED: "time_limit_changes > 0",
    Slip.REOPENED: "reopenings > 0",
    Slip.WITHDRAWN: "withdrawals > 0",
    Slip.CLOSED_WITHOUT_EVIDENCE: "closed_without_evidence",
}


BETWEEN: LiteralString = (
    "stage = 'closed' AND closed_on >= %(closed_from)s AND closed_on <= %(closed_to)s"
    " AND length(closed_on) = 10"
)
"""Closed on one of some days and not reopened since; a coarse date is on no day."""


CLAIMED: LiteralString = "(claimed_on IS NOT NULL OR NULLIF(stage = 'not_known', true))"
"""Said to be done; null where nothing is known of that."""
OPEN: LiteralString = "stage NOT IN ('closed', 'not_known')"
LIMITED: LiteralString = "(due IS NOT NULL AND stage <> 'closed')"
"""Not closed, with a last day that is known: the base of what is overdue."""
OVERDUE: LiteralString = "coalesce(overdue_from <= %(today)s, false)"
"""Certainly overdue at the end of the day `today`."""
OVERDUE_IF_KNOWN: LiteralString = "CASE WHEN overdue_known THEN " + OVERDUE + " END"
"""The same, and null where nothing on record says which limit counts, and whether it still does."""
PLAN_OVERDUE: LiteralString = "coalesce(plan_overdue_from <= %(today)s, false)"
"""The same of the action plan."""


def count(cursor: Cursor[Any], filters: RegisterFilter, today: date) -> int:
    """Return how many recommendations a filter lists on all its pages."""
    sql: LiteralString = "SELECT count(*) FROM " + Register.schema + ".standing WHERE "
    row = cursor.execute(sql + _where(filters), parameters(filters, today)).fetchone()
    return int(row[0]) if row else 0


def statement(filters: RegisterFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    order = ORDERS[filters.order]
    where: LiteralString = _where(filters) + (" AND " + order.after if after else "")
    return (
        "SELECT p.notification_id, stream, overdue, "
        + ", ".join("w.text" if name == "text" else "s." + name for name in COLUMNS)
        + " FROM "
        + Register.tracking
        + " p LEFT JOIN LATERAL (SELECT *, "
        + OVERDUE_IF_KNOWN
        + " AS overdue FROM "
        + Register.schema
        + ".standing WHERE "
        + where
        + " ORDER BY "
        + order.sql
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        " LEFT JOIN " + Register.schema + ".wording w ON w.id = s.text_id"
        " WHERE p.application_name = 'ledger' ORDER BY " + order.sql
    )


def _where(filters: RegisterFilter) -> LiteralString:
    return filters.as_of + " AND " + conditions(filters)


def conditions(filters: RegisterFilter) -> LiteralString:
    """Return the SQL condition for the rows that a filter lists, of any day and moment."""
    of_force = filters.of_force if filters.report is None else filters.of_force_or_report
    where: list[LiteralString] = [of_force, *filters.conditions_set(_CONDITIONS)]
    if filters.open is not None:
        where.append(OPEN if filters.open else "stage = 'closed'")
    if filters.limited is not None:
        where.append(LIMITED if filters.limited else "NOT " + LIMITED)
    if filters.overdue is not None:
        where.append(OVERDUE if filters.overdue else "overdue_known AND NOT " + OVERDUE)
    if filters.plan_overdue is not None:
        known: LiteralString = "plan_owed IS NOT NULL AND NOT "
        where.append(PLAN_OVERDUE if filters.plan_overdue else known + PLAN_OVERDUE)
    if filters.closed_from is not None or filters.closed_to is not None:
        where.append(BETWEEN)
    if filters.slip is not None:
        where.append(_SLIPS[filters.slip])
    if filters.claimed is not None:
        where.append(CLAIMED if filters.claimed else "NOT " + CLAIMED)
    return " AND ".join(where)


def parameters(filters: RegisterFilter, today: date, after: str | None = None) -> dict[str, object]:
    """Return the parameters of `statement`: every filter, some in the form the SQL needs."""
    reference, _, key = (after or "").partition(" ")
    return {
        **filters.sql_parameters(today),
        "today": filters.day_at(today),
        "report": _report_named(filters.report) if filters.report else None,
        "closed_from": (filters.closed_from or date.min).isoformat(),
        "closed_to": (filters.closed_to or date.max).isoformat(),
        "age_bounds": [*BOUNDS],
        "after": reference,
        "after_key": key,
    }


def page(
    cursor: Cursor[Any], filters: RegisterFilter, today: date, after: str | None = None
) -> RegisterPage:
    """Return the page that begins after a `next`, or the first page."""
    query = parameters(filters, today, after)
    tracked = cursor.execute(statement(filters, after), query).fetchall()
    rows = [row for row in tracked if row[1] is not None]
    items = tuple(map(_item, rows[: filters.limit]))
    last = items[-1].standing if len(rows) > filters.limit else None
    return RegisterPage(
        items=items,
        next=f"{last.reference} {ORDERS[filters.order].key(last)}".strip() if last else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def every(cursor: Cursor[Any], filters: RegisterFilter, today: date) -> Whole[RegisterItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query, fields = (
        parameters(filters, today),
        ("id", "overdue", *("standing." + name for name in COLUMNS)),
    )
    return read_whole(cursor, statement(filters), query, _item, filters, today, fields=fields)


def _item(row: TupleRow) -> RegisterItem:
    return RegisterItem(row[1], Standing(*row[3:]), row[2])


def _report_named(name: str) -> UUID:
    """Return the id of a report, given its id or its reference."""
    try:
        return UUID(name)
    except ValueError:
        return report_id(name)
