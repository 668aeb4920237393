"""Filling the form of a report from a pasted text or a workbook, for a person to check.

Nothing is recorded by it.
"""

import asyncio
from collections.abc import Mapping, Sequence

from litestar import Response, get, post

from adapters.documents.errors import UnsupportedDocument
from adapters.tables.workbooks.package import UnreadableWorkbook
from adapters.tables.workbooks.reader import read_workbook
from api.http.forms import FORM_READ_BYTES_MAX, SentFile, form_of
from api.http.problems import Request
from api.pages.forms.sent_workbook import (
    FILE_FIELD,
    PROBLEMS_MAX,
    WORKBOOK_BYTES_MAX,
    count_of,
    workbook_of,
)
from api.pages.forms.typed_dates import typed_date
from api.pages.record import form_parser
from api.pages.record.publishing.from_workbook import HEADS, BookItem, items_in
from api.pages.record.publishing.publish_form import PATH, SHOWN_MAX, Typed, render_form
from api.pages.record.subject import READERS
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from domain.access.permissions import require
from domain.commands.published_text import PublishedItem, split_text
from domain.commands.report import PublishReport
from domain.vocabulary.forces import TRAINING
from domain.vocabulary.values import TEXT_MAX, TimeLimit

TEXT_PATH = f"{PATH}/text"
PASTED = "pasted"
"""The field of the text, and the place of an error about it."""
PASTED_MAX = 200_000
"""The longest text, in characters."""


@get(TEXT_PATH, opt=READERS)
async def ask_text(request: Request) -> Response[bytes]:
    """The form that takes the text of a report's recommendations."""
    require(current_actor(request), PublishReport, TRAINING)
    return _text_page(request, {}, "")


@post(TEXT_PATH, opt=READERS, status_code=200, request_max_body_size=FORM_READ_BYTES_MAX)
async def answer_text(request: Request) -> Response[bytes]:
    """The form of the report with the recommendations of the text, or the text again."""
    require(current_actor(request), PublishReport, TRAINING)
    posted = await form_of(request)
    typed = form_parser.tidy(posted.fields)
    if posted.files:
        return await _from_workbook(request, typed, posted.files)
    text = typed.get(PASTED, "")
    if wrong := too_long(text):
        return _text_page(request, typed, wrong)
    split = split_text(text)
    if wrong := unfit(split.items):
        return _text_page(request, typed, wrong)
    return _filled(request, [BookItem(item) for item in split.items], split.before)


async def _from_workbook(
    request: Request, typed: Mapping[str, str], files: Sequence[SentFile]
) -> Response[bytes]:
    """The form of the report with the rows of a workbook, or everything that is wrong with it."""
    try:
        content = workbook_of(files)
        read = await asyncio.to_thread(lambda: items_in(read_workbook(content)))
    except (UnsupportedDocument, UnreadableWorkbook) as unread:
        return _text_page(request, typed, str(unread), place=FILE_FIELD)
    if read.problems:
        return _text_page(request, typed, problems=read.problems)
    if wrong := unfit([each.item for each in read.items]):
        return _text_page(request, typed, wrong, place=FILE_FIELD)
    return _filled(request, read.items, read.unread)


def _filled(request: Request, items: Sequence[BookItem], left: Sequence[str]) -> Response[bytes]:
    """The form of the report with some recommendations, and what of their source was left out."""
    fields: dict[str, str] = {}
    for number, (item, area) in enumerate(((each.item, each.area) for each in items), 1):
        own = {"text": item.text, "kind": str(item.kind), **limit_fields(item.time_limit)}
        if area:
            own["area"] = area
        fields |= {f"r{number}-{name}": value for name, value in own.items()}
    many = len(items)
    return render_form(request, Typed(fields, many, {}, None, filled=many, left=left))


def limit_fields(limit: TimeLimit | None) -> dict[str, str]:
    """Return the fields of a time limit, as they would be typed; none if it was not read."""
    if limit is None:
        return {}
    kind, _colon, value = limit.partition(":")
    fields = {"time_limit": kind}
    if kind == "months":
        fields["time_limit-months"] = value
    if kind == "date":
        fields |= typed_date("time_limit", value)
    return fields


def too_long(text: str) -> str:
    """Return why a pasted text cannot be read; empty if it can."""
    if not text:
        return _("Enter the text of the recommendations.")
    if len(text) > PASTED_MAX:
        return _("Enter a text of up to %(n)s characters.", n=f"{PASTED_MAX:,}")
    return ""


def unfit(items: Sequence[PublishedItem]) -> str:
    """Return why some recommendations do not fit one form, if they do not."""
    many = len(items)
    if not many:
        return _("There is no recommendation in it: it has headings alone.")
    if many > SHOWN_MAX:
        return _(
            "It was read as %(n)s recommendations, and a form has up to %(most)s. Send only the "
            "recommendations, or number them.",
            n=many,
            most=SHOWN_MAX,
        )
    for number, item in enumerate(items, 1):
        if len(item.text) > TEXT_MAX:
            return _(
                "It was read as %(n)s recommendations, and number %(number)s is longer than "
                "%(most)s characters: %(text)s… Put each on lines of its own, and number them.",
                n=many,
                number=number,
                most=f"{TEXT_MAX:,}",
                text=item.text[:80],
            )
    return ""


def _text_page(
    request: Request,
    typed: Mapping[str, str],
    wrong: str = "",
    *,
    place: str = PASTED,
    problems: Sequence[str] = (),
) -> Response[bytes]:
    """The form for a text or a workbook, with what is wrong."""
    if problems:
        place, wrong = "problems", count_of(problems)
    return page(
        request,
        "pages/record/publish_text.html",
        status=400 if wrong else 200,
        title=_("Fill in the recommendations of a report"),
        address=TEXT_PATH,
        typed=typed,
        heads=HEADS,
        most=WORKBOOK_BYTES_MAX // 1_000_000,
        problems=problems[:PROBLEMS_MAX],
        more=max(len(problems) - PROBLEMS_MAX, 0),
        errors={place: wrong} if wrong else {},
        crumbs=[HOME],
    )


TEXT_PAGES = (ask_text, answer_text)
