"""The page of one recommendation: what is known last, what was asked, and what each party said."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from adapters.documents.store import Stored
from adapters.ledger.async_ledger import apart
from api.http.moment import moment
from api.http.problems import Request
from api.pages.people import named, with_names
from api.pages.public.recommendation.beside import Beside, Linked, beside, latest
from api.pages.public.recommendation.comments import with_comments
from api.pages.public.recommendation.disputed import by_step, disputed
from api.pages.public.recommendation.steps import steps_of
from api.pages.record.amendments.redaction_form import document_removals
from api.pages.record.amendments.suppression_form import pending_actions
from api.pages.record.amendments.withdrawal_form import PendingRequest, withdrawing
from api.pages.record.form_fields import OF_COMMAND
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, render_view
from api.pages.rendering.query_form import Query
from api.pages.rendering.timeline import Happened, timeline
from api.request.authentication import current_actor
from api.request.query_params import StreamParams
from api.request.services import services
from api.v1.record import recommendations
from api.v1.record.documents import stored_documents
from api.v1.record.recommendations import Read, RecommendationView
from domain.access.permissions import ReadPermission, may_correct, may_read
from domain.amendments.redaction import NAMING_DOCUMENTS
from domain.commands.recommendation import Close
from domain.events.event import History
from domain.events.recommendation import ActionPlanReviewed
from domain.history import recommendation_after
from domain.recommendation.available_commands import Action, available_commands
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.recommendation.worklist import unseen_move
from domain.vocabulary.actors import Actor
from domain.vocabulary.forces import NATIONAL

STEPS_SHOWN = 200
"""The most steps that a list on the page has; the history has them all, page by page."""
WHOLE_SHOWN = 40
"""The most statements on a whole report that stand on a page, which keeps it under 100 KB."""


class Actions(Struct, frozen=True):
    """Forms open to an actor, by title, and the withdrawals that await agreement."""

    forms: list[Linked]
    requests: list[PendingRequest]


class ShownDocument(Struct, frozen=True):
    """A document, and whether a plan or a claim on the page names it."""

    document: Stored
    is_named: bool


class Parts(Struct, frozen=True):
    """Parts of the page that are read before it is rendered."""

    shown: RecommendationView
    published: list[Happened]
    happened: list[Happened]
    """Every step that the actor may read of, by the names of those who recorded it."""
    beside: Beside
    documents: tuple[Stored, ...]
    inside: bool
    today: bool
    owner: str | None
    remarks: str | None
    """The changes that inspectors ask for in the plan, if they do."""


@get("/recommendations/{stream:uuid}", opt=OPT)
async def show_recommendation(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show a recommendation: what is known of it, and its deadlines."""
    query = await query_form.aread_known(request, StreamParams)
    of = await recommendations.read(request, stream, query.params)
    shown = await recommendations.recommendation_view(request, of, query.params)
    happened = await apart(of.known, _timeline, of, inside=False)
    published = with_comments(happened, shown)
    others = await beside(request, shown, query.params, published)
    inside = may_read(current_actor(request), ReadPermission.HISTORY, shown.addressee)
    # As they are kept today: a page of another day does not show them.
    today = query.params == StreamParams()
    documents = await stored_documents(request, stream) if today and inside else ()
    owner = await _owner(request, of) if inside else None
    remarks = await _remarks(request, of) if inside else None
    view = await named(request, shown)
    if inside:
        every = await apart(of.known, _timeline, of, inside=True)
        happened = await with_names(request, every)
    parts = Parts(view, published, happened, others, documents, inside, today, owner, remarks)
    return await apart(of.known, _page, request, query, of, parts)


def _page(request: Request, query: Query[StreamParams], of: Read, parts: Parts) -> Response[bytes]:
    actor, shown, published = current_actor(request), parts.shown, parts.published
    open_disputes = disputed(shown.disputes, of.known, shown.addressee)
    return render_view(
        request,
        "pages/public/recommendation.html",
        query,
        title=title_of(shown),
        heading=heading_of(shown),
        of=shown.reference,
        crumbs=[HOME, {"text": N_("Recommendations"), "href": "/recommendations"}],
        shown=shown,
        updated=of.state.updated,
        unseen=unseen_move(of.state) if parts.inside else None,
        latest=latest(published, parts.beside.whole) if shown.stage is Stage.NOT_KNOWN else None,
        issued=published[0] if published else None,
        places=steps_of(of.entries, of.state),
        overdue=("time_limit", "overdue") in {(clock.name, clock.state) for clock in shown.clocks},
        said=_by_party(published, shown),
        happened=parts.happened,
        steps=parts.happened[-STEPS_SHOWN:],
        unshown_steps=max(len(parts.happened) - STEPS_SHOWN, 0),
        beside=parts.beside,
        whole=parts.beside.whole[-WHOLE_SHOWN:],
        unshown=max(len(parts.beside.whole) - WHOLE_SHOWN, 0),
        inside=parts.inside,
        owner=parts.owner,
        remarks=parts.remarks,
        documents=_documents(of, parts.documents),
        document_removals=partial(document_removals, actor, of.known, moment()),
        actions=_actions(actor, of.known, shown) if parts.today and parts.inside else None,
        behind="",
        position=shown.position,
        disputed=open_disputes,
        disputed_steps=by_step(open_disputes),
    )


