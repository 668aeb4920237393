"""The ledger, page by page, for other systems to follow.

A full page never changes, but that a suppressed text goes from it.
"""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.ledger.lineage import present_lineage
from api.entry_view import ShownEntry, shown
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.pagination import link_to_next
from api.request.query_params import LIMIT_MAX, POSITION_MAX, Params
from api.request.services import services
from domain.access.decide import ACCESS_EVENTS
from domain.access.permissions import ReadPermission, can_read


class LedgerParams(Params, frozen=True, kw_only=True):
    """The entries to list."""

    after: Annotated[
        int, Meta(ge=0, le=POSITION_MAX, description="Only entries after that position.")
    ] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The most entries per page.")] = 100


class LedgerPage(Struct, frozen=True):
    """Some entries in order of position, notes as commitments; more follow after `next`.

    Entries about access are shown to auditors and administrators only; for other readers there
    are gaps in the positions. Within a `lineage`, a position names the same entry for ever: a
    follower that sees another one reads again what it has, as docs/operation.md says.
    """

    items: tuple[ShownEntry, ...]
    next: int
    lineage: UUID


@get("/v1/ledger", opt={"sight": ReadPermission.LEDGER}, sync_to_thread=True)
def get_ledger_page(
    request: Request, params: NamedDependency[LedgerParams]
) -> Response[LedgerPage]:
    """List the entries after a position, in order."""
    ledger, actor = services(request).ledger, current_actor(request)
    services(request).readings.record_ledger_read(actor)
    lineage = ledger.rows.run(present_lineage()).id
    entries = ledger.page(params.after, params.limit)
    last = entries[-1].position if entries else params.after
    headers = link_to_next("/v1/ledger", replace(params, after=last))
    whole = can_read(actor, ReadPermission.ACCESS)
    items = (
        shown(entry, actor)
        for entry in entries
        if whole or not isinstance(entry.event, ACCESS_EVENTS)
    )
    return Response(LedgerPage(tuple(items), last, lineage), headers=headers)
