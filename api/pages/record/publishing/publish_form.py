"""Publishing a report with its recommendations on pages: typed, checked, published as one.

As elsewhere, what was typed is kept in the form alone. Each press of “Add another” sends all of
it, and comes back with room for one more.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.submission import Submission
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.form_fields import Field
from api.pages.record.several.grid import may_record_some
from api.pages.record.subject import READERS
from api.pages.record.submission import carried, key_of, preview, record
from api.pages.rendering import labels, query_form, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, areas, forces
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import StreamParams
from api.v1.lists import register, reports
from api.v1.lists.register import RegisterParams
from domain.access.permissions import require
from domain.commands.report import Issue, PublishReport
from domain.vocabulary.errors import Refused
from domain.vocabulary.forces import TRAINING, is_training
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import AREAS, RECOMMENDATIONS_MAX, Area, Edition
from projections.filters import PAGE_MAX

PATH = "/record/report"
COUNT = re.compile(r"[0-9]{1,3}")
_ROW = re.compile(r"/recommendations/([0-9]+)(.*)")
SHOWN_MAX = 50
"""The most recommendations of one form; what has more is published through the API."""
REPORT = (
    Field(
        "addressee",
        "Which force is it about?",
        "Force",
        "select",
        options=dict([*forces(), *forces(training=True)]),
    ),
    Field("product", "What kind of report is it?", "Kind", "choice", options=labels.PRODUCTS),
    Field(
        "edition", "Which edition of the methodology?", "Edition", "choice", options=labels.EDITIONS
    ),
    Field("title", "What is its title?", "Title", "line"),
    Field(
        "address",
        "Where is it published?",
        "Address",
        "web",
        "The address of its page. It begins with https:// or http://.",
    ),
    Field(
        "reference",
        "What is it called in this service?",
        "Reference",
        "line",
        "A short name in lower case letters, digits and hyphens, such as kent-ncpi-2026. It never "
        "changes.",
    ),
    Field("on", "When was it first published?", "Published", "day", "For example, 31 3 2026."),
    Field(
        "recommendations_stated",
        "How many recommendations does it say that it makes?",
        "Recommendations stated",
        "number",
        "With its causes of concern and areas for improvement only if it counts them in.",
    ),
)
RECOMMENDATION = (
    Field("text", "What does it ask for?", "Text", hint="Use the published words."),
    Field("kind", "What is it?", "Kind", "choice", options=labels.KINDS),
    Field("area", "Which area is it about?", "Area", "select", options=dict(areas())),
    Field("time_limit", "By when?", "Time limit", "limit"),
)


class Typed(Struct, frozen=True):
    """The form as it was typed, and the command that it makes if nothing is wrong."""

    typed: Mapping[str, str]
    count: int
    errors: Mapping[str, str]
    command: PublishReport | None
    filled: int = 0
    """How many recommendations have answers of a text, which nobody has checked yet."""
    left: Sequence[str] = ()
    """The paragraphs of that text which are of no recommendation."""


@get(PATH, opt=READERS)
async def ask(request: Request) -> Response[bytes]:
    """The form, with room for one recommendation."""
    require(current_actor(request), PublishReport, TRAINING)
    return render_form(request, Typed({}, 1, {}, None))


@post(PATH, opt=READERS, status_code=200)
async def answer(request: Request) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the report published, as the button says."""
    require(current_actor(request), PublishReport, TRAINING)
    fields = await fields_of(request)
    form = read(fields)
    match fields.get("then"):
        case "add":
            return render_form(
                request, replace(form, count=min(form.count + 1, SHOWN_MAX), errors={})
            )
        case "remove":
            return render_form(request, replace(form, count=max(form.count - 1, 0), errors={}))
        case "change":
            return render_form(request, form)
        case _ if form.command is None:
            return render_form(request, form, 400)
        case _:
            return await _publish(request, form, form.command, key_of(fields))


