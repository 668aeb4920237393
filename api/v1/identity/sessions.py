"""The requesting actor, and people's sessions: one's own, and everyone's for admins."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.identity.form_tokens import form_token
from adapters.identity.sessions import Session, Sessions, Way
from api.http.cookies import SESSION
from api.http.problems import Request
from api.request.authentication import current_actor, session_of
from api.request.pagination import link_to_next
from api.request.query_params import Limit, Params
from api.request.services import services
from api.v1.identity.access import record
from domain.access.permissions import may_end_sessions
from domain.events.access import SessionsEnded
from domain.vocabulary.actors import Actor, Role, Scope
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.values import ActorId, Code


class OwnSession(Struct, frozen=True):
    """The session of a request, and the CSRF token for requests that change something."""

    id: UUID
    way: Way
    created_at: datetime
    idle_ends_at: datetime
    ends_at: datetime
    csrf: str


class OwnActor(Struct, frozen=True):
    """The requesting actor; without a session if the request carried a token."""

    actor: ActorId
    role: Role
    force: Code | None
    session: OwnSession | None


Owner = Annotated[ActorId, Meta(description="The owner of the sessions.")]


class EndSessionsParams(Params, frozen=True, kw_only=True):
    """The owner of the sessions to end; the requesting actor by default."""

    actor: Owner | None = None


class SessionsParams(Params, frozen=True, kw_only=True):
    """The owner of the sessions; by default everyone for admins, else the actor."""

    actor: Owner | None = None
    after: Annotated[UUID, Meta(description="Only sessions after that session.")] | None = None
    limit: Limit = 20


class ShownSession(Struct, frozen=True):
    """One session; `current` marks the session of the request."""

    id: UUID
    actor: ActorId
    name: str | None
    role: Role
    force: Code | None
    way: Way
    created_at: datetime
    seen_at: datetime
    idle_ends_at: datetime
    ends_at: datetime
    current: bool


class SessionPage(Struct, frozen=True):
    """Some live sessions, newest first; more follow after `next`."""

    items: tuple[ShownSession, ...]
    next: UUID | None


class Ended(Struct, frozen=True):
    """The number of sessions ended."""

    ended: int


@get("/v1/session", sync_to_thread=False)
def get_own_actor(request: Request) -> OwnActor:
    """Return the requesting actor, its role, and the end of its session."""
    actor, session = current_actor(request), session_of(request)
    own: OwnSession | None = None
    if session is not None:
        own = OwnSession(
            id=session.id,
            way=session.way,
            created_at=session.created_at,
            idle_ends_at=_sessions(request).idle_ends_at(session),
            ends_at=session.ends_at,
            csrf=form_token(request.cookies[SESSION]),
        )
    return OwnActor(actor.id, actor.role, actor.force, own)


@get("/v1/sessions")
async def list_sessions(
    request: Request, params: NamedDependency[SessionsParams]
) -> Response[SessionPage]:
    """List the live sessions of the requesting actor; of any actor, for admins."""
    actor, sessions, current = current_actor(request), _sessions(request), session_of(request)
    owner = params.actor
    if owner is None and actor.role is not Role.ADMIN:
        owner = actor.id
    if owner is not None:
        _require(actor, owner)
    if Scope.READ not in actor.scopes:
        raise Forbidden("This token may only write.")
    rows = await sessions.listing(owner, params.limit + 1, params.after)
    items = tuple(
        ShownSession(
            id=session.id,
            actor=session.actor.id,
            name=name,
            role=session.actor.role,
            force=session.actor.force,
            way=session.way,
            created_at=session.created_at,
            seen_at=session.seen_at,
            idle_ends_at=sessions.idle_ends_at(session),
            ends_at=session.ends_at,
            current=current is not None and current.id == session.id,
        )
        for session, name in rows[: params.limit]
    )
    following = items[-1].id if len(rows) > params.limit else None
    more = link_to_next("/v1/sessions", replace(params, after=following)) if following else {}
    return Response(SessionPage(items, following), headers=more)


@delete("/v1/sessions", status_code=200)
async def end_sessions(request: Request, params: NamedDependency[EndSessionsParams]) -> Ended:
    """End every session of the requesting actor, or of any actor for admins, at once.

    Their private addresses open nothing any more either.
    """
    actor = current_actor(request)
    owner = params.actor or actor.id
    _require(actor, owner)
    _require_writing(actor)
    ended = await _sessions(request).end_all(owner)
    if ended:
        await record(request, actor, SessionsEnded(owner))
    _forget(request, ended)
    return Ended(len(ended))


@delete("/v1/sessions/{identity:uuid}", status_code=200)
async def end_session(request: Request, identity: FromPath[UUID]) -> Ended:
    """End one session of the requesting actor, or of any actor for admins, at once."""
    actor, sessions = current_actor(request), _sessions(request)
    session: Session | None = await sessions.get(identity)
    if session is None or not may_end_sessions(actor, session.actor.id):
        raise NotFound("There is no such session.")
    _require_writing(actor)
    ended = [identity] if await sessions.end(identity) else []
    if ended:
        await record(request, actor, SessionsEnded(session.actor.id, identity))
    _forget(request, ended)
    return Ended(len(ended))


def _require(actor: Actor, owner: ActorId) -> None:
    if not may_end_sessions(actor, owner):
        raise Forbidden(f"The role {actor.role} may see and end its own sessions only.")


def _require_writing(actor: Actor) -> None:
    if Scope.WRITE not in actor.scopes:
        raise Forbidden("This token may only read.")


def _forget(request: Request, ended: list[UUID]) -> None:
    """Clear the session cookie of the request if its session was ended."""
    own = session_of(request)
    if own is not None and own.id in ended:
        request.scope["state"]["cleared"].add(SESSION)


def _sessions(request: Request) -> Sessions:
    return services(request).sign_in.sessions
