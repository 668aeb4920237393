"""Portfolios: which inspector leads each force."""

from collections.abc import Mapping

from litestar import get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.work.portfolios import Lead, current_leads, set_lead
from api.http.moment import moment
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.query_params import Params
from api.request.readings import record_list_read
from api.request.services import services
from domain.access.permissions import ReadPermission, may_set_lead
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import ActorId, Code

READERS = {"sight": ReadPermission.COLLEAGUES}


class PortfoliosParams(Params, frozen=True, kw_only=True):
    """No parameters."""


class Portfolios(Struct, frozen=True):
    """The present lead of each force for which one was ever set, by force."""

    leads: dict[Code, Lead]


class Leading(Struct, frozen=True, forbid_unknown_fields=True):
    """The inspector who leads a force from now on; null if nobody does."""

    lead: ActorId | None


@get("/v1/portfolios", opt=READERS)
async def list_portfolios(
    request: Request,
    params: NamedDependency[PortfoliosParams],  # noqa: ARG001  which refuses any parameter
) -> Portfolios:
    """List which inspector leads each force."""
    await record_list_read(request, "people")
    return Portfolios(await services(request).async_ledger.run(current_leads()))


@patch("/v1/portfolios/{code:str}", opt=READERS)
async def set_portfolio(
    request: Request, code: FromPath[str], payload: NamedDependency[Leading]
) -> Leading:
    """Say which inspector leads a force from now on."""
    await lead(request, {code: payload.lead})
    return payload


async def lead(request: Request, leads: Mapping[Code, ActorId | None]) -> list[Code]:
    """Set the leads of forces, in one go; return those for which that is a change.

    Raises NotFound, Forbidden, or ProblemError if it is too often; then none is set.
    """
    if not leads.keys() <= ADDRESSEES.keys():
        raise NotFound("There is no such force.")
    actor, run = current_actor(request), services(request).async_ledger.run
    if not may_set_lead(actor):
        raise Forbidden("Only inspectors may say who leads a force.")
    if leads:
        spend(request, len(leads))
    return [
        force
        for force, inspector in leads.items()
        if await run(set_lead(force, inspector, actor.id, moment()))
    ]
