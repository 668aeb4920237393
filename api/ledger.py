"""The ledger itself, page by page: what another system follows. A full page never changes."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from api.asking import LIMIT_MAX, POSITION_MAX, Parameters
from api.entries import ShownEntry, shown
from api.problems import Asker
from api.services import services
from domain.permissions import Sight


class LedgerAsked(Parameters, frozen=True, kw_only=True):
    """Which entries."""

    after: Annotated[
        int, Meta(ge=0, le=POSITION_MAX, description="Only what is behind that position.")
    ] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The most entries of a page.")] = 100


class LedgerPage(Struct, frozen=True):
    """Some entries in order of position, notes as commitments; go on behind `next`."""

    items: tuple[ShownEntry, ...]
    next: int


@get("/v1/ledger", opt={"sight": Sight.LEDGER}, sync_to_thread=True)
def page(request: Asker, asked: NamedDependency[LedgerAsked]) -> Response[LedgerPage]:
    """The entries behind a position, in order."""
    ledger = services(request).ledger
    entries = ledger.page(asked.after, asked.limit)
    last = entries[-1].position if entries else asked.after
    headers = {"Link": f'</v1/ledger?after={last}&limit={asked.limit}>; rel="next"'}
    return Response(LedgerPage(tuple(shown(entry) for entry in entries), last), headers=headers)
