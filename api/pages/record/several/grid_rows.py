"""The recommendations of a report as rows of a page: their state, and what can be recorded."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal
from urllib.parse import urlencode
from uuid import UUID

from anyio import to_thread
from msgspec import Struct

from api.http.moment import moment
from api.http.problems import Request
from api.pages.forms.paging import OrderChoice, PageOf, Paging, orders, paging
from api.pages.people import Inspectors, with_names
from api.pages.record.beside.consequences import cautions
from api.pages.record.beside.on_record import OnRecord, judged_each
from api.pages.record.command_form import begun_with, taken_from_record
from api.pages.record.form_fields import Field
from api.pages.record.several.bulk import BulkRow
from api.pages.record.several.grid import STEPS, BulkStep, typed_of
from api.pages.record.several.grid_answers import in_words
from api.pages.record.several.grid_standing import RowStanding, standing_of, why_unticked
from api.pages.record.several.owners import owners_of
from api.pages.record.subject import Subject
from api.pages.record.submission import issue_of
from api.pages.rendering import labels, query_form, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import Happened, timeline
from api.request.authentication import current_actor
from api.request.query_params import ForceParams
from api.request.services import services
from api.request.waiting import wait_until_known
from api.v1.lists import register
from api.v1.lists.register import RegisterParams
from domain.access.permissions import Verdict, may
from domain.events.event import History
from domain.history import addressee_of, recommendation_after, recommendation_entries
from domain.recommendation.available_commands import available_commands, is_due, obstacle
from domain.recommendation.state import Stage
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Code
from projections.filters import PAGE_MAX, PageNumber
from projections.register.model import Register
from projections.runtime.read_model import ReadModel

ROWS_MAX = 40
"""The most recommendations on one page; a report with more has several pages."""
BULK = frozenset(step.command for step in STEPS)
PLACE = ("force", "order", "page")
"""The parameters that say which recommendations of a report a page shows."""
_LIFE = [*Stage]


class ReportWorkParams(ForceParams, frozen=True, kw_only=True):
    """The recommendations of a report to work on: those to a force, their page and order."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)

    page: PageNumber | None = None
    order: Literal["reference", "stage"] | None = None


class ReportRows(Struct, frozen=True):
    """The recommendations of a page of a report, in order, and its place among all."""

    histories: Mapping[UUID, History]
    by_stage: bool
    paging: Paging
    orders: Sequence[OrderChoice]

    @property
    def numbers(self) -> Mapping[UUID, int]:
        """The number of each recommendation, in the order of the page."""
        numbers = numbers_of(self.histories)
        return {stream: numbers[stream] for stream in self.histories} if self.by_stage else numbers


class GridRow(Struct, frozen=True):
    """A recommendation of the report, with what its answer judges and what was typed."""

    row: BulkRow
    number: int
    """Its number in the report, or its place on the page."""
    standing: RowStanding
    obstacle: str | None = None
    """Why the step cannot be recorded for it now."""
    chosen: bool = False
    unticked: str = ""
    """Why it is not ticked at first, though it can be."""
    on_record: Sequence[OnRecord] = ()
    cautions: Sequence[str] = ()
    since: Sequence[Happened] = ()
    """The steps recorded since the page was shown first."""
    kept: Mapping[str, str] = {}
    """The answers typed in it, if it cannot be recorded any more."""
    kept_in_words: Sequence[tuple[str, str]] = ()
    """The same answers with their labels, as they are shown."""
    beside: Field | None = None
    """The field of the step that it can record just before."""
    beside_now: str = ""
    """The answer to it that is on record."""

    @property
    def label(self) -> str:
        """Its number and how its text begins."""
        return numbered(self.number, self.row.text)


class Offer(Struct, frozen=True):
    """A step that can be recorded for some of the recommendations."""

    step: BulkStep
    due: int
    possible: int


def place_of(request: Request, **other: str) -> str:
    """The query of a page of the report: the same recommendations, on any page of the work."""
    chosen = {name: request.query_params.get(name) for name in PLACE} | other
    query = urlencode({name: text for name, text in chosen.items() if text})
    return f"?{query}" if query else ""


async def listed(request: Request, report: UUID) -> ReportRows:
    """The recommendations of a page of a report with their histories, and its place among all.

    A force and its body see their own alone.
    """
    query = query_form.read(request, ReportWorkParams)
    params, path = query.params, f"/reports/{report}/work"
    await wait_until_known(request, params)
    force = current_actor(request).force or params.force
    wanted = RegisterParams(report=str(report), force=force, limit=PAGE_MAX)
    every = [*(await to_thread.run_sync(register.register_page, request, wanted)).items]
    if params.order == "stage":
        every.sort(key=lambda item: _LIFE.index(Stage(item.standing.stage)))
    of = PageOf(params.page, ROWS_MAX)
    streams = [item.id for item in every[of.offset : of.offset + ROWS_MAX]]
    histories = await services(request).async_ledger.histories(streams)
    return ReportRows(
        {stream: histories[stream] for stream in streams},
        params.order == "stage",
        paging(query, path, of, len(every), len(streams)),
        orders(query, path, params.order, labels.REPORT_WORK_ORDERS),
    )


