"""A person's private addresses: what each shows, and how it is made, renewed and revoked.

An address is shown once, in the answer to the form that makes it: only its hash is kept.
"""

from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from adapters.clock import new_entry_id
from adapters.work import saved_filters
from adapters.work.private_addresses import (
    EACH_MAX,
    OWNER_AWAY,
    AddressKind,
    PrivateAddress,
    addresses_of,
    make_address,
    new_secret,
    renew_address,
    revoke_address,
)
from adapters.work.saved_filters import SavedFilter
from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import ProblemError, Request
from api.pages.public.feeds.changes import ChangesParams
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.authentication import current_actor, session_of
from api.request.budget import spend
from api.request.query_params import parse_params
from api.request.services import service_address, services
from domain.recommendation.deadlines import has_deadlines
from domain.vocabulary.errors import Forbidden, NotFound

PATH = "/work/addresses"
FOLLOWED = "/recommendations"
"""The list whose saved filters can be followed."""
FILES: dict[AddressKind, str] = {"changes": "changes.atom", "deadlines": "deadlines.ics"}
CRUMBS = [{"text": N_("Your work"), "href": "/work"}]
_NOT_FOLLOWED = {
    **dict.fromkeys(
        ("training", "force", "known_at"),
        N_("Training, and lists as known at one moment, cannot be followed."),
    ),
    "changed_since": N_(
        "A list of what changed since one moment cannot be followed. Save the filters without it."
    ),
    "age_known": N_(
        "A list by how well the date of issue says how old a recommendation is cannot be followed: "
        "it changes as days pass, without a step."
    ),
}
"""Why a list cannot be followed, by the parameter that is in the way."""


class FollowedFilter(Struct, frozen=True):
    """A saved filter that can be followed, or the reason why it cannot."""

    saved: SavedFilter
    why_not: str = ""


@get(PATH)
async def show_addresses(request: Request) -> Response[bytes]:
    """Show a person's private addresses, and what others can be made."""
    _require_person(request)
    return await _list(request)


@post(PATH, status_code=200)
async def make(request: Request) -> Response[bytes]:
    """Make an address for deadlines, or for the changes of a saved filter, and show it."""
    _require_person(request)
    fields = await fields_of(request)
    actor, kind, name = current_actor(request), fields.get("kind", ""), fields.get("name", "")
    query = ""
    if kind == "deadlines":
        if not has_deadlines(actor):
            raise Forbidden("Only inspectors, forces and local policing bodies have deadlines.")
        name = ""
    else:
        saved = [f for f in await _saved(request) if f.saved.name == name and not f.why_not]
        if not saved:
            raise NotFound("You have no such saved filter of recommendations.")
        query = saved[0].saved.query
    spend(request)
    secret = new_secret()
    of: AddressKind = "deadlines" if kind == "deadlines" else "changes"
    new = PrivateAddress(new_entry_id(), actor.id, of, name, query, moment(), None)
    if not await services(request).async_ledger.run(make_address(new, secret)):
        error = _("You have %(n)s private addresses. Revoke one first.", n=EACH_MAX)
        return await _list(request, {"made": error})
    return _show(request, new, secret)


@post(PATH + "/{identity:uuid}/renew", status_code=200)
async def renew(request: Request, identity: FromPath[UUID]) -> Response[bytes]:
    """Give an address a new secret, so that the old one opens nothing, and show it."""
    address = await _own(request, identity)
    secret, run = new_secret(), services(request).async_ledger.run
    if not await run(renew_address(address.actor, identity, secret, moment())):
        raise NotFound("You have no such private address.")
    return _show(request, address, secret, renewed=True)


@post(PATH + "/{identity:uuid}/revoke", status_code=200)
async def revoke(request: Request, identity: FromPath[UUID]) -> Redirect:
    """Revoke an address, which then opens nothing."""
    address = await _own(request, identity)
    await services(request).async_ledger.run(revoke_address(address.actor, identity))
    return Redirect(PATH, status_code=303)


ADDRESS_PAGES = (show_addresses, make, renew, revoke)


def _require_person(request: Request) -> None:
    """Raise Forbidden for a token: a tool reads with the token itself."""
    if session_of(request) is None:
        raise Forbidden("Only signed-in people have private addresses.")


async def _own(request: Request, identity: UUID) -> PrivateAddress:
    """Return a person's own address. Raises NotFound if they have no such one."""
    _require_person(request)
    spend(request)
    own = await services(request).async_ledger.run(addresses_of(current_actor(request).id))
    for address in own:
        if address.id == identity:
            return address
    raise NotFound("You have no such private address.")


async def _saved(request: Request) -> list[FollowedFilter]:
    """Return the person's saved filters of recommendations, each with why it is not followed."""
    run = services(request).async_ledger.run
    saved = await run(saved_filters.saved_by(current_actor(request).id))
    return [FollowedFilter(f, _why_not(f)) for f in saved if f.path == FOLLOWED]


def _why_not(saved: SavedFilter) -> str:
    try:
        parse_params(ChangesParams, parse_qsl(saved.query))
    except ProblemError as trouble:
        names = [wrong.parameter or "" for wrong in trouble.errors or ()]
        reasons = (_NOT_FOLLOWED[name] for name in names if name in _NOT_FOLLOWED)
        return _(next(reasons, N_("These filters cannot be followed.")))
    return ""


async def _list(request: Request, errors: dict[str, str] | None = None) -> Response[bytes]:
    run, actor = services(request).async_ledger.run, current_actor(request)
    return page(
        request,
        "pages/work/addresses.html",
        status=400 if errors else 200,
        title=_("Your private addresses"),
        addresses=await run(addresses_of(actor.id)),
        followed=await _saved(request),
        has_deadlines=has_deadlines(actor),
        days=OWNER_AWAY.days,
        most=EACH_MAX,
        errors=errors or {},
        targets={"made": "make"},
        crumbs=CRUMBS,
    )


def _show(
    request: Request, address: PrivateAddress, secret: str, *, renewed: bool = False
) -> Response[bytes]:
    return page(
        request,
        "pages/work/address.html",
        title=_("Copy your private address"),
        address=address,
        renewed=renewed,
        shown=f"{service_address(request)}/private/{secret}/{FILES[address.kind]}",
        crumbs=[*CRUMBS, {"text": N_("Your private addresses"), "href": PATH}],
    )
