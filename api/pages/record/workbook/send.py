"""A workbook sent back: its answers checked, shown, and recorded in one submit.

Nothing is kept between these pages but in the form itself, which carries the answers as they were
read. A form that is sent twice is recorded once.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from adapters.documents.errors import UnsupportedDocument
from adapters.ledger.submission import VersionConflict
from adapters.tables.workbooks.package import UnreadableWorkbook
from adapters.tables.workbooks.reader import read_workbook
from api.http.forms import FORM_READ_BYTES_MAX, SentFile, form_of
from api.http.problems import ProblemError, Request
from api.pages.forms.sent_workbook import (
    FILE_FIELD,
    PROBLEMS_MAX,
    WORKBOOK_BYTES_MAX,
    count_of,
    workbook_of,
)
from api.pages.record.several.bulk import CRUMBS, BulkResult, results_page
from api.pages.record.several.grid_rows import row_of
from api.pages.record.subject import READERS
from api.pages.record.submission import key_of, record
from api.pages.record.workbook.answers import ROWS_MAX, answers_in
from api.pages.record.workbook.checks import CheckedRow, check_rows, submissions_of
from api.pages.record.workbook.download import FILE, PATH, force_of
from api.pages.record.workbook.rows import AnsweredRow
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.services import services
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code

CARRIED_BYTES_MAX = 900_000
"""The most answers, in bytes, that the form of the check page carries."""
CARRIED = "answers"
Rows = Annotated[tuple[AnsweredRow, ...], Meta(min_length=1, max_length=ROWS_MAX)]
HOLDS = "holds-"
"""Begins the name of the box that says that a row still holds."""


@get(PATH, opt=READERS)
async def ask_workbook(request: Request) -> Response[bytes]:
    """The page that leads to the download, and takes the workbook back."""
    return _upload_page(request, force_of(current_actor(request)))


@post(PATH, opt=READERS, status_code=200, request_max_body_size=FORM_READ_BYTES_MAX)
async def answer_workbook(request: Request) -> Response[bytes]:
    """The problems of a workbook, its answers to check, or the results of recording them."""
    force = force_of(current_actor(request))
    posted = await form_of(request)
    fields = posted.fields
    if CARRIED not in fields:
        return await _read(request, force, posted.files)
    rows = _carried(fields[CARRIED])
    key = key_of(fields)
    ticked = {row.stream for row in rows if fields.get(f"{HOLDS}{row.stream}")}
    if key is None:
        return await _check(request, force, rows, ticked=ticked)
    unsure = {row.stream for row in rows if row.seen != row.step} - ticked
    if unsure:
        return await _check(request, force, rows, unsure=unsure, ticked=ticked)
    return await _record(request, force, rows, key)


async def _read(request: Request, force: Code, files: Sequence[SentFile]) -> Response[bytes]:
    """Read a workbook, and show its answers or everything that is wrong."""
    try:
        content = workbook_of(files)
        answered = await asyncio.to_thread(lambda: answers_in(read_workbook(content)))
    except (UnsupportedDocument, UnreadableWorkbook) as unread:
        return _upload_page(request, force, wrong=str(unread))
    if not (answered.rows or answered.problems):
        wrong = _("No row of the workbook has an answer. Fill in one at least.")
        return _upload_page(request, force, wrong=wrong)
    return await _check(
        request, force, answered.rows, problems=answered.problems, unread=answered.unread
    )


def _carried(text: str) -> tuple[AnsweredRow, ...]:
    """Return the answers that a form carries. Raises ProblemError ("malformed")."""
    try:
        return msgspec.json.decode(text, type=Rows)
    except msgspec.DecodeError:
        raise ProblemError(
            "malformed", "The form was changed on its way. Send the workbook again."
        ) from None


async def _check(
    request: Request,
    force: Code,
    rows: Sequence[AnsweredRow],
    *,
    problems: Sequence[str] = (),
    unread: Sequence[str] = (),
    unsure: Collection[UUID] = (),
    ticked: Collection[UUID] = (),
) -> Response[bytes]:
    """Show the answers as they would be recorded now, or everything that is wrong."""
    checks = await check_rows(request, force, rows)
    if every := [*problems, *checks.problems]:
        return _upload_page(request, force, problems=every, status=400 if problems else 409)
    if not checks.rows:
        wrong = _("Every answer is on record already. Nothing would be recorded.")
        return _upload_page(request, force, wrong=wrong)
    answers = msgspec.json.encode([checked.row for checked in checks.rows]).decode()
    if len(answers) > CARRIED_BYTES_MAX:
        wrong = _("Its answers are too long to be recorded together. Send them in two workbooks.")
        return _upload_page(request, force, wrong=wrong)
    return page(
        request,
        "pages/record/workbook/check.html",
        status=400 if unsure else 200,
        title=_("Check your answers"),
        address=PATH,
        rows=checks.rows,
        moved=[checked for checked in checks.rows if checked.row.seen != checked.row.step],
        unread=unread,
        unchanged=[place.row for place in checks.unchanged],
        ticked=ticked,
        holds=HOLDS,
        errors={
            f"{HOLDS}{checked.row.stream}": _unsure(checked)
            for checked in checks.rows
            if checked.row.stream in unsure
        },
        carried={CARRIED: answers, "key": uuid4().hex},
        training=is_training(force),
        crumbs=CRUMBS,
    )


async def _record(
    request: Request, force: Code, rows: Sequence[AnsweredRow], key: str
) -> Response[bytes]:
    """Record all rows or none; those that somebody else was quicker with are shown again."""
    submissions = [submission for row in rows for submission in submissions_of(row)]
    body = f"{PATH} {force} ".encode() + msgspec.json.encode(rows)
    try:
        await record(request, submissions, key, body)
    except (VersionConflict, Refused, NotFound):
        return await _check(request, force, rows)
    histories = await services(request).async_ledger.histories([row.stream for row in rows])
    results = [
        BulkResult(
            row_of(row.stream, histories[row.stream]),
            _("Recorded: %(answers)s", answers=", ".join(dict(row.shown))),
            row.seen + len(row.commands),
            len(row.commands),
        )
        for row in rows
    ]
    many = len(results)
    title = ngettext(
        "Recorded for %(n)s recommendation", "Recorded for %(n)s recommendations", many, n=many
    )
    return await results_page(request, title, results)


def _unsure(checked: CheckedRow) -> str:
    return _(
        "%(row)s: something was recorded since. Say that your answers still hold, or change them "
        "in the workbook and send it again.",
        row=checked.row.place.words,
    )


def _upload_page(
    request: Request,
    force: Code,
    *,
    problems: Sequence[str] = (),
    wrong: str = "",
    status: int = 400,
) -> Response[bytes]:
    """The page to download and send the workbook, with what is wrong with the one that came."""
    many = len(problems)
    if problems:
        wrong = count_of(problems)
    return page(
        request,
        "pages/record/workbook/send.html",
        status=status if wrong else 200,
        title=_("Answer in a workbook"),
        address=PATH,
        file=FILE,
        force=force,
        most=WORKBOOK_BYTES_MAX // 1_000_000,
        errors={"problems" if problems else FILE_FIELD: wrong} if wrong else {},
        problems=problems[:PROBLEMS_MAX],
        more=max(many - PROBLEMS_MAX, 0),
        training=is_training(force),
        crumbs=CRUMBS,
    )


WORKBOOK_PAGES = (ask_workbook, answer_workbook)
