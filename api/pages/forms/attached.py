"""Files of a form: the good ones are kept, and the others are named with the reason."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from adapters.documents.file_names import clean_name
from adapters.documents.store import DOCUMENT_BYTES_MAX
from api.http.forms import FILES_FORM_BYTES_MAX, FILES_MAX, SentFile
from api.http.problems import ProblemError, Request
from api.pages.rendering import reading
from api.pages.rendering.language import N_, ngettext
from api.pages.rendering.language import gettext as _
from api.v1.record.documents import SHOWN_NAME_MAX, attach
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Sha256

UNSCANNED = "unscanned"
OF_A_FILE = frozenset({"unsupported-document", "infected", UNSCANNED, "too-many"})
"""Problems of one file, which the form says beside the field."""

IN_UTF8 = N_(
    "it is not in UTF-8. In Excel, choose Save as, then CSV UTF-8 (Comma delimited), and send that "
    "file."
)
"""The words for a table of another encoding, as spreadsheets save it unless they are told."""


class Attached(Struct, frozen=True):
    """The files of a form: those that were kept, and why the others were not."""

    kept: tuple[Sha256, ...] = ()
    refused: tuple[str, ...] = ()
    unscanned: bool = False
    """Whether a file could not be scanned, so that it may be taken later."""

    @property
    def error(self) -> str:
        """The words for the files that were not kept; empty if all were."""
        if not self.refused:
            return ""
        number = len(self.refused)
        words = ngettext("%(n)s file was not kept.", "%(n)s files were not kept.", number, n=number)
        return " ".join([words, *self.refused])


async def attach_each(request: Request, stream: UUID, files: Sequence[SentFile]) -> Attached:
    """Store each file that can be; a refused file takes no other with it.

    Raises ProblemError for anything that is not about one file.
    """
    kept: list[Sha256] = []
    refused: list[str] = []
    unscanned = False
    for file in files:
        if file.over is not None:
            refused.append(_named(file, _over(file)))
            continue
        if (file.name or "").casefold().endswith(".csv") and not is_utf8(file):
            refused.append(_named(file, _(IN_UTF8)))
            continue
        try:
            ((document, _is_new),) = await attach(request, stream, [file])
        except ProblemError as problem:
            if problem.kind.slug not in OF_A_FILE:
                raise
            unscanned = unscanned or problem.kind.slug == UNSCANNED
            said = str(problem)  # which names the file where it is about its content
            refused.append(_named(file, said) if problem.kind.slug == "too-many" else said)
        except Refused as full:
            refused.append(_named(file, reading.refusal(full)))
        else:
            kept.append(document.sha256)
    return Attached(tuple(kept), tuple(refused), unscanned)


def is_utf8(file: SentFile) -> bool:
    """Return whether the bytes of a file are text in UTF-8."""
    try:
        file.content.decode()
    except UnicodeDecodeError:
        return False
    return True


def names(files: Sequence[SentFile]) -> Iterator[str]:
    """Yield the names of files as they can be shown."""
    for file in files:
        yield clean_name(file.name or "")[:SHOWN_NAME_MAX] or _("A file without a name")


def _named(file: SentFile, why: str) -> str:
    return _("%(file)s: %(why)s", file=next(names([file])), why=why)


def _over(file: SentFile) -> str:
    match file.over:
        case "size":
            return _("it is larger than %(n)s MB.", n=DOCUMENT_BYTES_MAX >> 20)
        case "total":
            return _(
                "the files before it have %(n)s MB already. Send it after them.",
                n=FILES_FORM_BYTES_MAX >> 20,
            )
        case _:
            return _("%(n)s files can be sent at a time. Send it after them.", n=FILES_MAX)
