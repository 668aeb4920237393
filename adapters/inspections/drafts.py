"""Drafts of reports, beside the ledger: each has versions, so that nobody overwrites another."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.postgres.binary import bigint, bytea, moment, text, uuid, uuids
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.inspection.draft import ReportDraft
from domain.vocabulary.values import ActorId


class SavedDraft(Struct, frozen=True):
    """A draft as it was saved last; its version counts from 1."""

    version: int
    draft: ReportDraft
    saved_at: datetime
    saved_by: ActorId


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ReportDraft).decode


def load(inspection: UUID) -> QuerySteps[SavedDraft | None]:
    """Return the draft of an inspection, or None if nothing was saved."""
    sql: LiteralString = (
        "SELECT version, content, saved_at, saved_by FROM inspection_drafts WHERE inspection = $1"
    )
    saved = yield from rows(Query(sql, [uuid(inspection)]))
    if not saved:
        return None
    version, content, at, by = saved[0]
    return SavedDraft(version, _decode(content), at, by)


_FIRST: LiteralString = (
    "INSERT INTO inspection_drafts (inspection, version, content, saved_at, saved_by)"
    " SELECT $1, 1, $3, $4, $5 WHERE $2 = 0 AND NOT EXISTS (SELECT FROM ledger_events"
    "  WHERE originator_id = $1 AND originator_version > $6)"
    " ON CONFLICT (inspection) DO NOTHING RETURNING version"
)
_NEXT: LiteralString = (
    "UPDATE inspection_drafts SET version = version + 1, content = $3, saved_at = $4, saved_by = $5"
    " WHERE inspection = $1 AND version = $2 AND NOT EXISTS (SELECT FROM ledger_events"
    "  WHERE originator_id = $1 AND originator_version > $6) RETURNING version"
)


def save(
    inspection: UUID, draft: ReportDraft, *, over: int, step: int, by: ActorId, at: datetime
) -> QuerySteps[bool]:
    """Save a draft over a version of it, 0 for none, while `step` is the inspection's last one.

    False if either is another one by now: the text may be final.
    """
    parameters = [
        uuid(inspection), bigint(over), bytea(_encode(draft)), moment(at), text(by), bigint(step),
    ]  # fmt: skip
    return bool((yield from once(Query(_NEXT if over else _FIRST, parameters))))


def drafted() -> QuerySteps[list[UUID]]:
    """Return the inspections that have a draft: those that are not over, and few others."""
    return [row[0] for row in (yield from rows(Query("SELECT inspection FROM inspection_drafts")))]


def remove(inspections: Collection[UUID]) -> QuerySteps[None]:
    """Remove the drafts of inspections that are over."""
    sql: LiteralString = (
        "DELETE FROM inspection_drafts WHERE inspection = ANY($1) RETURNING inspection"
    )
    yield from once(Query(sql, [uuids(inspections)]))


def inspections() -> QuerySteps[list[UUID]]:
    """Return the stream of every inspection, the one planned last first."""
    sql: LiteralString = (
        "SELECT originator_id FROM ledger_events WHERE topic = 'inspection.planned'"
        " ORDER BY notification_id DESC"
    )
    return [row[0] for row in (yield from rows(Query(sql)))]
