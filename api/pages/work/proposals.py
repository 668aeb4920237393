"""Proposed closures: those of the reader, and those of others that wait beside their own list."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.people import Inspectors
from api.pages.record.submission import issue_of
from api.pages.rendering.query_form import Query
from api.pages.work.waiting import WaitingRow, waiting_row
from api.request.services import services
from api.v1.lists import worklist
from api.v1.lists.worklist import WorklistParams
from domain.events.event import History
from domain.history import recommendation_after
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Actor
from projections.worklist.filter import Share
from projections.worklist.listing import WorklistPage

ALL = "/work/all"
SHOWN_MAX = 5
"""The most proposed closures of others on a start page; all are in everybody's work."""


class ProposedByOthers(Struct, frozen=True):
    """Closures that other inspectors proposed, and the list of all if there are more."""

    rows: list[WaitingRow] = []
    href: str = ""


def proposed_by(actor: Actor, listed: WorklistPage, histories: Mapping[UUID, History]) -> set[UUID]:
    """Return the recommendations whose closure an actor proposed, which waits for another.

    Only the histories of listed closures are folded.
    """
    closures = {item.id for item in listed.items if item.work is Work.AGREE_CLOSURE}
    return {
        stream
        for stream in closures & histories.keys()
        if (proposal := recommendation_after(histories[stream]).proposal)
        and proposal.by == actor.id
    }


def proposed_by_others(
    request: Request, query: Query[WorklistParams], share: Share | None, people: Inspectors
) -> ProposedByOthers:
    """Return what others proposed to close, beyond an inspector's own list as it is today.

    Those without a second reader wait for every inspector but the one who proposed.
    """
    params = query.params
    if share is None or params.on is not None or params.known_at is not None:
        return ProposedByOthers()
    wanted = WorklistParams(limit=SHOWN_MAX, training=params.training)
    listed = worklist.page_of_share(request, wanted, replace(share, proposed=True))
    histories = services(request).ledger.histories([item.id for item in listed.items])
    rows = [
        waiting_row(item, issue_of(histories[item.id]).text, listed.on, people)
        for item in listed.items
    ]
    every = WorklistParams(work=Work.AGREE_CLOSURE, training=params.training)
    more = listed.total > len(rows)
    return ProposedByOthers(rows, Query(every, {}, {}).link(ALL) if more else "")
