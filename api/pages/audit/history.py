"""History pages: every entry of a stream, with its recorder, time and resulting stage."""

from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from anyio import to_thread
from litestar import Response, get
from litestar.params import FromPath

from api.http.moment import moment
from api.http.problems import Request
from api.pages.record.redaction_form import Removal, document_removals, removals
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
from domain.history import recommendation_entries, report_entries
from domain.vocabulary.values import Sha256

STEPS_SHOWN = 50
OPT = {"sight": ReadPermission.HISTORY}


@get("/recommendations/{stream:uuid}/history", opt=OPT)
async def of_recommendation(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the history of a recommendation."""
    entries = recommendation_entries(await services(request).async_ledger.history(stream))
    offered = (current_actor(request), entries, moment())
    return await to_thread.run_sync(
        _shown,
        request,
        entries,
        f"/recommendations/{stream}",
        partial(removals, *offered),
        partial(document_removals, *offered),
    )


@get("/reports/{stream:uuid}/history", opt=OPT)
async def of_report(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the history of a report."""
    entries = report_entries(await services(request).async_ledger.history(stream))
    return await to_thread.run_sync(_shown, request, entries, f"/reports/{stream}")


def _none(*_: object) -> Iterable[Removal]:
    return ()


def _shown(
    request: Request,
    entries: History,
    path: str,
    removals: Callable[[int, str], Iterable[Removal]] = _none,
    document_removals: Callable[[Sha256], Iterable[Removal]] = _none,
) -> Response[bytes]:
    query = query_form.read(request, HistoryParams)
    steps = history.history_items(request, entries, query.params, STEPS_SHOWN)
    here, about = f"{path}/history", subject_of(entries)
    return render_view(
        request,
        "pages/audit/history.html",
        query,
        title=_("History"),
        of=about.reference,
        about=about,
        crumbs=[HOME, {"text": N_("Details"), "href": path}],
        history=steps,
        removals=removals,
        document_removals=document_removals,
        steps=[(item, what_of(item.event)) for item in steps.items],
        following=query.link(here, after=str(steps.next)) if steps.next else None,
        download=query.link(f"/v1{here}"),
        position=entries[-1].position,
    )


HISTORY_PAGES = (of_recommendation, of_report)
