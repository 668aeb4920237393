"""The register as a list: filters, order and pages."""

from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.slippage import Slip
from domain.vocabulary.values import Code, Reference
from projections.bitemporal import AT, EVER, NOW
from projections.register.model import COLUMNS, Standing

PAGE_MAX = 500


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
