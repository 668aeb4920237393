"""Atom feeds (RFC 4287) of new reports and recommendation updates."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree import ElementTree as ET

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.ledger.lineage import present_lineage
from api.http.problems import Request, Wrong
from api.pages.rendering import formatting, labels, language, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import OPT
from api.request.query_params import Params, unknown
from api.request.services import services
from api.v1.lists import reports
from api.v1.lists.reports import ReportsParams
from domain.amendments.suppression import last_suppression
from domain.recommendation.state import Stage
from domain.vocabulary.dates import precision
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Area, When
from projections.filters import ForceCode
from projections.register.latest import Latest, latest
from projections.reports import ReportItem

ATOM = "application/atom+xml"
ENTRIES = 20
TITLE_CHARS = 120
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedParams(Params, frozen=True, kw_only=True):
    """The force of a feed; by default all but the training forces, which are in no feed."""

    force: ForceCode | None = None

    def wrong(self) -> Iterator[Wrong]:
        """Check the rules that the types alone do not express."""
        yield from unknown(self.force)
        if is_training(self.force):
            yield Wrong("Training forces are in no feed.", parameter="force")


class RecommendationFeedParams(FeedParams, frozen=True, kw_only=True):
    """The force and the area of a feed."""

    area: Area | None = None


class Entry(Struct, frozen=True):
    """An entry of a feed, with the path of its page."""

    id: UUID
    title: str
    path: str
    updated: datetime
    summary: str
    published_on: When = "unknown"


class Feed(Struct, frozen=True):
    """A feed: its name, its title, the path of the matching page, and its entries."""

    name: str
    title: str
    page: str
    entries: Sequence[Entry]


@get("/feeds/reports.atom", opt=OPT, sync_to_thread=True)
def report_feed(request: Request, params: NamedDependency[FeedParams]) -> Response[bytes]:
    """List the newest reports.

    An entry is as new as the last step recorded about its report.
    """
    newest = ReportsParams(force=params.force, limit=ENTRIES, order="newest")
    items = reports.reports_page(request, newest).items
    histories = services(request).ledger.histories([item.id for item in items])
    entries = [_of_report(item, histories[item.id][-1].stamp.at) for item in items]
    title = _("Child protection inspections") + _of(params)
    return _render_feed(request, params, Feed("reports", title, "/reports", entries))


@get("/feeds/recommendations.atom", opt=OPT, sync_to_thread=True)
def recommendation_feed(
    request: Request, params: NamedDependency[RecommendationFeedParams]
) -> Response[bytes]:
    """List the recommendations that were issued or updated last.

    An entry is as new as what its page shows, or as the last removal of a text from it.
    """
    rows = services(request).lists.read(
        lambda c: latest(c, force=params.force, area=params.area, limit=ENTRIES)
    )
    histories = services(request).ledger.histories([row.id for row in rows])
    entries = [_of_recommendation(row, last_suppression(histories[row.id])) for row in rows]
    about = _(", about %(area)s", area=labels.AREAS[params.area].lower()) if params.area else ""
    title = _("Child protection recommendations") + _of(params) + about
    return _render_feed(
        request, params, Feed("recommendations", title, "/recommendations", entries)
    )


FEEDS = (report_feed, recommendation_feed)


def _of(params: FeedParams) -> str:
    return _(", %(force)s", force=formatting.force(params.force)) if params.force else ""


def _of_report(item: ReportItem, changed: datetime) -> Entry:
    report = item.listing
    product = formatting.lowered(labels.PRODUCTS[report.product])
    day = formatting.day(report.published_on)
    summary = f"{formatting.force(report.force)}, {product}, {day}"
    title = formatting.published(report.title)
    return Entry(item.id, title, f"/reports/{item.id}", changed, summary, report.published_on)


def _of_recommendation(row: Latest, suppressed: datetime | None) -> Entry:
    kind, stage = labels.KINDS[row.kind].lower(), labels.STAGES[row.stage]
    force, day = formatting.force(row.force), formatting.day(row.stage_since)
    if row.stage is Stage.NOT_KNOWN:
        summary = _(
            "%(force)s, %(kind)s: published %(day)s; what became of it is not known here",
            force=force,
            kind=kind,
            day=day,
        )
    else:
        summary = _(
            "%(force)s, %(kind)s: %(stage)s since %(day)s",
            force=force,
            kind=kind,
            stage=stage,
            day=day,
        )
    title = reading.titled(row.kind, row.ordinal, row.text, row.wording)
    title = formatting.shortened(title, TITLE_CHARS)
    updated = max(row.known_from, suppressed or row.known_from)
    return Entry(row.id, title, f"/recommendations/{row.id}", updated, summary)


def _render_feed(request: Request, params: FeedParams, feed: Feed) -> Response[bytes]:
    """Render a feed as XML. Its id never changes, and differs for each filter."""
    base = (services(request).public_url or str(request.base_url)).rstrip("/")
    values = {name: getattr(params, name) for name in params.__struct_fields__}
    query = urlencode({name: text for name, text in values.items() if text is not None})
    query = f"?{query}" if query else ""
    newest = max((entry.updated for entry in feed.entries), default=datetime.fromtimestamp(0, UTC))

    ET.register_namespace("", _NAMESPACE)
    root = ET.Element(f"{{{_NAMESPACE}}}feed", {"xml:lang": language.code()})
    _text(root, "id", uuid5(NAMESPACE_URL, f"tracker/feeds/{feed.name}{query}").urn)
    _text(root, "title", f"{feed.title}: {_('Recommendation Tracker')}")
    _text(root, "updated", _moment(newest))
    _link(root, "self", f"{base}/feeds/{feed.name}.atom{query}")
    _link(root, "alternate", f"{base}{feed.page}{query}")
    _text(
        _inside(root, "author"), "name", _("Recommendation Tracker, compiled from HMICFRS reports")
    )
    # As in `/health/ready`: a new one begins once a copy of the database is served instead.
    lineage = services(request).ledger.rows.run(present_lineage()).id
    _inside(root, "category").attrib.update(term=str(lineage), scheme=f"{base}/health/ready")
    for entry in feed.entries:
        _entry(_inside(root, "entry"), entry, base)
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, media_type=ATOM)


def _entry(element: ET.Element, entry: Entry, base: str) -> None:
    _text(element, "id", entry.id.urn)
    _text(element, "title", entry.title)
    _text(element, "updated", _moment(entry.updated))
    if precision(entry.published_on) == "day":
        _text(element, "published", f"{entry.published_on}T00:00:00Z")
    _link(element, "alternate", f"{base}{entry.path}")
    _text(element, "summary", entry.summary)


def _inside(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_NAMESPACE}}}{name}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    _inside(parent, name).text = _NOT_XML.sub("\ufffd", formatting.shown(text))


def _link(parent: ET.Element, relation: str, address: str) -> None:
    _inside(parent, "link").attrib.update(rel=relation, href=address)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
