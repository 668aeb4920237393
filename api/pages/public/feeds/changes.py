"""Atom feeds of what changed in a filtered list of recommendations.

A recommendation came into the list, left it, or changed while in it: by a step, or as a day began
after the last day of a clock. Entries are in the order in which this became known. Archives are
ranges of positions, as of the other feeds; the days that began between the last step of one range
and the last of the next belong to the latter, so that nothing is added to a full one. Where more
than DAY_ROWS_MAX changes by days fall into a range, the first ones are in parts, each an archive
to which the one after it leads: however many come at once, none is missed.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import LiteralString
from urllib.parse import parse_qsl, urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.codec import tag_of
from adapters.ledger.queries import published_between, published_through
from api.http.moment import moment
from api.http.problems import Request
from api.pages.public.feeds import feed
from api.pages.public.feeds.atom import ArchiveName, FeedHead, FeedPage, render_atom
from api.pages.public.feeds.entries import FeedEntry, change_entry, day_entry
from api.pages.public.feeds.feed import ARCHIVES_BACK, NEWEST, Archive, Part
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import OPT
from api.request.authentication import current_actor, private_address_of
from api.request.pagination import query_of
from api.request.query_params import Params, parse_params
from api.request.services import services
from api.v1.lists.register import FollowedParams
from domain.access.notices import is_told
from domain.access.permissions import ReadPermission, can_read, may_read
from domain.events.event import Event
from domain.history import addressee_of
from domain.vocabulary.actors import PUBLIC, Actor, Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from projections.register.changes import (
    Listed,
    TimeSpan,
    Turn,
    changes_with_days,
    day_changes,
    full_parts,
    is_narrow,
    listed_at,
    part_ends_at,
    streams_of,
)
from projections.register.listing import RegisterFilter
from projections.register.model import Register
from projections.runtime.tracking import tracked_position

KIND: LiteralString = "recommendation."
PUBLIC_PATH = "/feeds/changes.atom"
_PAGED = ("cursor", "page", "limit", "position", "order")
"""Parameters of the list that say nothing of what is in it."""


class ChangesParams(FollowedParams, frozen=True, kw_only=True):
    """The list of recommendations whose changes are in a feed: the filters of its page."""

    archive: Archive | None = None
    part: Part | None = None

    @property
    def filters(self) -> "ChangesParams":
        """The filters alone."""
        listed = replace(self, cursor=None, page=None, limit=20, position=None, order=None)
        return replace(listed, archive=None, part=None)


class OfAddress(Params, frozen=True, kw_only=True):
    """The archive to read at a private address, whose filters are its own."""

    archive: Archive | None = None
    part: Part | None = None


class ChangesFeed(Struct, frozen=True):
    """A feed of a list's changes, and who reads it."""

    id: UUID
    filters: RegisterFilter
    reader: Actor

    @property
    def inside(self) -> bool:
        """Whether the reader may know of steps that are not published.

        Auditors read as the public does: their readings would have to be on record.
        """
        reads = can_read(self.reader, ReadPermission.HISTORY)
        return reads and self.reader.role is not Role.AUDITOR


@get(PUBLIC_PATH, opt=OPT, sync_to_thread=True)
def changes_feed(request: Request, params: NamedDependency[ChangesParams]) -> Response[bytes]:
    """List what came into a filtered list of recommendations, left it, or changed in it."""
    query = _query(params.filters)
    of = ChangesFeed(uuid5(NAMESPACE_URL, f"tracker{PUBLIC_PATH}{query}"), params.filters, PUBLIC)
    title = _("Changes in a list of recommendations")
    archive = _archive(params)
    head = FeedHead(of.id, title, PUBLIC_PATH + query, f"/recommendations{query}", archive)
    return render_atom(request, head, _page(request, of, archive))


