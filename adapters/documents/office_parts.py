"""Parts of Office and OpenDocument files that are encrypted, or refer to content elsewhere.

A program that opens such a file fetches that content by itself: a template with macros, a picture
that tells its server who reads. The XML is read by expat, one element at a time and up to a limit;
a document type, by which entities are defined, is refused.
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from typing import TypeAlias
from xml.parsers import expat

from adapters.documents.errors import UnsupportedDocument

XML_BYTES_MAX = 33_554_432
"""How much XML of one document is read: 32 MiB."""
PIECE_BYTES = 65_536

Visit: TypeAlias = Callable[[str, Mapping[str, str]], None]
"""Judges an element, by its name and its attributes without their namespaces."""

_ENCRYPTED_PACKAGE = "encrypted-package"
_OUTSIDE_DATA = re.compile(r"(^|/)(connections\.xml|querytables/|externallinks/)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//|\\\\)", re.IGNORECASE)
_OUT_OF_PACKAGE = re.compile(r"\s*([a-z][a-z0-9+.-]*:|[\\/]|\.\.)", re.IGNORECASE)
_FOLLOWED_BY_HAND = frozenset({"a", "template"})
"""Elements of OpenDocument whose address nothing is fetched from when a file is opened."""
_ACTIVE = frozenset({"event-listener", "dde-source", "dde-connection-decl"})


def check_office(archive: zipfile.ZipFile) -> None:
    """Refuse a Word or Excel file that refers to content elsewhere, except by hyperlinks.

    Raises UnsupportedDocument, and ExpatError for a part that is not XML.
    """
    names = archive.namelist()
    if any(map(_OUTSIDE_DATA.search, names)):
        raise _elsewhere()
    _read(archive, [name for name in names if name.lower().endswith(".rels")], _relationship)


def check_open_document(archive: zipfile.ZipFile) -> None:
    """Refuse an OpenDocument file that is encrypted, or refers to programs or content elsewhere.

    Raises UnsupportedDocument, and ExpatError for a part that is not XML.
    """
    names = archive.namelist()
    if _ENCRYPTED_PACKAGE in names:
        raise _encrypted()
    _read(archive, [name for name in names if name == "META-INF/manifest.xml"], _manifest)
    parts = ("content.xml", "styles.xml", "meta.xml")
    _read(archive, [name for name in names if name.rpartition("/")[2] in parts], _content)


def _read(archive: zipfile.ZipFile, names: list[str], visit: Visit) -> None:
    """Read parts and visit their elements."""
    left = XML_BYTES_MAX
    for name in names:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = lambda element, attributes: visit(
            _local(element), {_local(key): value for key, value in attributes.items()}
        )
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with archive.open(name) as part:
            while piece := part.read(PIECE_BYTES):
                left -= len(piece)
                if left < 0:
                    raise UnsupportedDocument("It has too many parts to be checked.")
                parser.Parse(piece, False)  # noqa: FBT003  expat's own
        parser.Parse(b"", True)  # noqa: FBT003


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _relationship(_element: str, attributes: Mapping[str, str]) -> None:
    kind, target = attributes.get("Type", ""), attributes.get("Target", "")
    is_outside = attributes.get("TargetMode", "").lower() == "external" or _ABSOLUTE.match(target)
    if kind.endswith("/attachedTemplate") or (is_outside and not kind.endswith("/hyperlink")):
        raise _elsewhere()


def _manifest(element: str, _attributes: Mapping[str, str]) -> None:
    if element in {"encryption-data", "encrypted-key"}:
        raise _encrypted()


def _content(element: str, attributes: Mapping[str, str]) -> None:
    if element in _ACTIVE:
        raise UnsupportedDocument("It starts macros or other programs.")
    if element not in _FOLLOWED_BY_HAND and _OUT_OF_PACKAGE.match(attributes.get("href", "")):
        raise _elsewhere()


def _refuse_doctype(*_: object) -> None:
    raise UnsupportedDocument("It has a document type, which no office program writes.")


def _elsewhere() -> UnsupportedDocument:
    return UnsupportedDocument(
        "It loads a template, a picture or other content from elsewhere when it is opened. Save it "
        "with that content inside, or as PDF."
    )


def _encrypted() -> UnsupportedDocument:
    return UnsupportedDocument("It is encrypted. Save it without a password.")
