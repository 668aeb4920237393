"""History pages: every entry of a stream, with all that it says, its recorder and its stage."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from uuid import UUID

from anyio import to_thread
from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from api.http.moment import moment
from api.http.problems import Request
from api.pages.people import names_seen
from api.pages.record.amendments.redaction_form import (
    Removal,
    document_removals,
    removals,
)
from api.pages.record.amendments.reply_form import disputable
from api.pages.record.amendments.suppression_form import suppressions
from api.pages.record.amendments.withdrawal_form import Withdrawing, withdrawing
from api.pages.record.subject import subject_of
from api.pages.rendering import event_fields, formatting, query_form
from api.pages.rendering.event_fields import CORRECTIONS, EventField, Links
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import render_view
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record import history
from api.v1.record.history import HistoryItem, HistoryPage, HistoryParams
from domain.access.permissions import ReadPermission
from domain.events.event import History
from domain.events.recommendation import Issued
from domain.history import recommendation_entries, report_entries
from domain.vocabulary.values import ActorId, FieldName, Sha256

STEPS_SHOWN = 50
OPT = {"sight": ReadPermission.HISTORY}


class ShownNote(Struct, frozen=True):
    """A note by its field; the text is None if it was removed."""

    name: str
    label: str
    text: str | None


class ShownStep(Struct, frozen=True):
    """A step with all that it says, and the addresses that its fields lead to."""

    entry: HistoryItem
    what: str
    fields: list[EventField]
    notes: list[ShownNote]
    links: Links

    def label(self, field: FieldName) -> str:
        """Return the name of a published text, in words; with its number, if it is of several."""
        name, _dot, number = field.partition(".")
        label = event_fields.label_of(type(self.entry.event), name)
        return f"{label} {int(number) + 1}" if number else label


@get("/recommendations/{stream:uuid}/history", opt=OPT)
async def of_recommendation(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the history of a recommendation."""
    entries = recommendation_entries(await services(request).async_ledger.history(stream))
    offered = (current_actor(request), entries, moment())
    shown = partial(
        _shown,
        suppressions=partial(suppressions, *offered),
        removals=partial(removals, *offered),
        document_removals=partial(document_removals, *offered),
    )
    people = await _people(request, entries)
    return await to_thread.run_sync(shown, request, entries, f"/recommendations/{stream}", people)


@get("/reports/{stream:uuid}/history", opt=OPT)
async def of_report(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the history of a report."""
    entries = report_entries(await services(request).async_ledger.history(stream))
    offered = partial(suppressions, current_actor(request), entries, moment())
    shown = partial(_shown, suppressions=offered)
    people = await _people(request, entries)
    return await to_thread.run_sync(shown, request, entries, f"/reports/{stream}", people)


async def _people(request: Request, entries: History) -> dict[ActorId, str]:
    """Return the people of a history by name, beside the identifier that the record holds."""
    names = await names_seen(request, entries)
    return {actor: f"{name} ({actor})" for actor, name in names.items()}


def _none(*_: object) -> Iterable[Removal]:
    return ()


def _shown(
    request: Request,
    entries: History,
    path: str,
    people: Mapping[ActorId, str],
    *,
    suppressions: Callable[[int], Iterable[tuple[FieldName, Removal]]],
    removals: Callable[[int, str], Iterable[Removal]] = _none,
    document_removals: Callable[[Sha256], Iterable[Removal]] = _none,
) -> Response[bytes]:
    query = query_form.read_known(request, HistoryParams)
    page = history.history_items(request, entries, query.params, STEPS_SHOWN)
    here = f"{path}/history"
    about = subject_of(entries)
    return render_view(
        request,
        "pages/audit/history.html",
        query,
        title=_("History"),
        caption=formatting.headline(about.text),
        of=about.reference,
        about=about,
        crumbs=about.crumbs,
        history=page,
        suppressions=suppressions,
        removals=removals,
        document_removals=document_removals,
        steps=_steps(request, entries, path, page, people),
        disputable=_disputable(request, entries, query.params),
        withdrawing=_withdrawing(request, entries, query.params),
        following=query.link(here, after=str(page.next)) if page.next else None,
        download=query.link(f"/v1{here}"),
        behind="",
        position=entries[-1].position,
    )


def _steps(
    request: Request,
    entries: History,
    path: str,
    page: HistoryPage,
    people: Mapping[ActorId, str],
) -> list[ShownStep]:
    """Return the steps of a page; a link to a step leads to the page that has it."""
    here = {shown.step for shown in page.items}
    streams = {stream for item in page.items for stream in event_fields.streams_of(item.event)}
    links = Links(
        path,
        lambda step: (
            f"#step-{step}" if step in here else f"{path}/history?after={step - 1}#step-{step}"
        ),
        names={
            stream: formatting.headline(subject_of(history).text)
            for stream, history in services(request).ledger.histories(streams).items()
            if history
        },
        people=people,
    )
    return [_step(item, entries, links) for item in page.items]


def _step(item: HistoryItem, entries: History, of_page: Links) -> ShownStep:
    """Return a step with all that it says."""
    stored = {document.sha256: document for document in item.documents or ()}
    links = replace(of_page, stored=stored)
    event = item.event
    about = entries[event.step - 1].event if isinstance(event, CORRECTIONS) else None
    notes = item.notes or {}
    return ShownStep(
        item,
        what_of(event),
        event_fields.fields_of(event, links, about),
        [
            ShownNote(name, event_fields.label_of(type(event), name), text)
            for name, text in notes.items()
        ],
        links,
    )


def _disputable(
    request: Request, entries: History, params: HistoryParams
) -> dict[int, frozenset[FieldName]]:
    """Return what the actor can dispute now; nothing on the page of a past day."""
    now = replace(params, after=None) == HistoryParams()
    return disputable(current_actor(request), entries, moment()) if now else {}


def _withdrawing(request: Request, entries: History, params: HistoryParams) -> Withdrawing | None:
    """Return what can be done now about mistakes; nothing on the page of a past day."""
    now = replace(params, after=None) == HistoryParams()
    if not now or not entries or not isinstance(entries[0].event, Issued):
        return None
    return withdrawing(entries, current_actor(request), moment())


HISTORY_PAGES = (of_recommendation, of_report)
