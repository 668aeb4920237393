"""What a document is, judged by its bytes alone: what its sender says of it counts for nothing.

No library fits: those that know signatures take a macro-enabled file for a plain one, and none
bounds what it reads. Nothing is unpacked here but two small members of an archive.
"""

import csv
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO, StringIO

from msgspec import Struct

MEMBERS_MAX = 4_096
"""How many files an archive may hold; a workbook of a hundred sheets has a few hundred."""
DIRECTORY_BYTES_MAX = 1_048_576
"""How long an archive's list of its files may be."""
UNPACKED_BYTES_MAX = 268_435_456
"""What an archive may say that it comes to: 256 MiB, and all is unpacked by who opens it only."""
MEMBER_BYTES_MAX = 262_144
"""How much is read of the member that says what an archive is."""
CHARACTERS_LOOKED_AT = 65_536
"""By how much of it a text is judged to be a table."""


class Media(Struct, frozen=True):
    """A type of document that is taken."""

    media_type: str
    extension: str


class NotTaken(Exception):  # noqa: N818  an answer, not a fault
    """A document is of no type that is taken. Says what is the matter."""


PDF = Media("application/pdf", "pdf")
PNG = Media("image/png", "png")
JPEG = Media("image/jpeg", "jpg")
CSV = Media("text/csv", "csv")
TEXT = Media("text/plain", "txt")
_OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = Media(f"{_OOXML}wordprocessingml.document", "docx")
XLSX = Media(f"{_OOXML}spreadsheetml.sheet", "xlsx")
ODT = Media("application/vnd.oasis.opendocument.text", "odt")
ODS = Media("application/vnd.oasis.opendocument.spreadsheet", "ods")
TYPES = {one.media_type: one for one in (PDF, DOCX, XLSX, ODT, ODS, CSV, TEXT, PNG, JPEG)}
TAKEN = "PDF, DOCX, XLSX, ODT, ODS, CSV or plain text in UTF-8, PNG and JPEG, without macros"
"""The types that are taken, in words."""

_SIGNATURES = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_TYPES_LIST = "[Content_Types].xml"
_MAIN_PARTS = (
    (f"{_OOXML}wordprocessingml.document.main+xml".encode(), DOCX),
    (f"{_OOXML}spreadsheetml.sheet.main+xml".encode(), XLSX),
)
_MACROS = re.compile(
    r"vbaproject|vbadata|(^|[\\/])(macrosheets|activex|basic|scripts)[\\/]", re.IGNORECASE
)
"""The members that hold programs, of Office and of OpenDocument."""
_MACRO_TYPES = re.compile(rb"macroenabled|vbaproject|vbadata|macrosheet|activex", re.IGNORECASE)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]")
"""Control characters; tabulator, line and page ends are none here."""
_OTHER_TEXTS = re.compile(r"\s*(<[!?a-z]|\{\\rtf|#!|%!PS)", re.IGNORECASE)
"""How files begin that are text, and are opened as something else."""

_BEGIN_MARK = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_MARK, _END_64_MARK, _END_64_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def judged(content: bytes) -> Media:
    """The type of a document. Raises NotTaken."""
    if not content:
        raise NotTaken("The document is empty.")
    for signature, media in _SIGNATURES:
        if content.startswith(signature):
            return media
    return _archive(content) if content.startswith(_BEGIN_MARK) else _text(content)


def _text(content: bytes) -> Media:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotTaken("It is of no type that is taken, nor text in UTF-8.") from None
    if _NO_TEXT.search(text):
        raise NotTaken("It is of no type that is taken, nor text: it has control characters.")
    if _OTHER_TEXTS.match(text):
        raise NotTaken("It is markup or a program, not plain text.")
    return CSV if _is_table(text) else TEXT


def _is_table(text: str) -> bool:
    """Say whether a text has rows of as many cells each, and more than one of both."""
    looked_at = text[:CHARACTERS_LOOKED_AT]
    try:
        widths = [len(row) for row in csv.reader(StringIO(looked_at, newline="")) if row]
    except csv.Error:
        return False
    if len(looked_at) < len(text):
        widths.pop()  # which may be cut short
    return len(widths) > 1 and len(set(widths)) == 1 and widths[0] > 1


def _archive(content: bytes) -> Media:
    _check_directory(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, len(content))
            return _office(archive, [one.filename for one in members])
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError):
        raise NotTaken("It is an archive that cannot be read.") from None


def _check_directory(content: bytes) -> None:
    """Refuse an archive whose list of files is too long to be read, or not where it should be."""
    end = content[-_END.size :]
    if len(end) < _END.size or not end.startswith(_END_MARK):
        raise NotTaken("It is an archive with something behind its end, or without one.")
    _, _, _, _, count, size, offset, comment = _END.unpack(end)
    before = content[-_END.size - _END_64_BYTES :]
    whole = offset + size + _END.size == len(content)
    if comment or not whole or before.startswith(_END_64_MARK):
        raise NotTaken("It is an archive of a form that no office program writes.")
    if count > MEMBERS_MAX or size > DIRECTORY_BYTES_MAX:
        raise NotTaken(f"It is an archive of more than {MEMBERS_MAX} files.")


def _check_members(members: Sequence[zipfile.ZipInfo], size: int) -> None:
    if len({one.filename.lower() for one in members}) != len(members):
        raise NotTaken("It is an archive with two files of one name.")
    if any(one.flag_bits & _ENCRYPTED for one in members):
        raise NotTaken("It is encrypted.")
    if any(one.compress_type not in _METHODS for one in members):
        raise NotTaken("It is an archive packed in a way that no office program does.")
    unpacked = sum(one.file_size for one in members)
    if unpacked > UNPACKED_BYTES_MAX or sum(one.compress_size for one in members) > size:
        raise NotTaken("It is an archive that comes to far more than it is when unpacked.")


def _office(archive: zipfile.ZipFile, names: Sequence[str]) -> Media:
    """What an archive is: by its `mimetype`, or by its list of content types."""
    if any(map(_MACROS.search, names)):
        raise NotTaken("It holds macros or other programs.")
    if "mimetype" in names and _TYPES_LIST not in names:
        kind = _read(archive, "mimetype").decode("latin-1")
        for media in (ODT, ODS):
            if kind == media.media_type:
                return media
    elif "mimetype" not in names and _TYPES_LIST in names:
        kinds = _read(archive, _TYPES_LIST)
        # A name written by references would be another to us than to who opens the document.
        if b"&#" in kinds or b"<!" in kinds or _MACRO_TYPES.search(kinds):
            raise NotTaken("It holds macros or other programs.")
        for part, media in _MAIN_PARTS:
            if b'"' + part + b'"' in kinds or b"'" + part + b"'" in kinds:
                return media
    raise NotTaken("It is an archive, and no document that is taken.")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(MEMBER_BYTES_MAX + 1)
    if len(content) > MEMBER_BYTES_MAX:
        raise NotTaken("It is an archive that does not say what it is.")
    return content
