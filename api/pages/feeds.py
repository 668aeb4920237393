"""The newest reports as an Atom feed (RFC 4287), for programs that tell people what is new."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from litestar import Response, get
from litestar.di import NamedDependency

from api import reports
from api.asking import ForceCode, Parameters, unknown
from api.pages import words
from api.pages.parts import OPT
from api.problems import Asker, Wrong
from api.reports import ReportsAsked
from api.services import services
from domain.dates import precision
from projections.reports import Listed

ATOM = "application/atom+xml"
ENTRIES = 20
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedAsked(Parameters, frozen=True, kw_only=True):
    """Of which force; else of all but the training force."""

    force: ForceCode | None = None

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from unknown(self.force)


@get("/feeds/reports.atom", opt=OPT, sync_to_thread=True)
def report_feed(request: Asker, asked: NamedDependency[FeedAsked]) -> Response[bytes]:
    """The newest reports. An entry is as new as the last that was recorded of its report."""
    wanted = ReportsAsked(force=asked.force, limit=ENTRIES, order="newest")
    found = reports.listed(request, wanted).items
    base = (services(request).public_url or str(request.base_url)).rstrip("/")
    histories = services(request).ledger.histories([one.id for one in found])
    changed = {stream: entries[-1].stamp.at for stream, entries in histories.items()}
    query = f"?force={asked.force}" if asked.force else ""
    title = f" of {words.force(asked.force)}" if asked.force else ""

    ET.register_namespace("", _NAMESPACE)
    feed = ET.Element(f"{{{_NAMESPACE}}}feed", {"xml:lang": "en-GB"})
    _text(feed, "id", uuid5(NAMESPACE_URL, f"tracker/feeds/reports{query}").urn)
    _text(feed, "title", f"Child protection inspections{title}: Recommendation Tracker")
    _text(feed, "updated", _moment(max(changed.values(), default=datetime.fromtimestamp(0, UTC))))
    _link(feed, "self", f"{base}/feeds/reports.atom{query}")
    _link(feed, "alternate", f"{base}/reports{query}")
    _text(_inside(feed, "author"), "name", "Recommendation Tracker, compiled from HMICFRS reports")
    for one in found:
        _entry(_inside(feed, "entry"), one, changed[one.id], base)
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(body, media_type=ATOM)


def _entry(entry: ET.Element, one: Listed, changed: datetime, base: str) -> None:
    told = one.listing
    _text(entry, "id", one.id.urn)
    _text(entry, "title", told.title)
    _text(entry, "updated", _moment(changed))
    if precision(told.published_on) == "day":
        _text(entry, "published", f"{told.published_on}T00:00:00Z")
    _link(entry, "alternate", f"{base}/reports/{one.id}")
    product, day = words.PRODUCTS[told.product], words.day(told.published_on)
    _text(entry, "summary", f"{words.force(told.force)}, {product.lower()}, {day}")


def _inside(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_NAMESPACE}}}{name}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    _inside(parent, name).text = _NOT_XML.sub("\ufffd", text)


def _link(parent: ET.Element, relation: str, address: str) -> None:
    _inside(parent, "link").attrib.update(rel=relation, href=address)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
