"""A workbook that a form was sent with: its bytes, or why it is not read."""

from collections.abc import Sequence

from adapters.documents.errors import UnsupportedDocument
from adapters.documents.media_types import XLSX, detect_media
from api.http.forms import SentFile
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext

WORKBOOK_BYTES_MAX = 5_000_000
"""The largest workbook that is read: 5 MB."""
PROBLEMS_MAX = 200
"""The most problems that a page names; the rest are counted."""
FILE_FIELD = "workbook"
"""The place of an error about the file."""


def workbook_of(files: Sequence[SentFile]) -> bytes:
    """Return the only file, if it is a workbook. Raises UnsupportedDocument."""
    if len(files) != 1:
        raise UnsupportedDocument(
            _("Choose the workbook to send.") if not files else _("Send one workbook at a time.")
        )
    (file,) = files
    if file.over is not None or len(file.content) > WORKBOOK_BYTES_MAX:
        limit = WORKBOOK_BYTES_MAX // 1_000_000
        raise UnsupportedDocument(_("The workbook is larger than %(n)s MB.", n=limit))
    if detect_media(file.content) is not XLSX:
        raise UnsupportedDocument(
            _("It is not an Excel workbook. Save it as “Excel Workbook (.xlsx)”, and send that.")
        )
    return file.content


def count_of(problems: Sequence[str]) -> str:
    """Return the words for a number of problems."""
    return ngettext(
        "The workbook has %(n)s problem. Nothing was recorded.",
        "The workbook has %(n)s problems. Nothing was recorded.",
        len(problems),
        n=len(problems),
    )
