"""Readers of PDF: its text, the elements of its structure, its fonts and its links."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader


def reader(file: bytes) -> Any:  # noqa: ANN401  the library types few of its objects
    """Return a file as the library reads it."""
    return PdfReader(BytesIO(file))


def text_of(file: bytes) -> str:
    """Return the text of a file, its spaces and breaks as single spaces."""
    sheets = (sheet.extract_text() for sheet in PdfReader(BytesIO(file)).pages)
    return " ".join(" ".join(sheets).split())


def elements(file: bytes) -> Iterator[Any]:
    """Yield the elements of the structure of a file."""
    todo: list[Any] = [reader(file).root_object["/StructTreeRoot"]]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            if "/S" in node:
                yield node
            if "/K" in node:
                todo.append(node["/K"])


def scope_of(head: Any) -> str:  # noqa: ANN401  as above
    """Return whether the head of a table is that of a column or of a row."""
    attributes: Any = head["/A"].get_object()
    every: list[Any] = [*attributes] if type(attributes).__name__ == "ArrayObject" else [attributes]
    return "".join(str(part.get_object().get("/Scope", "")) for part in every)


def fonts(file: bytes) -> Iterator[Any]:
    """Yield the descriptor of every font of a file."""
    for sheet in reader(file).pages:
        for indirect in sheet["/Resources"]["/Font"].values():
            font = indirect.get_object()
            if "/DescendantFonts" in font:
                font = font["/DescendantFonts"][0].get_object()
            yield font["/FontDescriptor"].get_object()


def links(file: bytes) -> list[str]:
    """Return the addresses that a file leads to."""
    return [
        str(annotation.get_object()["/A"]["/URI"])
        for sheet in reader(file).pages
        for annotation in sheet.get("/Annots", [])
    ]
