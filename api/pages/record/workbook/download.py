"""The workbook of a force: its open recommendations, with columns to answer in."""

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from uuid import UUID

from anyio import to_thread
from litestar import Response, get

from adapters.tables.sheets import TableSheet
from adapters.tables.workbooks.writer import AnswerBook, BookColumn, write_answer_book
from api.http.moment import moment, today
from api.http.problems import Request
from api.pages.record.several.grid_rows import row_of
from api.pages.record.several.owners import owners_of
from api.pages.record.subject import READERS
from api.pages.record.submission import issue_of
from api.pages.record.workbook.columns import COLUMNS
from api.pages.rendering import formatting, labels, language
from api.pages.rendering.language import gettext as _
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX, AsOfParams
from api.request.services import service_address, services
from api.v1.lists import register, reports
from api.v1.lists.register import RegisterParams
from api.v1.record.content_disposition import attachment
from domain.access.permissions import require
from domain.commands.recommendation import ReportProgress
from domain.events.event import History
from domain.history import recommendation_after
from domain.recommendation.available_commands import is_available
from domain.vocabulary.actors import Actor
from domain.vocabulary.forces import TRAINING
from domain.vocabulary.values import Code

PATH = "/record/workbook"
FILE = f"{PATH}/answers.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "Answers"


def force_of(actor: Actor) -> Code:
    """Return the force that an actor answers for. Raises Forbidden if there is none."""
    require(actor, ReportProgress, actor.force or TRAINING)
    assert actor.force is not None  # noqa: S101  only a force may report progress
    return actor.force


@get(FILE, opt=READERS)
async def download_workbook(request: Request) -> Response[bytes]:
    """Return the workbook: a row for each recommendation that is not closed, as it is now."""
    actor = current_actor(request)
    force = force_of(actor)
    histories = await open_of(request, force)
    titles = await to_thread.run_sync(_titles, request, histories)
    service = service_address(request)
    owners = await owners_of(request, histories)
    rows = [
        [*_row(stream, history, titles, service), owners.get(stream)]
        for stream, history in histories.items()
    ]
    content = await to_thread.run_sync(_written, force, today(), rows)
    name = f"{force}-answers-{today().isoformat()}.xlsx"
    headers = {"Content-Disposition": attachment(name)}
    return Response(content, media_type=XLSX, headers=headers)


async def open_of(request: Request, force: Code) -> dict[UUID, History]:
    """Return the recommendations that the actor's force can answer now, with their histories."""
    wanted = RegisterParams(force=force, limit=LIMIT_MAX)
    actor, now = current_actor(request), moment()
    open_: dict[UUID, History] = {}
    more = True
    while more:
        listed = await to_thread.run_sync(register.register_page, request, wanted)
        streams = [item.id for item in listed.items]
        histories = await services(request).async_ledger.histories(streams)
        open_ |= {
            stream: history
            for stream, history in histories.items()
            if is_available(ReportProgress, actor, history, now)
        }
        more = listed.next is not None
        wanted = RegisterParams(force=force, limit=LIMIT_MAX, cursor=listed.next)
    return open_


def _titles(request: Request, histories: Mapping[UUID, History]) -> dict[UUID, str]:
    """Return the title of each report that the recommendations are of."""
    ids = {issue_of(history).report for history in histories.values()}
    views = reports.report_views(request, ids, AsOfParams())
    return {stream: _shown(view.title) for stream, view in views.items()}


def _row(
    stream: UUID, history: History, titles: Mapping[UUID, str], service: str
) -> list[str | int | None]:
    issue, state = issue_of(history), recommendation_after(history)
    return [
        f"{issue.reference}/{len(history)}",
        titles.get(issue.report, str(issue.report)),
        issue.ordinal,
        _shown(row_of(stream, history).text),
        formatting.limit(state.time_limit),
        labels.STAGES[state.stage],
        f"{service}/recommendations/{stream}",
    ]


def _shown(text: str) -> str:
    """Return a published text as pages show it."""
    return formatting.shown(formatting.published(text))


def _written(force: Code, day: date, rows: list[list[str | int | None]]) -> bytes:
    name = formatting.force(force)
    title = _("Recommendations to %(force)s: workbook to answer in", force=name)
    book = AnswerBook(
        title=title,
        publisher=_("Recommendation Tracker"),
        language=language.code(),
        cover=_cover(force, day),
        sheet=TableSheet(
            SHEET,
            title,
            _(
                "This sheet has one table, as at %(day)s. The last %(n)s columns are to answer in; "
                "leave blank what you do not answer. The sheet Notes has the meaning of each "
                "column.",
                day=formatting.day(day),
                n=sum(column.answer is not None for column in COLUMNS),
            ),
            "answers",
            tuple(column.head for column in COLUMNS),
        ),
        columns=[
            BookColumn(
                column.head,
                _(column.means),
                column.width,
                column.answer is not None,
                tuple(column.options.values()),
                column.answer == "date",
            )
            for column in COLUMNS
        ],
        rows=rows,
    )
    out = BytesIO()
    write_answer_book(book, out)
    return out.getvalue()


def _cover(force: Code, day: date) -> list[str]:
    return [
        _("Made on %(day)s for %(force)s.", day=formatting.day(day), force=formatting.force(force)),
        _("Each row of the sheet Answers is a recommendation that is not closed."),
        _("Fill in the columns from Owner on. Rows and cells that you leave blank say nothing."),
        _(
            "Dates can be typed as 30 June 2026 or 30/06/2026. Choose from the list where there is "
            "one."
        ),
        _("You can delete rows, and add columns of your own: they are not read."),
        _("The other columns are locked without a password, to protect them from accidents."),
        _("Save it as an Excel workbook (.xlsx), and send it back on the page that it came from."),
        _("Everything is checked and shown to you before anything is recorded."),
        _(
            "Your answers are not published. Inspectors, auditors, the force and its local "
            "policing body can read them."
        ),
    ]


DOWNLOADING_PAGES = (download_workbook,)
