"""The worklist: what waits, and for whom; and, for everybody, what is late."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import ClassVar, TypeAlias
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec.structs import replace

from adapters.ledger.codec import tag_of
from adapters.work.portfolios import forces_led_by
from api.http.problems import Request, Wrong
from api.request.authentication import current_actor
from api.request.pagination import paged, read_page, total_of
from api.request.query_params import PageParams
from api.request.services import services
from domain.access.notices import is_told
from domain.access.permissions import ReadPermission
from domain.events.event import Event, History
from domain.history import chronology
from domain.vocabulary.entry import Entry
from projections.register.model import Register
from projections.runtime.read_model import ReadModel
from projections.worklist import late, listing
from projections.worklist.filter import Share, WorklistFilter
from projections.worklist.late import ClearingStep, LateFilter, LateItem, LatePage
from projections.worklist.listing import WorklistPage
from projections.worklist.model import Worklist

Histories: TypeAlias = Callable[[Collection[UUID]], Mapping[UUID, History]]
STREAMS_AT_ONCE = 200
"""Of how many recommendations the steps are read at once."""


class WorklistParams(WorklistFilter, PageParams, frozen=True, kw_only=True):
    """The work to list; without a force, all but the training forces'."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Worklist, Register)


@get("/v1/worklist", opt={"sight": ReadPermission.WORKLIST}, sync_to_thread=True)
def get_worklist(
    request: Request, params: NamedDependency[WorklistParams]
) -> Response[WorklistPage]:
    """List what waits, in order of urgency, and whose move it is."""
    return paged("/v1/worklist", params, worklist_page(request, params))


def worklist_page(request: Request, params: WorklistParams) -> WorklistPage:
    """Return one page of what waits; an auditor's reading is recorded."""
    return listed(request, params, share_asked_for(request, params))


def listed(request: Request, params: WorklistParams, share: Share | None) -> WorklistPage:
    """Return one page of what waits in a share; an auditor's reading is recorded."""
    services(request).readings.record_list_read(current_actor(request), "worklist")
    return page_of_share(request, params, share)


def page_of_share(request: Request, params: WorklistParams, share: Share | None) -> WorklistPage:
    """Return one page of what waits in a share, which its caller may show to the actor."""
    every = replace(params, work=None, order=None, for_inspectors=None)
    counts = total_of(request, every, partial(listing.counts, share=share), share)
    return read_page(request, params, partial(listing.page, share=share, counts=counts))


def share_asked_for(request: Request, params: WorklistParams) -> Share | None:
    """Return the share that a filter asks for; None for everybody's work."""
    if params.assigned:
        return Share((), current_actor(request).id)
    return own_share(request) if params.mine else None


def own_share(request: Request) -> Share:
    """Return the share of the requesting inspector: the forces they lead, and their tasks."""
    actor = current_actor(request)
    return Share(services(request).ledger.rows.run(forces_led_by(actor.id)), actor.id)


class LateParams(LateFilter, PageParams, frozen=True, kw_only=True):
    """The late to list; without a force, all but the training forces'."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Worklist, Register)

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.since and self.since > self.day:
            words = f"{self.since} is after {self.day}, the later day."
            yield Wrong(words, parameter="since")


@get("/v1/late", opt={"public": True}, sync_to_thread=True)
def list_late(request: Request, params: NamedDependency[LateParams]) -> Response[LatePage]:
    """List what is certainly late by a deadline, and who owes it."""
    return paged("/v1/late", params, late_page(request, params))


def late_page(request: Request, params: LateParams) -> LatePage:
    """Return one page of what is late, or of what was and is not any more, with what cleared it."""
    page = read_page(request, params, late.page)
    if params.since is None:
        return page
    histories = services(request).ledger.histories
    return replace(page, items=tuple(with_clearing_steps(histories, params, page.items)))


def with_clearing_steps(
    histories: Histories, params: LateParams, items: Iterable[LateItem]
) -> Iterator[LateItem]:
    """Yield items with the published steps of the day that cleared each."""
    every = iter(items)
    while part := list(islice(every, STREAMS_AT_ONCE)):
        read = histories([item.id for item in part])
        for item in part:
            steps = clearing_entries(read[item.id], item.cleared_on, params.known_at)
            yield replace(item, cleared_by=tuple(map(_clearing_step, steps)))


def clearing_entries(
    history: History, day: date | None, known_at: datetime | None
) -> Iterator[Entry[Event]]:
    """Yield the published steps that cleared what was not late any more from a day on.

    They had certainly happened by that day, and not by the day before: what was recorded of other
    days between two views did not end the lateness, and to name it would say that it did.
    """
    known = [entry for entry in history if known_at is None or entry.stamp.at <= known_at]
    for placed in chronology(known):
        if placed.day == day and is_told(history[: placed.entry.step]):
            yield placed.entry


def _clearing_step(entry: Entry[Event]) -> ClearingStep:
    return ClearingStep(entry.step, tag_of(entry.event), entry.stamp.on)


def late_total(request: Request, params: LateParams) -> int:
    """Return how many are on all pages."""
    return total_of(request, replace(params, order=None), late.count)
