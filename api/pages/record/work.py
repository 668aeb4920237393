"""The first page of who is signed in: what waits for them, and what they can begin."""

from uuid import UUID

from anyio import to_thread
from litestar import Response, get
from msgspec import Struct

from api.http.problems import Request
from api.pages.record.submission import issue_of
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import asof, forces, render_view
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX, today, wait_for_position
from api.request.services import services
from api.v1.lists import register, worklist
from api.v1.lists.register import RegisterParams
from api.v1.lists.worklist import WorklistParams
from domain.access.permissions import COMMANDS, OWN_FORCE_ONLY, ReadPermission, can_read
from domain.commands.recommendation import ReceiveActionPlan, ReviewActionPlan
from domain.commands.report import PublishReport
from domain.events.event import History
from domain.history import recommendation_after
from domain.recommendation.clocks import Clock, clocks
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import Code

OF_ROLE = {Role.FORCE: ("action_plan", "time_limit"), Role.LOCAL_POLICING_BODY: ("section_55",)}
"""Which deadlines are whose to keep."""
PENDING = frozenset({"running", "overdue"})


class Owed(Struct, frozen=True):
    """One open recommendation of a force, with the deadline that comes first."""

    id: UUID
    text: str
    stage: str
    hands: str
    clock: Clock | None


@get("/work")
async def work(request: Request) -> Response[bytes]:
    """What waits for who is signed in."""
    actor = current_actor(request)
    if can_read(actor, ReadPermission.WORKLIST):
        sent = query_form.read(request, WorklistParams)
        await wait_for_position(request, sent.params)
        return await to_thread.run_sync(_of_reviewers, request, actor, sent)
    if actor.role in OWN_FORCE_ONLY and actor.force is not None:
        owed = query_form.read(request, RegisterParams)
        await wait_for_position(request, owed.params)
        return await to_thread.run_sync(_of_force, request, actor, actor.force)
    return page(
        request, "pages/record/work/work_none.html", title=_("Your work"), begin=_begin(actor)
    )


def _of_reviewers(
    request: Request, actor: Actor, sent: query_form.Sent[WorklistParams]
) -> Response[bytes]:
    found = worklist.worklist_page(request, sent.params)
    histories = services(request).ledger.histories([one.id for one in found.items])
    return render_view(
        request,
        "pages/record/work/work.html",
        sent,
        title=_("Your work"),
        found=found,
        texts={stream: issue_of(entries).text for stream, entries in histories.items()},
        kinds=[(str(kind), labels.WORK[kind]) for kind in Work],
        links={str(kind): sent.link("/work", work=kind, cursor=None) for kind in Work},
        following=sent.link("/work", cursor=found.next) if found.next else None,
        forces=forces(),
        begin=_begin(actor),
        position=found.position,
    )


def _of_force(request: Request, actor: Actor, force: Code) -> Response[bytes]:
    found = register.register_page(request, RegisterParams(force=force, open=True, limit=LIMIT_MAX))
    histories = services(request).ledger.histories([one.id for one in found.items])
    owed = [_owed(one.id, one.standing.text, histories[one.id], actor) for one in found.items]
    return page(
        request,
        "pages/record/work/work_force.html",
        title=_("What %(force)s has to answer for", force=formatting.force(force)),
        owed=sorted(owed, key=_first),
        more=found.next is not None,
        force=force,
        begin=_begin(actor),
        asof=asof(found.position),
    )


def _owed(stream: UUID, text: str, history: History, actor: Actor) -> Owed:
    state = recommendation_after(history)
    running = [
        one
        for one in clocks(state, today())
        if one.name in OF_ROLE[actor.role] and one.state in PENDING
    ]
    hands = formatting.hands(state.stage, state.plan, claimed=state.claim is not None)
    return Owed(stream, text, state.stage, hands, min(running, key=_days, default=None))


def _days(clock: Clock) -> int:
    return clock.days if clock.days is not None else 10**6


def _first(owed: Owed) -> int:
    return _days(owed.clock) if owed.clock else 10**7


def _begin(actor: Actor) -> list[tuple[str, str]]:
    """What somebody can begin here, by address and words."""
    found: list[tuple[str, str]] = []
    if actor.role in COMMANDS[PublishReport]:
        found.append(("/record/report", _("Publish a report with its recommendations")))
    if actor.role in COMMANDS[ReviewActionPlan]:
        found.append(("/record/reviews", _("Review several action plans")))
    if actor.role in COMMANDS[ReceiveActionPlan]:
        found.append(("/record/plan", _("Record one action plan for several recommendations")))
    return found


WORK_PAGES = (work,)
