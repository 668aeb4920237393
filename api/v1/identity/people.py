"""The people who have signed in, and their names, which no ledger entry holds."""

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
from api.request.readings import record_list_read
from api.request.services import services
from domain.access.permissions import ReadPermission, may_rename
from domain.access.sign_in import NAME_MAX
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.values import ActorId


class PeopleParams(Params, frozen=True, kw_only=True):
    """The people to list."""

    after: Annotated[ActorId, Meta(description="Only people after that actor.")] | None = None
    limit: Limit = 20


class PeoplePage(Struct, frozen=True):
    """Some people in the order of their actors; more follow after `next`."""

    items: tuple[Known, ...]
    next: ActorId | None


class Renaming(Struct, frozen=True, forbid_unknown_fields=True):
    """A person's new name; null removes the name."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX)] | None


class Renamed(Struct, frozen=True):
    """A person's name after the change."""

    actor: ActorId
    name: str | None


@get("/v1/people", opt={"sight": ReadPermission.PEOPLE})
async def list_people(
    request: Request, params: NamedDependency[PeopleParams]
) -> Response[PeoplePage]:
    """List the people who have signed in."""
    await record_list_read(request, "people")
    people = await services(request).sign_in.people.listing(params.limit + 1, params.after)
    items = tuple(people[: params.limit])
    following = items[-1].actor if len(people) > params.limit else None
    more = link_to_next("/v1/people", replace(params, after=following)) if following else {}
    return Response(PeoplePage(items, following), headers=more)


@patch("/v1/people/{actor:str}", opt={"sight": ReadPermission.PEOPLE})
async def rename_person(
    request: Request, actor: FromPath[str], payload: NamedDependency[Renaming]
) -> Renamed:
    """Change or remove a person's name; the ledger does not change."""
    if not may_rename(current_actor(request)):
        raise Forbidden("Only the role admin may say what people are called.")
    if not await services(request).sign_in.people.rename(actor, payload.name):
        raise NotFound("There is no such person.")
    return Renamed(actor, payload.name)
