"""The ledger itself, page by page: what another system follows. A full page never changes."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct
from msgspec.structs import replace

from api.entry_view import ShownEntry, shown
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.pagination import link_to_next
from api.request.query_params import LIMIT_MAX, POSITION_MAX, Params
from api.request.services import services
from domain.access.decide import ACCESS_EVENTS
from domain.access.permissions import ReadPermission, can_read


class LedgerParams(Params, frozen=True, kw_only=True):
    """Which entries."""

    after: Annotated[
        int, Meta(ge=0, le=POSITION_MAX, description="Only what is behind that position.")
    ] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The most entries of a page.")] = 100


class LedgerPage(Struct, frozen=True):
    """Some entries in order of position, notes as commitments; go on behind `next`.

    Entries of access are shown to auditors and administrators only; others have gaps there.
    """

    items: tuple[ShownEntry, ...]
    next: int


@get("/v1/ledger", opt={"sight": ReadPermission.LEDGER}, sync_to_thread=True)
def get_ledger_page(
    request: Request, params: NamedDependency[LedgerParams]
) -> Response[LedgerPage]:
    """The entries behind a position, in order."""
    ledger, actor = services(request).ledger, current_actor(request)
    services(request).readings.of_ledger(actor)
    entries = ledger.page(params.after, params.limit)
    last = entries[-1].position if entries else params.after
    headers = link_to_next("/v1/ledger", replace(params, after=last))
    whole = can_read(actor, ReadPermission.ACCESS)
    items = (shown(one) for one in entries if whole or not isinstance(one.event, ACCESS_EVENTS))
    return Response(LedgerPage(tuple(items), last), headers=headers)
