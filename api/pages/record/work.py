"""The work page of a signed-in person: waiting work, and tasks to start."""

from uuid import UUID

from anyio import to_thread
from litestar import Response, get
from msgspec import Struct

from api.http.moment import today
from api.http.problems import Request
from api.pages.record.submission import issue_of
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import asof, forces, render_view
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX
from api.request.services import services
from api.request.waiting import wait_until_known
from api.v1.lists import register, worklist
from api.v1.lists.register import RegisterParams
from api.v1.lists.worklist import WorklistParams
from domain.access.permissions import COMMANDS, ReadPermission, can_read, may_read
from domain.commands.recommendation import ReceiveActionPlan, ReviewActionPlan
from domain.commands.report import PublishReport
from domain.events.event import History
from domain.history import recommendation_after
from domain.recommendation.clocks import Clock, clocks
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import Code

OF_ROLE = {
    Role.FORCE: ("action_plan", "immediate_update", "time_limit"),
    Role.LOCAL_POLICING_BODY: ("section_55",),
}
"""The deadlines that each role has to keep."""
PENDING = frozenset({"running", "overdue"})


class Owed(Struct, frozen=True):
    """An open recommendation to a force, with its earliest deadline."""

    id: UUID
    text: str
    stage: str
    hands: str
    clock: Clock | None


@get("/work")
async def work(request: Request) -> Response[bytes]:
    """Show the work waiting for the signed-in person."""
    actor = current_actor(request)
    if can_read(actor, ReadPermission.WORKLIST):
        query = query_form.read(request, WorklistParams)
        await wait_until_known(request, query.params)
        return await to_thread.run_sync(_of_reviewers, request, actor, query)
    if actor.force is not None and may_read(actor, ReadPermission.HISTORY, actor.force):
        owed = query_form.read(request, RegisterParams)
        await wait_until_known(request, owed.params)
        return await to_thread.run_sync(_of_force, request, actor, actor.force)
    return page(
        request, "pages/record/worklist/none.html", title=_("Your work"), begin=_begin(actor)
    )


def _of_reviewers(
    request: Request, actor: Actor, query: query_form.Query[WorklistParams]
) -> Response[bytes]:
    listing = worklist.worklist_page(request, query.params)
    histories = services(request).ledger.histories([item.id for item in listing.items])
    return render_view(
        request,
        "pages/record/worklist/reviewers.html",
        query,
        title=_("Your work"),
        worklist=listing,
        texts={stream: issue_of(entries).text for stream, entries in histories.items()},
        kinds=[(str(kind), labels.WORK[kind]) for kind in Work],
        links={str(kind): query.link("/work", work=kind, cursor=None) for kind in Work},
        following=query.link("/work", cursor=listing.next) if listing.next else None,
        forces=forces(training=query.training),
        begin=_begin(actor),
        position=listing.position,
    )


def _of_force(request: Request, actor: Actor, force: Code) -> Response[bytes]:
    open_ones = RegisterParams(force=force, open=True, limit=LIMIT_MAX)
    listing = register.register_page(request, open_ones)
    histories = services(request).ledger.histories([item.id for item in listing.items])
    owed = [_owed(item.id, item.standing.text, histories[item.id], actor) for item in listing.items]
    return page(
        request,
        "pages/record/worklist/force.html",
        title=_("Your work: recommendations to %(force)s", force=formatting.force(force)),
        owed=sorted(owed, key=_first),
        more=listing.next is not None,
        force=force,
        begin=_begin(actor),
        asof=asof(listing.position),
    )


def _owed(stream: UUID, text: str, history: History, actor: Actor) -> Owed:
    state = recommendation_after(history)
    running = [
        clock
        for clock in clocks(state, today())
        if clock.name in OF_ROLE[actor.role] and clock.state in PENDING
    ]
    finding = state.findings[-1].finding if state.findings else None
    claimed = state.claim is not None
    hands = formatting.hands(state.stage, state.plan, claimed=claimed, finding=finding)
    return Owed(stream, text, state.stage, hands, min(running, key=_days, default=None))


def _days(clock: Clock) -> int:
    return clock.days if clock.days is not None else 10**6


def _first(owed: Owed) -> int:
    return _days(owed.clock) if owed.clock else 10**7


def _begin(actor: Actor) -> list[tuple[str, str]]:
    """Return the tasks that the actor can start: their addresses and words."""
    tasks: list[tuple[str, str]] = []
    if actor.role in COMMANDS[PublishReport]:
        tasks.append(("/record/report", _("Publish a report with its recommendations")))
    if actor.role in COMMANDS[ReviewActionPlan]:
        tasks.append(("/record/reviews", _("Review several action plans")))
    if actor.role in COMMANDS[ReceiveActionPlan]:
        tasks.append(("/record/plan", _("Record one action plan for several recommendations")))
    return tasks


WORK_PAGES = (work,)