@get(
    "/private/{secret:str}/changes.atom",
    opt={"private_address": "changes"},
    sync_to_thread=True,
)
def private_changes_feed(
    request: Request, secret: FromPath[str], params: NamedDependency[OfAddress]
) -> Response[bytes]:
    """List the same of a saved filter, for whom its owner lets read as they may themselves."""
    address = private_address_of(request)
    filters = parse_params(ChangesParams, parse_qsl(address.query)).filters
    of = ChangesFeed(address.id, filters, current_actor(request))
    title = _("Changes in your list “%(name)s”", name=address.name)
    path, page = f"/private/{secret}/changes.atom", f"/recommendations{_query(filters)}"
    archive = _archive(params)
    head = FeedHead(of.id, title, path, page, archive, private=True)
    return render_atom(request, head, _page(request, of, archive))


CHANGES_FEEDS = (changes_feed, private_changes_feed)


def _archive(params: ChangesParams | OfAddress) -> ArchiveName | None:
    """Return the archive that is asked for. Raises NotFound for a part of none."""
    if params.archive is not None:
        return ArchiveName(params.archive, params.part)
    if params.part is not None:
        raise NotFound("A part is one of an archive.")
    return None


def _query(filters: ChangesParams) -> str:
    """Return the query string of a list, with a question mark; empty for the whole list."""
    named = {name: text for name, text in query_of(filters).items() if name not in _PAGED}
    return f"?{urlencode(named)}" if named else ""