def _documents(of: Read, documents: Sequence[Stored]) -> list[ShownDocument]:
    """Return documents, each with whether a plan or a claim that was not withdrawn names it."""
    named_now = {
        document
        for entry in of.entries
        if isinstance(entry.event, NAMING_DOCUMENTS)
        for document in entry.event.documents
    }
    return [ShownDocument(each, each.sha256 in named_now) for each in documents]


def _timeline(of: Read, *, inside: bool) -> list[Happened]:
    recorded = {entry.step: entry for entry in of.known}
    return timeline(of.entries, inside=inside, recorded=recorded)


async def _owner(request: Request, of: Read) -> str | None:
    """Return the responsible post that the force named last; None if it named none."""
    step = of.state.owner_step
    if not step:
        return None
    entry = of.known[step - 1].id
    notes = await services(request).async_ledger.notes([entry])
    return notes.get(entry, {}).get("owner") or _("The text was removed.")


async def _remarks(request: Request, of: Read) -> str | None:
    """Return what inspectors ask to change in the plan; None if they do not."""
    if of.state.stage is not Stage.PLAN_REVIEWED or of.state.plan is not Plan.CHANGES_REQUESTED:
        return None
    reviews = [each.id for each in of.entries if isinstance(each.event, ActionPlanReviewed)]
    notes = await services(request).async_ledger.notes(reviews[-1:])
    return notes.get(reviews[-1], {}).get("remarks") or _("The text was removed.")


def title_of(shown: RecommendationView) -> str:
    """Return the title of the page: the subject of the recommendation, if its wording is known."""
    if shown.wording == "not seen":
        return _("Wording not seen (%(area)s)", area=labels.AREAS[shown.area])
    return formatting.headline(shown.text)


def heading_of(shown: RecommendationView) -> str:
    """Return the kind, the number and the addressee of a recommendation."""
    words = {"kind": labels.KINDS[shown.kind], "force": shown.addressee_name}
    if shown.ordinal is None:
        return _("%(kind)s to %(force)s", **words)
    return _("%(kind)s %(number)s to %(force)s", number=shown.ordinal, **words)


def _by_party(
    published: Sequence[Happened], shown: RecommendationView
) -> list[tuple[str, list[Happened]]]:
    """Return what each party said after the issue, in the order of days."""
    later = [item for item in published if item.step != 1]
    parties = {party: [item for item in later if item.party == party] for party in labels.PARTIES}
    expected = {"inspectorate"} if shown.addressee == NATIONAL else {"force", "inspectorate"}
    return [
        (party, items[-STEPS_SHOWN:])
        for party, items in parties.items()
        if items or party in expected
    ]


def _actions(actor: Actor, history: History, shown: RecommendationView) -> Actions:
    """Return what the actor can record now."""
    state, now = recommendation_after(history), moment()
    place = f"/recommendations/{shown.id}"
    forms = [
        Linked(_title_of(command, state, actor), f"{place}/record/{OF_COMMAND[command].tag}")
        for command in available_commands(actor, history, now)
    ]
    if may_correct(actor, shown.addressee):
        forms.append(Linked(_("Correct an earlier step"), f"{place}/correct"))
    forms += [Linked(_(each.title), each.href) for each in pending_actions(actor, history, now)]
    can = withdrawing(history, actor, now)
    if can.steps:
        forms.append(Linked(_(can.title), can.address))
    return Actions(forms, can.requests)


def _title_of(command: Action, state: Recommendation, actor: Actor) -> str:
    """Return the title of a form, by what it can do here."""
    proposal = state.proposal
    if command is Close and proposal and proposal.by != actor.id:
        return _("Agree to the proposed closure, or close it for another reason")
    return _(OF_COMMAND[command].title)
