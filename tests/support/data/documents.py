"""Sample documents of as few bytes as possible: valid ones, and harmful ones."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9"
TEXT = "All officers are trained. £5 ✓\n".encode()
CSV = b'officer,trained\n1,"yes, all of it"\n2,no\n'
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(40)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
ODT_TYPE = "application/vnd.oasis.opendocument.text"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def archive(members: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    """Return a ZIP archive of some files."""
    made, how = BytesIO(), zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(made, "w", how) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return made.getvalue()


def office(main: str, more: Mapping[str, bytes] | None = None, kinds: str = "") -> bytes:
    """Return a Word or Excel file whose main part has a type."""
    listed = f'<Types><Override PartName="/main.xml" ContentType="{main}"/>{kinds}</Types>'
    return archive({"[Content_Types].xml": listed.encode(), "main.xml": b"<w/>", **(more or {})})


def open_document(kind: str, more: Mapping[str, bytes] | None = None) -> bytes:
    """Return a LibreOffice file."""
    return archive({"mimetype": kind.encode(), "content.xml": b"<o/>", **(more or {})})


DOCX, XLSX = office(WORD), office(SHEET)
ODT, ODS = open_document(ODT_TYPE), open_document(ODS_TYPE)
TAKEN = {
    "application/pdf": PDF,
    WORD.removesuffix(".main+xml"): DOCX,
    SHEET.removesuffix(".main+xml"): XLSX,
    ODT_TYPE: ODT,
    ODS_TYPE: ODS,
    "text/csv": CSV,
    "text/plain": TEXT,
    "image/png": PNG,
    "image/jpeg": JPEG,
}


def bomb(size: int) -> bytes:
    """Return a small document that unpacks to a large size in bytes."""
    return office(WORD, {"media/image1.bmp": bytes(size)})


def _encrypted() -> bytes:
    made = bytearray(DOCX)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        first = made.find(mark)
        made[first + place] |= 1
    return bytes(made)


def _two_of_one_name() -> bytes:
    other = office(MACRO_WORD).replace(b"main.xml", b"Main.xml")
    made = BytesIO(other)
    with zipfile.ZipFile(made, "a") as opened:
        opened.writestr("[content_types].xml", b"<Types/>")
    return made.getvalue()


REFUSED = {
    "empty": b"",
    "a program": EXE,
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "a page": b"\xef\xbb\xbf  <!DOCTYPE html><script>alert(1)</script>",
    "a drawing with scripts": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "rich text": rb"{\rtf1\ansi All trained.}",
    "a text of another coding": "Kosten: 5 £".encode("cp1252"),
    "a text of two bytes a letter": "All trained.".encode("utf-16"),
    "an old office document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "a picture that moves": b"GIF89a" + bytes(20),
    "any archive": archive({"payload.exe": EXE}),
    "half an archive": DOCX[:-30],
    "an archive with something behind it": DOCX + b"more",
    "an archive with something in front of it": b"PK\x03\x04" + DOCX,
    "a document with a comment on the archive": DOCX[:-2] + b"\x01\x00x",
    "a document with macros": office(MACRO_WORD),
    "a document with macros under another name": office(WORD, {"word/vbaProject.bin": b"x"}),
    "a document with macros by their type": office(
        WORD, {"word/a.bin": b"x"}, '<D ContentType="application/vnd.ms-office.vbaProject"/>'
    ),
    "a type that is written by references": office(WORD, kinds='<D ContentType="vba&#80;roject"/>'),
    "a sheet with old macros": office(SHEET, {"xl/macrosheets/sheet1.xml": b"x"}),
    "a form with programs": office(WORD, {"word/activeX/activeX1.bin": b"x"}),
    "a template": office(WORD.replace("document.main", "template.main")),
    "slides": open_document("application/vnd.oasis.opendocument.presentation"),
    "a text with macros": open_document(ODT_TYPE, {"Basic/Standard/Module1.xml": b"x"}),
    "a sheet with scripts": open_document(ODS_TYPE, {"Scripts/python/a.py": b"x"}),
    "two documents in one": office(WORD, {"mimetype": ODT_TYPE.encode()}),
    "two files of one name": _two_of_one_name(),
    "an encrypted document": _encrypted(),
    "a long list of types": archive({"[Content_Types].xml": WORD.encode() + bytes(10**6)}),
    "a bomb": bomb(300 * 2**20),
    "many files": office(WORD, {f"media/{n}": b"" for n in range(5_000)}),
}
