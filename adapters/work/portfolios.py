"""Portfolios: which inspector leads each force, and who led it when.

The table only grows: each change is a row, and the last row of a force is in effect. It is beside
the ledger, since no state, clock or figure depends on it (docs/decisions/0048).
"""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from adapters.postgres.binary import bigint, moment, text
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.vocabulary.values import ActorId, Code

EARLIER_MAX = 50
"""The most earlier leads of a force that are listed."""


class Lead(Struct, frozen=True):
    """The inspector who led a force from a moment on; None while nobody did."""

    force: Code
    lead: ActorId | None
    since: datetime
    by: ActorId
    """The actor who set it."""


_CURRENT: LiteralString = (
    "SELECT DISTINCT ON (force) force, lead, at, by FROM force_leads ORDER BY force, number DESC"
)


def current_leads() -> QuerySteps[dict[Code, Lead]]:
    """Return the lead of each force for which one was ever set, by force."""
    return {row[0]: Lead(*row) for row in (yield from rows(Query(_CURRENT)))}


def forces_led_by(actor: ActorId) -> QuerySteps[tuple[Code, ...]]:
    """Return the forces that an inspector leads now, in the order of their codes."""
    sql: LiteralString = "SELECT force FROM (" + _CURRENT + ") c WHERE lead = $1 ORDER BY force"
    return tuple(row[0] for row in (yield from rows(Query(sql, [text(actor)]))))


def leads_of(force: Code) -> QuerySteps[list[Lead]]:
    """Return the leads of a force, the present one first, up to EARLIER_MAX earlier ones."""
    sql: LiteralString = (
        "SELECT force, lead, at, by FROM force_leads WHERE force = $1 ORDER BY number DESC LIMIT $2"
    )
    leads = yield from rows(Query(sql, [text(force), bigint(EARLIER_MAX + 1)]))
    return [Lead(*row) for row in leads]


def set_lead(force: Code, lead: ActorId | None, by: ActorId, at: datetime) -> QuerySteps[bool]:
    """Set the lead of a force, or that nobody leads it; return whether that is a change."""
    sql: LiteralString = (
        "INSERT INTO force_leads (force, lead, by, at)"
        " SELECT $1, nullif($2, ''), $3, $4 WHERE nullif($2, '') IS DISTINCT FROM"
        " (SELECT lead FROM force_leads WHERE force = $1 ORDER BY number DESC LIMIT 1)"
        " RETURNING number"
    )
    parameters = [text(force), text(lead or ""), text(by), moment(at)]
    return bool((yield from once(Query(sql, parameters))))
