"""The people who have signed in, and what they are called: names are in no entry of the ledger."""

from typing import Annotated

from litestar import Response, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.identity.people import Known
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.pagination import link_to_next
from api.request.query_params import Limit, Params
from api.request.services import services
from domain.access.permissions import ReadPermission, may_rename
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.values import ActorId

NAME_MAX = 200


class PeopleParams(Params, frozen=True, kw_only=True):
    """Which people."""

    after: Annotated[ActorId, Meta(description="Only those behind that actor.")] | None = None
    limit: Limit = 20


class PeoplePage(Struct, frozen=True):
    """Some people in the order of their actors; ask for those behind `next`."""

    items: tuple[Known, ...]
    next: ActorId | None


class Renaming(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody is called from now on; null removes the name."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX)] | None


class Renamed(Struct, frozen=True):
    """What somebody is called now."""

    actor: ActorId
    name: str | None


@get("/v1/people", opt={"sight": ReadPermission.PEOPLE})
async def list_people(
    request: Request, params: NamedDependency[PeopleParams]
) -> Response[PeoplePage]:
    """Everybody who has signed in through the identity provider."""
    found = await services(request).sign_in.people.listing(params.limit + 1, params.after)
    items = tuple(found[: params.limit])
    following = items[-1].actor if len(found) > params.limit else None
    more = link_to_next("/v1/people", replace(params, after=following)) if following else {}
    return Response(PeoplePage(items, following), headers=more)


@patch("/v1/people/{actor:str}", opt={"sight": ReadPermission.PEOPLE})
async def rename_person(
    request: Request, actor: FromPath[str], payload: NamedDependency[Renaming]
) -> Renamed:
    """Change or remove what somebody is called; the ledger is not touched by it."""
    if not may_rename(current_actor(request)):
        raise Forbidden("Only the role admin may say what people are called.")
    if not await services(request).sign_in.people.rename(actor, payload.name):
        raise NotFound("There is no such person.")
    return Renamed(actor, payload.name)
