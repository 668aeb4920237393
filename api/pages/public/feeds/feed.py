"""Atom feeds (RFC 4287) of reports and recommendations, with archives (RFC 5005, section 4).

A feed has an entry for each published step, in the order in which the steps became known. A range
of positions in the ledger is a page: the feed itself has the range that is not full yet and the
newest entries before it, and an archive has one full range, which nothing is added to any more. So
a reader who follows the archives back to one that was read before misses nothing.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Annotated, LiteralString
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from adapters.ledger.queries import published_before, published_between, published_through
from api.http.problems import Request, Wrong
from api.pages.public.feeds.atom import ArchiveName, FeedHead, FeedPage, render_atom
from api.pages.public.feeds.entries import FeedEntry, recommendation_entry, report_entry
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import OPT
from api.request.query_params import Params, unknown
from api.request.services import services
from domain.events.event import Event
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Area
from projections.filters import ForceCode
from projections.register.feed_streams import (
    Streams,
    recommendation_streams,
    report_streams,
    training_streams,
)
from projections.reports.model import Reports
from projections.runtime.tracking import tracked_position

POSITIONS = 128
"""The positions of the ledger in one archive: the most entries that it can have."""
NEWEST = 20
"""The least entries of the feed itself, if there are so many."""
ARCHIVES_BACK = 4
"""How many archives the feed itself looks into for these."""

Archive = Annotated[int, Meta(ge=0, le=2**40, description="The archive of that number.")]
Part = Annotated[
    int, Meta(ge=0, le=2**20, description="The part of that number of the archive, if it has any.")
]


class FeedParams(Params, frozen=True, kw_only=True):
    """The force of a feed; by default all but the training forces, which are in no feed."""

    force: ForceCode | None = None
    archive: Archive | None = None

    def wrong(self) -> Iterator[Wrong]:
        """Check the rules that the types alone do not express."""
        yield from unknown(self.force)
        if is_training(self.force):
            yield Wrong("Training forces are in no feed.", parameter="force")


class RecommendationFeedParams(FeedParams, frozen=True, kw_only=True):
    """The force and the area of a feed."""

    area: Area | None = None


class Feed(Struct, frozen=True):
    """A feed: its name, its title, the path of the matching page, and how its entries are made."""

    name: str
    title: str
    page: str
    kind: LiteralString
    """The beginning of the tags of its events."""
    streams: Collection[UUID] | None
    """The streams that it can have entries of; None for all but those left out."""
    left_out: Collection[UUID]
    entry_of: Callable[[Sequence[Entry[Event]], int], FeedEntry | None]


@get("/feeds/reports.atom", opt=OPT, sync_to_thread=True)
def report_feed(request: Request, params: NamedDependency[FeedParams]) -> Response[bytes]:
    """List the steps of reports: published, corrected, or spoken of in a later source."""
    force, lists = params.force, services(request).lists
    streams = lists.read(lambda c: report_streams(c, force)) if force else None
    training = () if force else lists.read(training_streams)
    title, entry_of = _("Child protection inspections") + _of(params), partial(_of_report, streams)
    feed = Feed("reports", title, "/reports", "report.", streams, training, entry_of)
    return _answer(request, params, feed)


@get("/feeds/recommendations.atom", opt=OPT, sync_to_thread=True)
def recommendation_feed(
    request: Request, params: NamedDependency[RecommendationFeedParams]
) -> Response[bytes]:
    """List the published steps of recommendations, each with what it changed."""
    force, lists = params.force, services(request).lists
    streams = lists.read(lambda c: recommendation_streams(c, force)) if force else None
    training = () if force else lists.read(training_streams)
    about = _(", about %(area)s", area=labels.AREAS[params.area].lower()) if params.area else ""
    title = _("Child protection recommendations") + _of(params) + about
    entry_of = partial(recommendation_entry, force=force, area=params.area)
    page = "/recommendations"
    feed = Feed("recommendations", title, page, "recommendation.", streams, training, entry_of)
    return _answer(request, params, feed)


FEEDS = (report_feed, recommendation_feed)


def _of(params: FeedParams) -> str:
    return _(", %(force)s", force=formatting.force(params.force)) if params.force else ""


def _of_report(
    streams: Streams | None, history: Sequence[Entry[Event]], step: int
) -> FeedEntry | None:
    """Return the entry of a step of a report, if it was known to be of the feed's force by then."""
    was_known = streams is None or streams[history[0].stream] <= history[step - 1].stamp.at
    return report_entry(history, step) if was_known else None