class _Reading:
    """Reads pages of a feed, for one request in a thread."""

    def __init__(self, request: Request, of: ChangesFeed) -> None:
        self._of, opened = of, services(request)
        self._ledger, self._lists, self._run = opened.ledger, opened.lists, opened.ledger.rows.run
        reached = self._lists.read(lambda c: tracked_position(c, Register))
        self._last = reached if of.inside else self._run(published_through(reached))
        # A list that is behind the record does not know yet what was so as the last day began.
        self._ends_at = moment() if reached >= self._ledger.head() else self._moment_of(reached)
        self.full, self._begins = self._last // feed.POSITIONS, dict[int, datetime]()
        narrow = is_narrow(of.filters)
        streams = self._lists.read(lambda c: streams_of(c, of.filters)) if narrow else None
        self._own = None if streams is None else frozenset(streams)
        self._positions = feed.PublishedPositions(request, KIND, self._own)

    def newest(self) -> FeedPage:
        """Return the entries after the last full archive, and as many before as make a feed."""
        entries = [*self.entries(ArchiveName(self.full))]
        least = max(NEWEST, len(entries))
        first = before = self.before(ArchiveName(self.full))
        for _number in range(ARCHIVES_BACK):
            if before is None or len(entries) >= least:
                break
            entries += self.entries(before)
            before = self.before(before)
        return FeedPage(entries[:least], first)

    def entries(self, archive: ArchiveName) -> Sequence[FeedEntry]:
        """Return the entries of a range of positions and its days, or of a part, newest first."""
        number = archive.number
        begins, ends = number * feed.POSITIONS, min((number + 1) * feed.POSITIONS, self._last)
        part = self.parts(number) if archive.part is None else archive.part
        after = self._end_of(number, part - 1) if part else None
        through = None if archive.part is None else self._end_of(number, part)
        steps = (
            entry
            for entry in self._of_steps(begins, ends)
            if (after is None or entry.published > after)
            and (through is None or entry.published <= through)
        )
        entries = [*steps, *self._of_days(number, part)]
        return sorted(entries, key=lambda entry: entry.published, reverse=True)

    def parts(self, number: int) -> int:
        """Return how many full parts the days of a range have."""
        if not changes_with_days(self._of.filters):
            return 0
        filters, span = self._of.filters, self._span_of(number)
        return self._lists.read(lambda c: full_parts(c, filters, span))

    def before(self, archive: ArchiveName) -> ArchiveName | None:
        """Return the last archive or part before one that may have entries, if one has."""
        number = archive.number
        if part := self.parts(number) if archive.part is None else archive.part:
            return ArchiveName(number, part - 1)
        if number == 0:
            return None
        if self._of.inside or changes_with_days(self._of.filters):
            return ArchiveName(number - 1)
        return self._positions.archive_before(number)

    def _of_steps(self, after: int, through: int) -> Iterator[FeedEntry]:
        own, places = self._own, self._places(after, through)
        places = [place for place in places if own is None or place[0] in own]
        histories = self._ledger.histories({stream for stream, _step in places})
        turns = {Turn(stream, histories[stream][step - 1].stamp.at) for stream, step in places}
        if not turns:
            return
        listed = self._lists.read(lambda c: listed_at(c, self._of.filters, turns))
        for stream, step in places:
            history = histories[stream]
            at = history[step - 1].stamp.at
            was = listed[Turn(stream, at)]
            if was.before or was.after:
                inside = self._of.inside and may_read(
                    self._of.reader, ReadPermission.HISTORY, addressee_of(history)
                )
                came = _came(history, step, was)
                if entry := change_entry(self._of.id, history, step, came=came, inside=inside):
                    yield entry

    def _places(self, after: int, through: int) -> list[tuple[UUID, int]]:
        """Return the steps of recommendations in a range of positions, newest first."""
        if through <= after:
            return []
        if not self._of.inside:
            rows = self._run(published_between(KIND, after, through))
            return [(stream, step) for _position, stream, step in rows]
        page = self._ledger.page(after, through - after)
        steps = [entry for entry in page if tag_of(entry.event).startswith(KIND)]
        return [(entry.stream, entry.step) for entry in reversed(steps)]

    def _of_days(self, number: int, part: int) -> Iterator[FeedEntry]:
        if not changes_with_days(self._of.filters):
            return
        filters, span = self._of.filters, self._span_of(number)
        changes = self._lists.read(lambda c: day_changes(c, filters, span, part))
        histories = self._ledger.histories({change.stream for change in changes})
        for change in changes:
            if entry := day_entry(self._of.id, histories[change.stream], change):
                yield entry

    def _end_of(self, number: int, part: int) -> datetime | None:
        """Return the moment of the last change of a full part of a range's days."""
        filters, span = self._of.filters, self._span_of(number)
        return self._lists.read(lambda c: part_ends_at(c, filters, span, part))

    def _span_of(self, number: int) -> TimeSpan:
        through = self._begin_of(number + 1) if number < self.full else self._ends_at
        return TimeSpan(self._begin_of(number), through)

    def _begin_of(self, number: int) -> datetime:
        """Return the moment after which a range begins: that of the last step before it."""
        if number not in self._begins:
            position = self._run(published_through(number * feed.POSITIONS))
            self._begins[number] = self._moment_of(position)
        return self._begins[number]

    def _moment_of(self, position: int) -> datetime:
        if position == 0:
            return datetime(1970, 1, 1, tzinfo=UTC)
        return self._ledger.page(position - 1, 1)[0].stamp.at


def _page(request: Request, of: ChangesFeed, archive: ArchiveName | None) -> FeedPage:
    """Return a feed, or an archive of it. Raises NotFound for an archive that is not full yet."""
    reading = _Reading(request, of)
    if archive is None:
        return reading.newest()
    number, part = archive.number, archive.part
    if number > reading.full or (part is None and number == reading.full):
        raise NotFound("There is no such archive of this feed.")
    if part is not None and part >= reading.parts(number):
        raise NotFound("There is no such part of this archive.")
    return FeedPage(reading.entries(archive), reading.before(archive))


def _came(history: Sequence[Entry[Event]], step: int, was: Listed) -> bool | None:
    """Return whether a recommendation came into a list by a step, or left it; None if neither.

    Of the published steps of one moment it comes by the first, and leaves by the last.
    """
    if was.before == was.after:
        return None
    steps = [e.step for e in history if e.stamp.at == history[step - 1].stamp.at]
    shown = [of for of in steps if is_told(history[:of])] or steps
    return was.after if step == shown[0 if was.after else -1] else None
