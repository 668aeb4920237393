"""A page of a feed as XML: Atom (RFC 4287), with archives (RFC 5005, section 4)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID
from xml.etree import ElementTree as ET

from litestar import Response
from msgspec import Struct

from adapters.ledger.lineage import present_lineage
from api.http.problems import Request
from api.pages.public.feeds.entries import FeedEntry
from api.pages.rendering import formatting, language
from api.pages.rendering.language import gettext as _
from api.request.services import service_address, services

ATOM = "application/atom+xml"
ARCHIVED = {"Cache-Control": "public, max-age=3600"}
"""Nothing is added to an archive; a text that is suppressed in it leaves every cache in an hour."""
PRIVATE = {"Cache-Control": "private, no-store"}
"""Of what is for one person, and answered without a cookie."""
_NAMESPACE = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ArchiveName(Struct, frozen=True):
    """An archive of a feed: its number, and the part of it if it has several."""

    number: int
    part: int | None = None

    @property
    def query(self) -> str:
        """The query string of its address, without a question mark."""
        part = "" if self.part is None else f"&part={self.part}"
        return f"archive={self.number}{part}"


class FeedPage(Struct, frozen=True):
    """The entries of a feed or of an archive of it, and the archive before."""

    entries: Sequence[FeedEntry]
    before: ArchiveName | None


class FeedHead(Struct, frozen=True):
    """The head of a page of a feed; its addresses are paths of the service."""

    id: UUID
    title: str
    address: str
    page: str
    """The page for people."""
    archive: ArchiveName | None
    private: bool = False


def render_atom(request: Request, head: FeedHead, page: FeedPage) -> Response[bytes]:
    """Render a page of a feed as XML. Its id never changes."""
    base = service_address(request)
    newest = max((entry.updated for entry in page.entries), default=datetime.fromtimestamp(0, UTC))
    join = "&" if "?" in head.address else "?"

    def address(archive: ArchiveName | None) -> str:
        return f"{base}{head.address}" + ("" if archive is None else f"{join}{archive.query}")

    ET.register_namespace("", _NAMESPACE)
    ET.register_namespace("fh", _HISTORY)
    root = ET.Element(f"{{{_NAMESPACE}}}feed", {"xml:lang": language.code()})
    _text(root, "id", head.id.urn)
    _text(root, "title", f"{head.title}: {_('Recommendation Tracker')}")
    _text(root, "updated", _moment(newest))
    _link(root, "self", address(head.archive))
    if head.archive is not None:
        ET.SubElement(root, f"{{{_HISTORY}}}archive")
        _link(root, "current", address(None))
    if page.before is not None:
        _link(root, "prev-archive", address(page.before))
    _link(root, "alternate", f"{base}{head.page}")
    _text(
        _inside(root, "author"), "name", _("Recommendation Tracker, compiled from HMICFRS reports")
    )
    # As in `/health/ready`: a new one begins once a copy of the database is served instead.
    lineage = services(request).ledger.rows.run(present_lineage()).id
    _inside(root, "category").attrib.update(term=str(lineage), scheme=f"{base}/health/ready")
    for entry in page.entries:
        _entry(_inside(root, "entry"), entry, base)
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = PRIVATE if head.private else ARCHIVED if head.archive is not None else {}
    return Response(body, media_type=ATOM, headers=headers)


def _entry(element: ET.Element, entry: FeedEntry, base: str) -> None:
    _text(element, "id", entry.id.urn)
    _text(element, "title", entry.title)
    _text(element, "published", _moment(entry.published))
    _text(element, "updated", _moment(entry.updated))
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
