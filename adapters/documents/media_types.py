"""Media types of documents, judged by their bytes alone: the sender's claims count for nothing.

No library fits: those that know signatures take a macro-enabled file for a plain one, and none
bounds how much it reads. Of an archive, only the member that names its type and those that can
refer to other files are unpacked (`office_parts.py`).
"""

import csv
import re
import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO, StringIO

from msgspec import Struct

from adapters.documents.errors import UnsupportedDocument
from adapters.documents.office_parts import check_office, check_open_document
from domain.commands.tidy import is_visible

MEMBERS_MAX = 4_096
"""The most files of an archive; a workbook with 100 sheets has a few hundred."""
DIRECTORY_BYTES_MAX = 1_048_576
"""The longest directory of an archive."""
UNPACKED_BYTES_MAX = 268_435_456
"""The largest unpacked size an archive may state, 256 MiB; only its reader unpacks it."""
MEMBER_BYTES_MAX = 262_144
"""How much is read of the member that names an archive's type."""
SAMPLE_CHARACTERS = 65_536
"""How much of a text is looked at to see whether it is a table."""


class Media(Struct, frozen=True):
    """An accepted type of document."""

    media_type: str
    extension: str
    also: tuple[str, ...] = ()
    """Other endings that files of this type are given."""

    @property
    def endings(self) -> frozenset[str]:
        """Return every ending that files of this type have, in small letters."""
        return frozenset({self.extension, *self.also})


PDF = Media("application/pdf", "pdf")
PNG = Media("image/png", "png")
JPEG = Media("image/jpeg", "jpg", ("jpeg",))
CSV = Media("text/csv", "csv")
TEXT = Media("text/plain", "txt")
_OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = Media(f"{_OOXML}wordprocessingml.document", "docx")
XLSX = Media(f"{_OOXML}spreadsheetml.sheet", "xlsx")
ODT = Media("application/vnd.oasis.opendocument.text", "odt")
ODS = Media("application/vnd.oasis.opendocument.spreadsheet", "ods")
TYPES = {media.media_type: media for media in (PDF, DOCX, XLSX, ODT, ODS, CSV, TEXT, PNG, JPEG)}
ACCEPTED_TYPES = (
    "PDF, DOCX, XLSX, ODT, ODS, CSV or plain text in UTF-8, PNG and JPEG, without macros, "
    "encryption or content from elsewhere"
)
"""The accepted types, in words."""

