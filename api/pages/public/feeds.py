"""What is new as Atom feeds (RFC 4287), for programs that tell people."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from textwrap import shorten
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree import ElementTree as ET

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.problems import Request, Wrong
from api.pages.rendering import formatting, labels, language
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import OPT
from api.request.query_params import ForceCode, Params, unknown
from api.request.services import services
from api.v1.lists import reports
from api.v1.lists.reports import ReportsParams
from domain.vocabulary.dates import precision
from domain.vocabulary.values import Area, When
from projections.register.latest import Latest, latest
from projections.reports import Listed

ATOM = "application/atom+xml"
ENTRIES = 20
TITLE_CHARS = 120
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedParams(Params, frozen=True, kw_only=True):
    """Of which force; else of all but the training force."""

    force: ForceCode | None = None

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from unknown(self.force)


class RecommendationFeedParams(FeedParams, frozen=True, kw_only=True):
    """The same, and about which area."""

    area: Area | None = None


class Entry(Struct, frozen=True):
    """One thing that is new, with the path of its page."""

    id: UUID
    title: str
    path: str
    updated: datetime
    summary: str
    published_on: When = "unknown"


class Feed(Struct, frozen=True):
    """What a feed is called, and where the same is a page."""

    name: str
    title: str
    page: str
    entries: Sequence[Entry]


@get("/feeds/reports.atom", opt=OPT, sync_to_thread=True)
def report_feed(request: Request, params: NamedDependency[FeedParams]) -> Response[bytes]:
    """The newest reports. An entry is as new as the last that was recorded of its report."""
    wanted = ReportsParams(force=params.force, limit=ENTRIES, order="newest")
    found = reports.reports_page(request, wanted).items
    histories = services(request).ledger.histories([one.id for one in found])
    entries = [_of_report(one, histories[one.id][-1].stamp.at) for one in found]
    title = _("Child protection inspections") + _of(params)
    return _render_feed(request, params, Feed("reports", title, "/reports", entries))


@get("/feeds/recommendations.atom", opt=OPT, sync_to_thread=True)
def recommendation_feed(
    request: Request, params: NamedDependency[RecommendationFeedParams]
) -> Response[bytes]:
    """What was issued or came further last. An entry is as new as what its page says of it."""
    found = services(request).ledger.rows.read(
        lambda c: latest(c, force=params.force, area=params.area, limit=ENTRIES)
    )
    entries = [_of_recommendation(one) for one in found]
    about = _(", about %(area)s", area=labels.AREAS[params.area].lower()) if params.area else ""
    title = _("Child protection recommendations") + _of(params) + about
    return _render_feed(
        request, params, Feed("recommendations", title, "/recommendations", entries)
    )


FEEDS = (report_feed, recommendation_feed)


def _of(params: FeedParams) -> str:
    return _(", %(force)s", force=formatting.force(params.force)) if params.force else ""


def _of_report(one: Listed, changed: datetime) -> Entry:
    told = one.listing
    product, day = labels.PRODUCTS[told.product].lower(), formatting.day(told.published_on)
    summary = f"{formatting.force(told.force)}, {product}, {day}"
    return Entry(one.id, told.title, f"/reports/{one.id}", changed, summary, told.published_on)


def _of_recommendation(one: Latest) -> Entry:
    kind, stage = labels.KINDS[one.kind].lower(), labels.STAGES[one.stage]
    summary = _(
        "%(force)s, %(kind)s: %(stage)s since %(day)s",
        force=formatting.force(one.force),
        kind=kind,
        stage=stage,
        day=formatting.day(one.stage_since),
    )
    title = shorten(one.text, TITLE_CHARS, placeholder=" …")
    return Entry(one.id, title, f"/recommendations/{one.id}", one.known_from, summary)


def _render_feed(request: Request, params: FeedParams, told: Feed) -> Response[bytes]:
    """The feed as XML. Its id is the same for ever, and another for each filter."""
    base = (services(request).public_url or str(request.base_url)).rstrip("/")
    given = {name: getattr(params, name) for name in params.__struct_fields__}
    query = urlencode({name: text for name, text in given.items() if text is not None})
    query = f"?{query}" if query else ""
    newest = max((one.updated for one in told.entries), default=datetime.fromtimestamp(0, UTC))

    ET.register_namespace("", _NAMESPACE)
    feed = ET.Element(f"{{{_NAMESPACE}}}feed", {"xml:lang": language.code()})
    _text(feed, "id", uuid5(NAMESPACE_URL, f"tracker/feeds/{told.name}{query}").urn)
    _text(feed, "title", f"{told.title}: {_('Recommendation Tracker')}")
    _text(feed, "updated", _moment(newest))
    _link(feed, "self", f"{base}/feeds/{told.name}.atom{query}")
    _link(feed, "alternate", f"{base}{told.page}{query}")
    _text(
        _inside(feed, "author"), "name", _("Recommendation Tracker, compiled from HMICFRS reports")
    )
    for one in told.entries:
        _entry(_inside(feed, "entry"), one, base)
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(body, media_type=ATOM)


def _entry(entry: ET.Element, one: Entry, base: str) -> None:
    _text(entry, "id", one.id.urn)
    _text(entry, "title", one.title)
    _text(entry, "updated", _moment(one.updated))
    if precision(one.published_on) == "day":
        _text(entry, "published", f"{one.published_on}T00:00:00Z")
    _link(entry, "alternate", f"{base}{one.path}")
    _text(entry, "summary", one.summary)


def _inside(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_NAMESPACE}}}{name}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    _inside(parent, name).text = _NOT_XML.sub("\ufffd", text)


def _link(parent: ET.Element, relation: str, address: str) -> None:
    _inside(parent, "link").attrib.update(rel=relation, href=address)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
