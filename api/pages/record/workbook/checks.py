"""The rows of a workbook against the record: whose they are, what happened, what is refused."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.submission import Submission, VersionConflict, of_recommendation
from api.http.problems import Request
from api.pages.forms.headed import RowPlace
from api.pages.people import with_names
from api.pages.record.several.bulk import BulkRow
from api.pages.record.several.grid_rows import row_of
from api.pages.record.several.owners import owners_of
from api.pages.record.submission import preview
from api.pages.record.workbook import columns
from api.pages.record.workbook.rows import AnsweredRow, head_of
from api.pages.rendering import formatting, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import Happened, timeline, what_of
from api.request.services import services
from domain.commands.recommendation import NameOwner
from domain.events.event import History
from domain.history import addressee_of, recommendation_entries
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.values import Code


class CheckedRow(Struct, frozen=True):
    """A row that can be recorded as it is, with what happened since it was made."""

    row: AnsweredRow
    about: BulkRow
    since: Sequence[Happened] = ()


class CheckedRows(Struct, frozen=True):
    """The rows that can be recorded, and what is wrong with the others."""

    rows: tuple[CheckedRow, ...]
    problems: tuple[str, ...]
    unchanged: tuple[RowPlace, ...] = ()
    """The rows whose owner is on record already, of which nothing is recorded."""


async def check_rows(request: Request, force: Code, rows: Sequence[AnsweredRow]) -> CheckedRows:
    """Check each row by itself, as the record is now."""
    histories = await services(request).async_ledger.histories([row.stream for row in rows])
    own = {stream: history for stream, history in histories.items() if _is_own(history, force)}
    owners = await owners_of(request, own)
    changed = [(row, _without_owner(row, owners.get(row.stream))) for row in rows]
    # Together, so that their histories are loaded in few queries.
    results = await asyncio.gather(
        *(_check(request, force, row, histories[row.stream]) for _row, row in changed if row)
    )
    return CheckedRows(
        tuple(result for result in results if isinstance(result, CheckedRow)),
        tuple(result for result in results if isinstance(result, str)),
        tuple(row.place for row, kept in changed if kept is not row),
    )


def submissions_of(row: AnsweredRow) -> list[Submission]:
    """Return the commands of a row; the first of them refuses it if something happened since."""
    return [
        Submission(row.stream, command, None if number else row.seen, of_recommendation)
        for number, command in enumerate(row.commands)
    ]


def _without_owner(row: AnsweredRow, owner: str | None) -> AnsweredRow | None:
    """Return a row without the owner that is on record; None if nothing else is answered."""
    same = NameOwner(owner=owner) if owner else None
    if same not in row.commands:
        return row
    commands = tuple(command for command in row.commands if command != same)
    return replace(row, commands=commands) if commands else None


async def _check(
    request: Request, force: Code, row: AnsweredRow, history: History
) -> CheckedRow | str:
    """Return a row as it was checked, or what is wrong."""
    if not _is_own(history, force):
        why = _(
            "“%(text)s” is no recommendation to %(force)s.",
            text=row.reference,
            force=formatting.force(force),
        )
        return row.place.problem(columns.ROW_ID.head, why)
    step = len(history)
    if row.step > step:
        why = _("its last part, %(step)s, was changed. Put back what it was.", step=row.step)
        return row.place.problem(columns.ROW_ID.head, why)
    since = history[row.step :]
    row = replace(row, seen=step)
    try:
        await preview(request, submissions_of(row))
    except VersionConflict:
        return row.place.problem(
            columns.ROW_ID.head, _("Something else is being recorded. Send it again.")
        )
    except Refused as refused:
        head = head_of(row.commands[refused.number or 0], refused.place)
        happened = ", ".join(what_of(entry.event) for entry in since)
        after = _("Recorded since: %(what)s.", what=happened) if happened else ""
        return row.place.problem(head, f"{reading.refusal(refused)} {after}".strip())
    steps = await with_names(request, timeline(since, inside=True))
    return CheckedRow(row, row_of(row.stream, history), steps)


def _is_own(history: History, force: Code) -> bool:
    try:
        return bool(recommendation_entries(history)) and addressee_of(history) == force
    except NotFound:
        return False