@get("/reports/{stream:uuid}/published", sync_to_thread=True)
def published(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """The confirmation that a report is published, with what it has and the way on."""
    position = query_form.read_known(request, RegisterParams).params.position
    shown, actor = reports.report_view(request, stream, StreamParams()), current_actor(request)
    of_report = RegisterParams(report=str(stream), limit=PAGE_MAX)
    issued = register.register_page(request, of_report).items
    training = is_training(shown.addressee)
    of_work = {"training": "true"} if training else {}
    return page(
        request,
        "pages/record/published.html",
        title=_("Published"),
        shown=shown,
        stream=stream,
        kinds=Counter(item.standing.kind for item in issued),
        working=any(may_record_some(actor, item.standing.force) for item in issued),
        work="/work?" + urlencode({**of_work, "position": position or shown.position}),
        training=training,
        crumbs=[HOME],
    )


def read(fields: Mapping[str, str]) -> Typed:
    """Read a form: its command, or its errors by field."""
    typed = form_parser.tidy(fields)
    text = typed.get("count", "1")
    count = min(int(text), SHOWN_MAX) if COUNT.fullmatch(text) else 1
    plain, errors = form_parser.values(REPORT, PublishReport, typed)
    if "on" not in plain and not any(place.startswith("on-") for place in errors):
        errors["on-day"] = _("Enter the day of publication, such as 31 3 2026.")
    issued: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        issue, wrong = form_parser.values(RECOMMENDATION, Issue, typed, prefix=f"r{number}-")
        issued.append({**issue, "ordinal": number, "addressees": [plain.get("addressee")]})
        errors |= {place: _of_row(number, text) for place, text in wrong.items()}
        edition, area = plain.get("edition"), issue.get("area")
        if edition and area and area not in AREAS[cast("Edition", edition)]:
            no_such = _not_of(cast("Edition", edition), cast("Area", area))
            errors[f"r{number}-area"] = _of_row(number, no_such)
    if errors:
        return Typed(typed, count, errors, None)
    command = msgspec.convert({**plain, "recommendations": issued}, PublishReport)
    return Typed(typed, count, {}, command)


async def _publish(
    request: Request, form: Typed, command: PublishReport, key: str | None
) -> Response[bytes] | Redirect:
    """Publish under a key; without a key, show the answers to check if the rules allow them."""
    stream = report_id(command.reference)
    submissions = [Submission(stream, command)]
    try:
        if key:
            body = f"{PATH} ".encode() + msgspec.json.encode(command)
            last = await record(request, submissions, key, body)
            address = f"/reports/{stream}/published?position={last.position}"
            return Redirect(address, status_code=303)
        await preview(request, submissions)
    except Refused as refused:
        return render_form(request, replace(form, errors=_refusal(refused)), 409)
    return page(
        request,
        "pages/record/publish_check.html",
        title=_("Check before you publish"),
        report=[
            (_(field.short), form_parser.display(field, getattr(command, field.name)), field.target)
            for field in REPORT
        ],
        issued=[
            [
                (
                    _(field.short),
                    form_parser.display(field, getattr(issue, field.name)),
                    f"r{number}-{field.target}",
                )
                for field in RECOMMENDATION
            ]
            for number, issue in enumerate(command.recommendations, 1)
        ],
        address=PATH,
        carried={**carried(form.typed), "count": form.count, "key": uuid4().hex},
        crumbs=[HOME],
    )


def _refusal(refused: Refused) -> dict[str, str]:
    """Return the error of a refused report, at the row and the field that it is about."""
    row = _ROW.fullmatch(refused.place)
    if row is None:
        return {form_parser.element_of(refused.place, REPORT): reading.refusal(refused)}
    number = int(row[1]) + 1
    element = form_parser.element_of(row[2], RECOMMENDATION)
    place = f"r{number}-{element}" if element else f"r{number}"
    return {place: _of_row(number, reading.refusal(refused))}


def _not_of(edition: Edition, area: Area) -> str:
    """Return that an edition of the methodology lacks an area; the rules name the first alone."""
    return _(
        "“%(area)s” is not an area of this edition: %(edition)s. Choose another area.",
        area=labels.AREAS[area],
        edition=labels.EDITIONS[edition],
    )


def _of_row(number: int, text: str) -> str:
    return _("Recommendation %(number)s: %(text)s", number=number, text=text)


def render_form(request: Request, form: Typed, status: int = 200) -> Response[bytes]:
    """The form with what was typed or filled in, and its errors."""
    return page(
        request,
        "pages/record/publish.html",
        status=status,
        title=_("Publish a report"),
        form=form,
        errors=form.errors,
        report=REPORT,
        recommendation=RECOMMENDATION,
        address=PATH,
        of_report=PublishReport,
        of_recommendation=Issue,
        most=min(SHOWN_MAX, RECOMMENDATIONS_MAX),
        crumbs=[HOME],
    )


PUBLISHING_PAGES = (ask, answer, published)