async def histories_in(
    request: Request, report: UUID, streams: Mapping[UUID, object]
) -> dict[UUID, History]:
    """The histories of the recommendations that a form names.

    Raises NotFound unless all are of the report.
    """
    histories = await services(request).async_ledger.histories(list(streams))
    for history in histories.values():
        if not recommendation_entries(history) or issue_of(history).report != report:
            raise NotFound("There is no such recommendation in this report.")
    return dict(histories)


def numbers_of(histories: Mapping[UUID, History]) -> dict[UUID, int]:
    """The number of each recommendation in the report; their places if some have none."""
    numbers = {stream: issue_of(history).ordinal for stream, history in histories.items()}
    known = [number for number in numbers.values() if number is not None]
    if len(set(known)) == len(numbers):
        return dict(sorted(((s, n or 0) for s, n in numbers.items()), key=lambda item: item[1]))
    return {stream: place for place, stream in enumerate(numbers, 1)}


def numbered(number: int, text: str) -> str:
    """The text of a recommendation after its number."""
    return _("%(number)s. %(text)s", number=number, text=text)


def row_of(stream: UUID, history: History) -> BulkRow:
    """The row of a recommendation as it is now, with its text as it may be read."""
    issue = issue_of(history)
    text = reading.titled(issue.kind, issue.ordinal, issue.text, issue.wording, issue.reference)
    return BulkRow(stream, len(history), text, issue.addressee, issue.reference)


async def rows_to_answer(
    request: Request,
    step: BulkStep,
    histories: Mapping[UUID, History],
    typed: Mapping[str, str],
    shown: Mapping[UUID, int],
    *,
    people: Inspectors,
) -> tuple[list[GridRow], dict[str, str]]:
    """The rows of a step, and everything typed or begun in them.

    `shown` has the steps at which they were shown before, if they were.
    """
    actor, now = current_actor(request), moment()
    numbers = numbers_of(histories)
    on_record = await judged_each(request, step.command, [histories[s] for s in numbers])
    rows: list[GridRow] = []
    values = dict(typed)
    begun: dict[UUID, dict[str, str]] = {}
    owners = await named_beside(request, step, histories)
    for (stream, number), judged in zip(numbers.items(), on_record, strict=True):
        history = histories[stream]
        state = recommendation_after(history)
        why = obstacle(step.command, actor, history, now)
        unticked = why_unticked(step, state, actor)
        ticked = not unticked and not step.said_of_each
        if not shown and why is None and is_due(step.command, state):
            begun[stream] = begun_with(step.question, history, actor)
        taken = taken_from_record(step.question, history, actor)
        values |= {f"{name}-{stream}": text for name, text in taken.items()}
        since = history[shown[stream] :] if stream in shown else ()
        rows.append(
            GridRow(
                row_of(stream, history),
                number,
                standing_of(history),
                why,
                why is None and (bool(typed.get(f"of-{stream}")) if shown else ticked),
                unticked,
                judged,
                cautions(step.command, history, actor) if why is None else (),
                await with_names(request, timeline(since, inside=True)),
                typed_of(step, stream, typed) if why else {},
                in_words(step, stream, typed, people) if why else (),
                None if owners is None else step.beside_field,
                (owners or {}).get(stream, ""),
            )
        )
    return rows, values | _begun(step, begun)


def _begun(step: BulkStep, rows: Mapping[UUID, Mapping[str, str]]) -> dict[str, str]:
    """The answers that a form begins with: for all where its rows agree, so that no row's beats it.

    `rows` has every recommendation that the step is due for. Where they differ, or one begins with
    nothing, each row begins with its own.
    """
    values: dict[str, str] = {}
    shared = {field.name for field in step.for_all}
    for stream, begun in rows.items():
        for name, text in begun.items():
            every = {other.get(name) for other in rows.values()}
            agree = name in shared and len(every) == 1
            values[name if agree else f"{name}-{stream}"] = text
    return values


async def named_beside(
    request: Request, step: BulkStep, histories: Mapping[UUID, History]
) -> dict[UUID, str] | None:
    """The responsible posts on record; None if the actor names none with this step."""
    actor = current_actor(request)
    forces = {addressee_of(history) for history in histories.values()}
    may_name = step.beside and all(
        may(actor, step.beside, force) is Verdict.ALLOWED for force in forces
    )
    return await owners_of(request, histories) if may_name else None


def possible_in(step: BulkStep, histories: Mapping[UUID, History], actor: Actor) -> set[UUID]:
    """The recommendations for which an actor can record a step now."""
    now = moment()
    return {
        stream
        for stream, history in histories.items()
        if obstacle(step.command, actor, history, now) is None
    }


def offers(histories: Mapping[UUID, History], actor: Actor) -> list[Offer]:
    """The steps that an actor can record for some of the recommendations."""
    now = moment()
    due = dict.fromkeys(STEPS, 0)
    possible = dict.fromkeys(STEPS, 0)
    for history in histories.values():
        state = recommendation_after(history)
        available = available_commands(actor, history, now, BULK)
        for step in STEPS:
            if step.command in available:
                possible[step] += 1
                due[step] += is_due(step.command, state, actor)
    return [Offer(step, due[step], possible[step]) for step in STEPS if possible[step]]


def addressees_of(report: Subject, histories: Mapping[UUID, History]) -> set[Code]:
    """The addressees of some recommendations of a report; the report's own if there are none."""
    return {addressee_of(history) for history in histories.values()} or {report.addressee}
