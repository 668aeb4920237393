"""The confirmation that a step is on record, and the way to undo it."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from api.http.moment import moment
from api.http.problems import Request
from api.pages.record.beside.consequences import place_of
from api.pages.record.subject import history_asked, subject_of
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.pages.rendering.timeline import timeline
from api.request.authentication import current_actor
from api.request.readings import record_history_read
from domain.access.permissions import ReadPermission, may_read
from domain.checks import REPLIES
from domain.commands.recommendation import Withdraw
from domain.events.event import History
from domain.events.recommendation import Issued
from domain.history import addressee_of
from domain.recommendation.available_commands import is_allowed
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound


@get(
    [
        "/recommendations/{stream:uuid}/recorded/{step:int}",
        "/reports/{stream:uuid}/recorded/{step:int}",
    ],
    opt={"sight": ReadPermission.HISTORY},
)
async def recorded(
    request: Request, stream: FromPath[UUID], step: FromPath[int]
) -> Response[bytes]:
    """The confirmation that a step is on record."""
    history = await history_asked(request, stream)
    readable = may_read(current_actor(request), ReadPermission.HISTORY, addressee_of(history))
    if not readable or not 0 < step <= len(history):
        raise NotFound("There is no such step.")
    await record_history_read(request, stream)
    entry, about = history[step - 1], subject_of(history)
    return page(
        request,
        "pages/record/recorded.html",
        title=_("Recorded"),
        of=about.reference,
        about=about,
        entry=entry,
        happened=timeline([entry], inside=True)[0],
        placed=[*place_of(entry, history)],
        thread=isinstance(entry.event, REPLIES),
        undo=undo_address(history, [entry.step], current_actor(request)),
        crumbs=about.crumbs,
    )


def undo_address(history: History, steps: Sequence[int], actor: Actor) -> str | None:
    """Return the address of the form that withdraws some steps, if they are the actor's to."""
    entries = [history[step - 1] for step in steps if 0 < step <= len(history)]
    own = all(entry.stamp.by == actor.id for entry in entries)
    if not entries or not own or not isinstance(history[0].event, Issued):
        return None
    withdraw = Withdraw(steps=tuple(entry.step for entry in entries), why="-")
    if not is_allowed(withdraw, actor, history, moment()):
        return None
    chosen = "&".join(f"step={entry.step}" for entry in entries)
    return f"{subject_of(history).address}/record/withdraw?{chosen}"


CONFIRMING_PAGES = (recorded,)
