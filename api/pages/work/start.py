"""The start page of a signed-in person: what waits for them, and tasks to begin."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from anyio import to_thread
from litestar import Response, get
from msgspec import Struct
from msgspec.structs import replace

from adapters.work import saved_filters, visits
from adapters.work.saved_filters import SavedFilter
from api.http.moment import moment
from api.http.problems import Request
from api.pages.forms.paging import orders, paging
from api.pages.inspections.listing import has_inspections
from api.pages.people import NOBODY, Inspectors, inspectors_seen
from api.pages.record.several.owners import naming_entries, owners_in
from api.pages.record.submission import issue_of
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import forces, render_view
from api.pages.rendering.query_form import Query
from api.pages.rendering.render import page
from api.pages.work.beside import BesideWork, waiting_beside
from api.pages.work.corrections import corrections
from api.pages.work.filters import DELETED, SAVED
from api.pages.work.news import News, many_waiting, news_of
from api.pages.work.proposals import ALL, proposed_by, proposed_by_others
from api.pages.work.tasks import begin
from api.pages.work.waiting import movers, reports_of_several, waiting_row
from api.request.authentication import current_actor, session_of
from api.request.services import services
from api.request.waiting import wait_until_known
from api.v1.lists import worklist
from api.v1.lists.worklist import WorklistParams
from domain.access.permissions import READ_PERMISSIONS, ReadPermission, can_read, may_read
from domain.events.event import History
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.errors import Forbidden
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code
from projections.worklist.filter import CLOCKS_OF_ROLE, Share
from projections.worklist.listing import WorklistPage

START = "/work"
OWN_ORDERS = {
    name: text for name, text in labels.WORK_ORDERS.items() if name not in {"force", "next_by"}
}
"""The orders of a list of one force."""
INSPECTORS_ORDERS = {"next_by": labels.WORK_ORDERS.english["next_by"], **labels.WORK_ORDERS.english}
"""The orders of an inspector's list, which begins with what waits for inspectors."""


class Desk(Struct, frozen=True):
    """A person's own things on their start page."""

    actor: Actor
    before: datetime | None
    signed_in: bool
    saved: list[SavedFilter]
    people: Inspectors = NOBODY
    beside: list[BesideWork] = []


@get(START)
async def work(request: Request) -> Response[bytes]:
    """Show what waits for the signed-in person."""
    actor = current_actor(request)
    if can_read(actor, ReadPermission.WORKLIST):
        return await _inspector_page(request, actor, own=True)
    if actor.force is not None and may_read(actor, ReadPermission.HISTORY, actor.force):
        query = query_form.read(request, WorklistParams)
        await wait_until_known(request, query.params)
        desk = await _desk(request, actor)
        return await to_thread.run_sync(_of_force, request, desk, actor.force, query)
    signed_in = session_of(request) is not None
    return page(
        request,
        "pages/work/none.html",
        title=_("Your work"),
        begin=begin(actor),
        signed_in=signed_in,
    )


@get(ALL)
async def all_work(request: Request) -> Response[bytes]:
    """Show everybody's work, to those who may see it."""
    actor = current_actor(request)
    if not can_read(actor, ReadPermission.WORKLIST):
        words = "Only inspectors and auditors see everybody's work."
        raise Forbidden(words, READ_PERMISSIONS[ReadPermission.WORKLIST])
    return await _inspector_page(request, actor, own=False)


async def _inspector_page(request: Request, actor: Actor, *, own: bool) -> Response[bytes]:
    query = query_form.read(request, WorklistParams)
    await wait_until_known(request, query.params)
    desk = replace(await _desk(request, actor), people=await inspectors_seen(request))
    return await to_thread.run_sync(_of_inspector, request, desk, query, own)


async def _desk(request: Request, actor: Actor) -> Desk:
    """Return a person's own things; a tool with a token has none of its own."""
    beside = await waiting_beside(request, actor)
    if session_of(request) is None:
        return Desk(actor, None, signed_in=False, saved=[], beside=beside)
    run = services(request).async_ledger.run
    before = await run(visits.visit(actor.id, moment()))
    saved = await run(saved_filters.saved_by(actor.id))
    return Desk(actor, before, signed_in=True, saved=saved, beside=beside)


