"""The XML parts of an Excel workbook (ECMA-376, Open Packaging Conventions), read within limits.

Names are compared without their namespaces, which differ between the transitional and the strict
form. The archive must have been judged by `adapters/documents/media_types.py` before.
"""

import posixpath
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TypeAlias
from xml.parsers import expat
from zipfile import ZipFile

from msgspec import Struct

XML_BYTES_MAX = 33_554_432
"""How much XML of one workbook is unpacked: 32 MiB, whatever its archive says of itself."""
ELEMENTS_MAX = 500_000
"""How many elements of one workbook are read; blank cells with a style are elements too."""
DEPTH_MAX = 50
"""How deep elements may be in each other; those of a workbook are about ten deep."""
PIECE_BYTES = 65_536

Begin: TypeAlias = Callable[[str, Mapping[str, str]], None]
End: TypeAlias = Callable[[str], None]
Characters: TypeAlias = Callable[[str], None]


class UnreadableWorkbook(ValueError):  # noqa: N818  an answer, not a fault
    """A file is no workbook that can be read here. Says why."""


class Relation(Struct, frozen=True):
    """A part that another part refers to: its kind, and its name in the archive."""

    kind: str
    part: str


def _ignore_begin(_name: str, _attributes: Mapping[str, str]) -> None:
    """Ignore the beginning of an element."""


def _ignore(_text: str) -> None:
    """Ignore the end of an element, or a text."""


class Package:
    """The parts of a workbook; the limit on their size holds for all that are read together."""

    def __init__(self, content: bytes) -> None:
        """Raise BadZipFile if the content is no archive."""
        self._archive = ZipFile(BytesIO(content))
        self._names = {name.lower(): name for name in self._archive.namelist()}
        self._left = XML_BYTES_MAX
        self._elements = self._depth = 0

    def read(
        self,
        part: str,
        begin: Begin = _ignore_begin,
        end: End = _ignore,
        characters: Characters = _ignore,
    ) -> None:
        """Parse a part, an element at a time.

        Raises UnreadableWorkbook if it is too large, has too many elements, or has a document type,
        by which entities are defined; KeyError if there is none, and ExpatError if it is not XML.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda name, attributes: self._begin(begin, name, attributes)
        parser.EndElementHandler = lambda name: self._end(end, name)
        parser.CharacterDataHandler = characters
        with self._archive.open(self._names[part.lower()]) as opened:
            while piece := opened.read(PIECE_BYTES):
                self._left -= len(piece)
                if self._left < 0:
                    raise UnreadableWorkbook(
                        f"It unpacks to more than {XML_BYTES_MAX >> 20} MB. Remove what is not "
                        "part of the answers, such as pictures and copies of sheets."
                    )
                parser.Parse(piece, False)  # noqa: FBT003  expat's own
        parser.Parse(b"", True)  # noqa: FBT003

    def _begin(self, begin: Begin, name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise UnreadableWorkbook("Its parts are nested deeper than an office program does it.")
        if self._elements > ELEMENTS_MAX:
            raise UnreadableWorkbook(
                "It has too many cells, most of them blank. Delete the rows and columns behind the "
                "last answer, and save it again."
            )
        begin(_local(name), {_local(key): value for key, value in attributes.items()})

    def _end(self, end: End, name: str) -> None:
        self._depth -= 1
        end(_local(name))

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the parts that a part refers to, by the identifiers that it has for them."""
        folder, name = posixpath.split(part)
        relations: dict[str, Relation] = {}

        def begin(element: str, attributes: Mapping[str, str]) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes["Target"]
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                kind = attributes["Type"].rpartition("/")[2]
                relations[attributes["Id"]] = Relation(kind, path)

        self.read(posixpath.join(folder, "_rels", f"{name}.rels"), begin)
        return relations


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise UnreadableWorkbook("It has a document type, which no office program writes.")
