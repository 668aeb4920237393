"""The record of one actor's access: sign-ins, rights, tokens, and an auditor's readings."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from adapters.identity.access_log import access_submission
from api.entry_view import ShownEntry, shown
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX, Params
from api.request.services import services
from domain.access.permissions import ReadPermission
from domain.events.access import AccessEvent
from domain.history import access_entries
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound
from domain.vocabulary.ids import access_id
from domain.vocabulary.values import ActorId, StepNumber


class AccessParams(Params, frozen=True, kw_only=True):
    """The step after which to begin."""

    after: Annotated[StepNumber, Meta(description="Only entries after that step.")] | None = None


class AccessPage(Struct, frozen=True):
    """Some entries about an actor's access, oldest first; more follow after step `next`."""

    actor: ActorId
    items: tuple[ShownEntry, ...]
    next: int | None


@get("/v1/access/{actor:str}", opt={"sight": ReadPermission.ACCESS}, sync_to_thread=True)
def list_access(
    request: Request, actor: FromPath[str], params: NamedDependency[AccessParams]
) -> AccessPage:
    """List the record of an actor's access, for auditors and administrators."""
    history = access_entries(services(request).ledger.history(access_id(actor)))
    if not history:
        raise NotFound("There is no such actor on record.")
    services(request).readings.record_history_read(
        current_actor(request), access_id(actor), None, None
    )
    first = params.after or 0
    last = min(len(history), first + LIMIT_MAX)
    items = tuple(shown(entry, current_actor(request)) for entry in history[first:last])
    return AccessPage(actor, items, last if last < len(history) else None)


async def record(request: Request, actor: Actor, *events: AccessEvent) -> None:
    """Record events of access by an actor. Raises what `AsyncLedger.submit` raises."""
    submissions = [access_submission(event) for event in events]
    await services(request).async_ledger.submit(submissions, actor)