def _of_inspector(
    request: Request,
    desk: Desk,
    query: Query[WorklistParams],
    own: bool,  # noqa: FBT001  a thread's
) -> Response[bytes]:
    path = START if own else ALL
    assigned = Share((), desk.actor.id)
    share = share_of_inspector(request) if own else None
    shown = assigned if query.params.assigned else share
    is_inspector = desk.actor.role is Role.INSPECTOR
    order = query.params.order or ("next_by" if is_inspector else None)
    listed = worklist.listed(request, replace(query.params, order=order), shown)
    return _render(
        request,
        "pages/work/inspector.html",
        query,
        listed,
        desk,
        share=share,
        path_of_list=path,
        of_others=proposed_by_others(request, query, share, desk.people),
        title=_("Your work") if own else _("Everybody's work"),
        mine=share is not None,
        assigned=many_waiting(request, WorklistParams(), assigned),
        to_assigned=query.link(path, assigned="true", cursor=None, page=None),
        leads=is_inspector,
        order=order,
        corrections=corrections(request, training=query.training)
        if own and desk.actor.role is Role.AUDITOR
        else [],
        led=[formatting.force(force) for force in share.forces] if share else [],
        kinds=[(str(kind), labels.WORK[kind]) for kind in Work],
        links={
            str(kind): query.link(path, work=kind, for_inspectors=None, cursor=None, page=None)
            for kind in Work
        },
        every=query.link(path, work=None, for_inspectors=None, cursor=None, page=None),
        movers=movers(query, path, listed),
        orders=orders(
            query, path, order, INSPECTORS_ORDERS if is_inspector else labels.WORK_ORDERS
        ),
        filtered=replace(query.params, cursor=None, page=None, order=None) != WorklistParams(),
        forces=forces(training=query.training),
    )


def _of_force(
    request: Request, desk: Desk, force: Code, query: Query[WorklistParams]
) -> Response[bytes]:
    share = share_of_force(desk.actor.role, force)
    listed = worklist.page_of_share(request, replace(query.params, force=force), share)
    return _render(
        request,
        "pages/work/force.html",
        query,
        listed,
        desk,
        share=share,
        path_of_list=START,
        title=_("Your work: recommendations to %(force)s", force=formatting.force(force)),
        force=force,
        orders=orders(query, START, query.params.order, OWN_ORDERS),
        inspected=has_inspections(request),
    )


def _render(
    request: Request,
    template: str,
    query: Query[WorklistParams],
    listed: WorklistPage,
    desk: Desk,
    *,
    share: Share | None,
    path_of_list: str,
    **shown: object,
) -> Response[bytes]:
    histories = services(request).ledger.histories([item.id for item in listed.items])
    texts = {stream: issue_of(entries).text for stream, entries in histories.items()}
    past = query.params.on is not None or query.params.known_at is not None
    owners = _owners(request, {} if past else histories)
    reports = reports_of_several(histories, desk.actor)
    proposed = proposed_by(desk.actor, listed, {} if past else histories)
    named = [*(item.force for item in listed.items), *(share.forces if share else ())]
    of_training = [is_training(force) for force in named]
    return render_view(
        request,
        template,
        query,
        worklist=listed,
        rows=[
            waiting_row(
                item,
                texts.get(item.id, item.reference),
                listed.on,
                desk.people,
                owners.get(item.id),
                report=reports.get(item.id),
                proposed=item.id in proposed,
            )
            for item in listed.items
        ],
        paging=paging(query, path_of_list, query.params, listed.total, len(listed.items)),
        news=news_of(request, query, desk.before, share, path_of_list)
        if desk.signed_in
        else News(),
        saved=desk.saved,
        just_saved=_just_saved(request, desk.saved),
        just_deleted=DELETED in request.query_params,
        beside=desk.beside,
        signed_in=desk.signed_in,
        begin=begin(desk.actor, training=query.training),
        training=any(of_training) and all(of_training),
        some_training=any(of_training),
        position=listed.position,
        **shown,
    )


def _just_saved(request: Request, saved: list[SavedFilter]) -> SavedFilter | None:
    """Return the saved filter that a link to the confirmation names, if it is there."""
    name = request.query_params.get(SAVED)
    return next((each for each in saved if each.name == name), None)


def _owners(request: Request, histories: Mapping[UUID, History]) -> Mapping[UUID, str]:
    """Return the responsible post of each recommendation that has one."""
    named = naming_entries(histories)
    return owners_in(named, services(request).ledger.notes(list(named.values())) if named else {})


def share_of_inspector(request: Request) -> Share | None:
    """Return the share on the start page of an inspector; None for everybody's work."""
    share = worklist.own_share(request)
    return share if share.forces or _is_assigned(request, share) else None


def share_of_force(role: Role, force: Code) -> Share:
    """Return the share on the start page of a force or its local policing body."""
    return Share((force,), clocks=CLOCKS_OF_ROLE[role])


def _is_assigned(request: Request, share: Share) -> bool:
    return many_waiting(request, WorklistParams(), share) > 0


START_PAGES = (work, all_work)
