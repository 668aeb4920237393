"""Every entry of one stream: what was recorded, by whom and when, and what stood after it."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from anyio import to_thread
from litestar import Response, get
from litestar.params import FromPath

from api.http.problems import Request
from api.pages.record.redaction_form import Removal, removals
from api.pages.record.subject import subject_of
from api.pages.rendering import query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, render_view
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record import history
from api.v1.record.history import HistoryParams
from domain.access.permissions import ReadPermission
from domain.events.event import History
from domain.events.recommendation import RecommendationEvent
from domain.history import recommendation_entries, report_entries
from domain.vocabulary.entry import Entry

STEPS_SHOWN = 50
OPT = {"sight": ReadPermission.HISTORY}


@get("/recommendations/{stream:uuid}/history", opt=OPT)
async def of_recommendation(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """The history of a recommendation."""
    found = recommendation_entries(await services(request).async_ledger.history(stream))
    path = f"/recommendations/{stream}"
    return await to_thread.run_sync(
        _shown, request, found, path, partial(_removals, request, found)
    )


@get("/reports/{stream:uuid}/history", opt=OPT)
async def of_report(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """The history of a report."""
    found = report_entries(await services(request).async_ledger.history(stream))
    return await to_thread.run_sync(_shown, request, found, f"/reports/{stream}")


def _removals(
    request: Request, found: Sequence[Entry[RecommendationEvent]], step: int, field: str
) -> list[Removal]:
    return list(removals(current_actor(request), found, step, field))


def _none(_step: int, _field: str) -> list[Removal]:
    return []


def _shown(
    request: Request,
    entries: History,
    path: str,
    removals: Callable[[int, str], list[Removal]] = _none,
) -> Response[bytes]:
    sent = query_form.read(request, HistoryParams)
    told = history.history_items(request, entries, sent.params, STEPS_SHOWN)
    here = f"{path}/history"
    return render_view(
        request,
        "pages/audit/history.html",
        sent,
        title=_("History"),
        of=subject_of(entries).reference,
        crumbs=[HOME, {"text": N_("What it is the history of"), "href": path}],
        told=told,
        removals=removals,
        steps=[(one, what_of(one.event)) for one in told.items],
        following=sent.link(here, after=str(told.next)) if told.next else None,
        download=sent.link(f"/v1{here}"),
        position=entries[-1].position,
    )


HISTORY_PAGES = (of_recommendation, of_report)
