"""Drafts of reports, beside the ledger: each has versions, so that nobody overwrites another."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.ledger.submission import Submission
from adapters.postgres.binary import bigint, bytea, moment, text, texts, uuid, uuids
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.commands.report import Issue, PublishReport
from domain.inspection.draft import ReportDraft
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import ActorId, Code, Reference


class SavedDraft(Struct, frozen=True):
    """A draft as it was saved last; its version counts from 1."""

    version: int
    draft: ReportDraft
    saved_at: datetime
    saved_by: ActorId


VERSIONS_KEPT = 5
"""How many versions of a draft are kept: an embargo is of one of them."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ReportDraft).decode


def load(inspection: UUID, version: int | None = None) -> QuerySteps[SavedDraft | None]:
    """Return a version of an inspection's draft, by default the last; None if it is not there."""
    sql: LiteralString = (
        "SELECT version, content, saved_at, saved_by FROM inspection_drafts"
        " WHERE inspection = $1 AND ($2 = 0 OR version = $2) ORDER BY version DESC LIMIT 1"
    )
    saved = yield from rows(Query(sql, [uuid(inspection), bigint(version or 0)]))
    if not saved:
        return None
    number, content, at, by = saved[0]
    return SavedDraft(number, _decode(content), at, by)


def save(
    inspection: UUID, draft: ReportDraft, *, over: int, step: int, by: ActorId, at: datetime
) -> QuerySteps[bool]:
    """Save a draft over its version, 0 for none, while `step` is the inspection's last one.

    False if either is another one by now: the text may be final. An embargo names its version, so
    that one saved in the same instant is not what is released.
    """
    sql: LiteralString = (
        "INSERT INTO inspection_drafts"
        " (inspection, version, content, saved_at, saved_by, reference)"
        " SELECT $1, ($2 + 1)::integer, $3, $4, $5, nullif($7, '')"
        " WHERE $2 = (SELECT coalesce(max(version), 0)"
        "  FROM inspection_drafts WHERE inspection = $1)"
        " AND NOT EXISTS (SELECT FROM ledger_events"
        "  WHERE originator_id = $1 AND originator_version > $6)"
        " ON CONFLICT DO NOTHING RETURNING version"
    )
    parameters = [
        uuid(inspection), bigint(over), bytea(_encode(draft)), moment(at), text(by), bigint(step),
        text(draft.reference or ""),
    ]  # fmt: skip
    is_saved = bool((yield from once(Query(sql, parameters))))
    if is_saved:
        former: LiteralString = (
            "DELETE FROM inspection_drafts WHERE inspection = $1 AND version <= $2"
            " RETURNING version"
        )
        yield from once(Query(former, [uuid(inspection), bigint(over + 1 - VERSIONS_KEPT)]))
    return is_saved


def check_unreserved(submissions: Sequence[Submission]) -> QuerySteps[None]:
    """Raise Refused if a publication by hand takes the name of a report that is being drafted.

    Only who may write drafts may publish, so that the refusal tells nobody else of the draft.
    """
    names = [*_published_names(submissions)]
    if not names:
        return
    sql: LiteralString = (
        "SELECT name FROM unnest($1) AS name, inspection_drafts AS draft"
        " WHERE (name = reference OR name ~ ('^' || reference || '-r[0-9]+'))"
        " AND version = (SELECT max(version) FROM inspection_drafts AS same"
        "  WHERE same.inspection = draft.inspection) LIMIT 1"
    )
    for (name,) in (yield from rows(Query(sql, [texts(names)]))):
        raise Refused(
            f"{name} is the name of a report that is being drafted. It is released from its "
            "inspection; choose another name.",
            "/reference",
        )


def _published_names(submissions: Sequence[Submission]) -> Iterator[Reference]:
    for submission in submissions:
        command = submission.command
        if isinstance(command, PublishReport):
            yield command.reference
            yield from (issue.reference for issue in command.recommendations if issue.reference)
        elif isinstance(command, Issue) and command.reference:
            yield command.reference


def drafted() -> QuerySteps[list[UUID]]:
    """Return the inspections that have a draft: those that are not over, and few others."""
    sql: LiteralString = "SELECT DISTINCT inspection FROM inspection_drafts"
    return [row[0] for row in (yield from rows(Query(sql)))]


def remove(inspections: Collection[UUID]) -> QuerySteps[None]:
    """Remove the drafts of inspections that are over."""
    sql: LiteralString = (
        "DELETE FROM inspection_drafts WHERE inspection = ANY($1) RETURNING inspection"
    )
    yield from once(Query(sql, [uuids(inspections)]))


def sent_to(force: Code) -> QuerySteps[list[UUID]]:
    """Return the inspections whose draft was sent to a force.

    The work does not depend on what was asked about, so that its time tells nothing of another.
    """
    sql: LiteralString = (
        "SELECT originator_id FROM ledger_events AS planned WHERE topic = 'inspection.planned'"
        " AND convert_from(state, 'UTF8')::json -> 'event' ->> 'addressee' = $1"
        " AND EXISTS (SELECT FROM ledger_events AS sent"
        "  WHERE sent.originator_id = planned.originator_id"
        "  AND sent.topic = 'inspection.check_begun')"
    )
    return [row[0] for row in (yield from rows(Query(sql, [text(force)])))]


def issued_with(inspection: UUID, report: UUID) -> QuerySteps[list[UUID]]:
    """Return the recommendations that the release of an inspection's report issued, in order."""
    sql: LiteralString = (
        "SELECT originator_id FROM ledger_events WHERE topic = 'recommendation.issued'"
        " AND notification_id > (SELECT notification_id FROM ledger_events"
        "  WHERE originator_id = $2 AND originator_version = 1)"
        " AND notification_id < (SELECT notification_id FROM ledger_events"
        "  WHERE originator_id = $1 AND topic = 'inspection.report_released')"
        " ORDER BY notification_id"
    )
    return [row[0] for row in (yield from rows(Query(sql, [uuid(inspection), uuid(report)])))]


def inspections() -> QuerySteps[list[UUID]]:
    """Return the stream of every inspection, the one planned last first."""
    sql: LiteralString = (
        "SELECT originator_id FROM ledger_events WHERE topic = 'inspection.planned'"
        " ORDER BY notification_id DESC"
    )
    return [row[0] for row in (yield from rows(Query(sql)))]