_PDF_BEGIN = b"%PDF-"
_PDF_HEADER = re.compile(rb"%PDF-\d\.\d")
_PDF_END = b"%%EOF"
PDF_JUNK_BYTES_MAX = 1_024
"""How far from its beginning the header of a PDF may be, as readers take it (ISO 32000-1, H.3)."""
_OTHER_BEGINNINGS = re.compile(
    rb"MZ|\x7fELF|GIF8|Rar!|PK|\s*(<[!?a-z]|\{\\rtf|#!|%!PS)", re.IGNORECASE
)
"""Beginnings of files that programs open as something else, whatever follows."""
_SIGNATURES = ((_PDF_BEGIN, PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""The beginning of an OLE compound file: an old Office document, or an encrypted new one."""
_PDF_ENCRYPTION = re.compile(
    rb"/" + b"".join(rb"(?:%c|#(?i:%x))" % (letter, letter) for letter in b"Encrypt")
    + rb"(?:[\0\t\n\f\r ]|%[^\r\n]*[\r\n])*(?:\d|<<)"
)  # fmt: skip
"""The name and value that an encrypted PDF has in its trailer (ISO 32000-1, 7.5.5 and 7.3.5)."""
_TYPES_LIST = "[Content_Types].xml"
_MAIN_PARTS = (
    (f"{_OOXML}wordprocessingml.document.main+xml".encode(), DOCX),
    (f"{_OOXML}spreadsheetml.sheet.main+xml".encode(), XLSX),
)
_MACROS = re.compile(
    r"vbaproject|vbadata|(^|[\\/])(macrosheets|activex|basic|scripts)[\\/]", re.IGNORECASE
)
"""Members of Office and OpenDocument files that hold programs."""
_MACRO_TYPES = re.compile(rb"macroenabled|vbaproject|vbadata|macrosheet|activex", re.IGNORECASE)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]")
"""Control characters, except tab, line feed, form feed and carriage return."""
_OTHER_TEXTS = re.compile(r"\s*(<[!?a-z]|\{\\rtf|#!|%!PS)", re.IGNORECASE)
"""Beginnings of text files that programs open as something else."""

_BEGIN_MARK = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_MARK, _END_64_MARK, _END_64_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
_ENCRYPTED = 0x2041
"""Encryption, strong encryption, and a directory that hides its values (APPNOTE, 4.4.4)."""
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def detect_media(content: bytes) -> Media:
    """Return the type of a document. Raises UnsupportedDocument."""
    if not content:
        raise UnsupportedDocument("The document is empty.")
    media = _by_signature(content)
    if media is PDF and _PDF_ENCRYPTION.search(content):
        raise UnsupportedDocument("It is encrypted. Save it without a password.")
    if media is not None:
        return media
    if content.startswith(_OLD_OFFICE):
        raise UnsupportedDocument("It is an old Office document, or an encrypted one.")
    return _detect_archive(content) if content.startswith(_BEGIN_MARK) else _detect_text(content)


def _by_signature(content: bytes) -> Media | None:
    for signature, media in _SIGNATURES:
        if content.startswith(signature):
            return media
    if _OTHER_BEGINNINGS.match(content) or content.startswith(_OLD_OFFICE):
        return None
    is_pdf = _PDF_HEADER.search(content, 0, PDF_JUNK_BYTES_MAX) and _PDF_END in content
    return PDF if is_pdf else None


def _detect_text(content: bytes) -> Media:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnsupportedDocument("It is of no accepted type, and not text in UTF-8.") from None
    if not is_visible(text):
        raise UnsupportedDocument("The document is empty: it has nothing but white space.")
    if _NO_TEXT.search(text):
        raise UnsupportedDocument("It is of no accepted type, and has control characters.")
    if _OTHER_TEXTS.match(text):
        raise UnsupportedDocument("It is markup or a program, not plain text.")
    return CSV if _is_table(text) else TEXT


def _is_table(text: str) -> bool:
    """Return whether a text has several rows with equally many cells, at least two."""
    sample = text[:SAMPLE_CHARACTERS]
    try:
        widths = [len(row) for row in csv.reader(StringIO(sample, newline="")) if row]
    except csv.Error:
        return False
    if len(sample) < len(text):
        widths.pop()  # it may be cut short
    return len(widths) > 1 and len(set(widths)) == 1 and widths[0] > 1


def _detect_archive(content: bytes) -> Media:
    _check_directory(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, len(content))
            return _detect_office(archive, [member.filename for member in members])
    except UnsupportedDocument:
        raise
    except Exception:  # noqa: BLE001  the parsers of archives and XML raise many for wrong bytes
        raise UnsupportedDocument("It is an archive that cannot be read.") from None


def _check_directory(content: bytes) -> None:
    """Refuse an archive whose directory is too long to be read, or misplaced."""
    end = content[-_END.size :]
    if len(end) < _END.size or not end.startswith(_END_MARK):
        raise UnsupportedDocument("It is an archive with data after its end, or without an end.")
    _, _, _, _, count, size, offset, comment = _END.unpack(end)
    before = content[-_END.size - _END_64_BYTES :]
    whole = offset + size + _END.size == len(content)
    if comment or not whole or before.startswith(_END_64_MARK):
        raise UnsupportedDocument("It is an archive of a form that no office program writes.")
    if count > MEMBERS_MAX or size > DIRECTORY_BYTES_MAX:
        raise UnsupportedDocument(f"It is an archive of more than {MEMBERS_MAX} files.")


def _check_members(members: Sequence[zipfile.ZipInfo], size: int) -> None:
    if len({member.filename.lower() for member in members}) != len(members):
        raise UnsupportedDocument("It is an archive with two files of the same name.")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnsupportedDocument("It is encrypted.")
    if any(member.compress_type not in _METHODS for member in members):
        raise UnsupportedDocument("It is an archive packed in a way that no office program uses.")
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    if unpacked > UNPACKED_BYTES_MAX or packed > size:
        raise UnsupportedDocument("It is an archive that unpacks to far more than its own size.")


def _detect_office(archive: zipfile.ZipFile, names: Sequence[str]) -> Media:
    """Return an archive's type by its `mimetype`, or by its list of content types."""
    if any(map(_MACROS.search, names)):
        raise UnsupportedDocument("It holds macros or other programs.")
    if "mimetype" in names and _TYPES_LIST not in names:
        kind = _read(archive, "mimetype").decode("latin-1")
        for media in (ODT, ODS):
            if kind == media.media_type:
                check_open_document(archive)
                return media
    elif "mimetype" not in names and _TYPES_LIST in names:
        kinds = _read(archive, _TYPES_LIST)
        # A name with references would read differently here than in the program that opens it.
        if b"&#" in kinds or b"<!" in kinds or _MACRO_TYPES.search(kinds):
            raise UnsupportedDocument("It holds macros or other programs.")
        for part, media in _MAIN_PARTS:
            if b'"' + part + b'"' in kinds or b"'" + part + b"'" in kinds:
                check_office(archive)
                return media
    raise UnsupportedDocument("It is an archive, but no accepted document.")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(MEMBER_BYTES_MAX + 1)
    if len(content) > MEMBER_BYTES_MAX:
        raise UnsupportedDocument("It is an archive that does not state its type.")
    return content
