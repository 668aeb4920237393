"""News since the last visit of a person: work that waits, and what was published meanwhile."""

from datetime import datetime

from msgspec import Struct

from api.http.moment import today
from api.http.problems import Request
from api.pages.rendering.query_form import Query
from api.pages.work.corrections import corrections
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.lists.register import RegisterParams
from api.v1.lists.worklist import WorklistParams
from domain.vocabulary.actors import Role
from projections.register.changes import changed_since
from projections.worklist import listing
from projections.worklist.filter import Share


class ChangedOf(Struct, frozen=True):
    """How many recommendations of some force changed in what is published, and where it is seen."""

    force: str
    many: int
    href: str


class News(Struct, frozen=True):
    """How much is new since the end of the visit before, and where it is listed."""

    before: datetime | None = None
    first: bool = False
    many: int = 0
    href: str = ""
    changed: tuple[ChangedOf, ...] = ()
    corrected: int = 0
    """How many of the latest corrections an auditor has not seen yet."""


def news_of(
    request: Request,
    query: Query[WorklistParams],
    before: datetime | None,
    share: Share | None,
    path: str,
) -> News:
    """Return what is new to a person since a moment, None being their first visit."""
    if before is None:
        return News(first=True)
    since = WorklistParams(new_since=before, training=query.params.training)
    auditor = current_actor(request).role is Role.AUDITOR
    return News(
        before,
        many=many_waiting(request, since, share),
        href=Query(since, {}, {}).link(path),
        changed=_changed(request, share, before),
        corrected=sum(row.at > before for row in corrections(request, training=query.training))
        if auditor
        else 0,
    )


def many_waiting(request: Request, wanted: WorklistParams, share: Share | None) -> int:
    """Return how much work a filter lists of a share."""
    counted = services(request).lists.read(lambda c: listing.counts(c, wanted, today(), share))
    return sum(counted.values())


def _changed(request: Request, share: Share | None, before: datetime) -> tuple[ChangedOf, ...]:
    """Return what changed by force, with the list of the same recommendations."""
    if share is None or not share.forces:
        return ()
    counts = services(request).lists.read(lambda c: changed_since(c, share.forces, before))
    return tuple(
        ChangedOf(
            force,
            many,
            Query(RegisterParams(force=force, changed_since=before), {}, {}).link(
                "/recommendations"
            ),
        )
        for force, many in sorted(counts.items())
    )