class PublishedPositions:
    """The positions of the published entries of a feed, read from the last one back."""

    def __init__(
        self,
        request: Request,
        kind: LiteralString,
        of: Collection[UUID] | None,
        but: Collection[UUID] = (),
    ) -> None:
        """They are those `of` some streams of a kind, or of all `but` some."""
        self._run = services(request).ledger.rows.run
        self._kind: LiteralString = kind
        self._of, self._but = of, but
        self._read: Sequence[int] = ()
        self._through = 0

    def last(self, through: int) -> int:
        """Return the last one up to a position, or 0."""
        known = next((p for p in self._read if p <= through <= self._through), None)
        if known is not None:
            return known
        query = published_before(self._kind, through, of=self._of, but=self._but)
        self._through, self._read = through, self._run(query)
        return self._read[0] if self._read else 0

    def archive_before(self, number: int) -> ArchiveName | None:
        """Return the last archive before one that may have entries; None if none has."""
        last = self.last(number * POSITIONS)
        return ArchiveName((last - 1) // POSITIONS) if last else None


def _answer(request: Request, params: FeedParams, feed: Feed) -> Response[bytes]:
    """Answer a feed, or an archive of it. Raises NotFound for an archive that is not full yet."""
    run = services(request).ledger.rows.run
    reached = services(request).lists.read(lambda c: tracked_position(c, Reports))
    positions = PublishedPositions(request, feed.kind, feed.streams, feed.left_out)
    last = positions.last(run(published_through(reached)))
    full = last // POSITIONS
    number = params.archive
    if number is None:
        page = _newest(request, feed, positions, last)
        return _render_feed(request, params, feed, page)
    if number >= full:
        raise NotFound("There is no such archive of this feed.")
    page = FeedPage(_entries(request, feed, number), positions.archive_before(number))
    return _render_feed(request, params, feed, page)


def _newest(request: Request, feed: Feed, positions: PublishedPositions, last: int) -> FeedPage:
    """Return the entries after the last full archive, and as many before as make a feed."""
    full = last // POSITIONS
    entries = [*_entries(request, feed, full, last)]
    least = max(NEWEST, len(entries))
    first = before = positions.archive_before(full)
    for _number in range(ARCHIVES_BACK):
        if before is None or len(entries) >= least:
            break
        entries += _entries(request, feed, before.number)
        before = positions.archive_before(before.number)
    return FeedPage(entries[:least], first)


def _entries(
    request: Request, feed: Feed, number: int, last: int | None = None
) -> Sequence[FeedEntry]:
    """Return the entries of a range of positions, newest first."""
    ledger = services(request).ledger
    through = (number + 1) * POSITIONS if last is None else last
    rows = ledger.rows.run(published_between(feed.kind, number * POSITIONS, through))
    rows = [
        row
        for row in rows
        if row[1] not in feed.left_out and (feed.streams is None or row[1] in feed.streams)
    ]
    histories = ledger.histories({stream for _position, stream, _step in rows})
    entries = (feed.entry_of(histories[stream], step) for _position, stream, step in rows)
    return [entry for entry in entries if entry is not None]


def _render_feed(
    request: Request, params: FeedParams, feed: Feed, page: FeedPage
) -> Response[bytes]:
    """Render a page of a feed. Its id never changes, and differs for each filter."""
    values = {name: getattr(params, name) for name in params.__struct_fields__}
    filters = {
        name: text for name, text in values.items() if text is not None and name != "archive"
    }
    query = f"?{urlencode(filters)}" if filters else ""
    identity = uuid5(NAMESPACE_URL, f"tracker/feeds/{feed.name}{query}")
    archive = None if params.archive is None else ArchiveName(params.archive)
    path = f"/feeds/{feed.name}.atom{query}"
    about = FeedHead(identity, feed.title, path, feed.page + query, archive)
    return render_atom(request, about, page)
