"""The rows of a CSV file with action plans, as they are in the file."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from io import StringIO
from itertools import islice

from msgspec import Struct

from api.http.forms import SentFile
from api.pages.forms.attached import names
from api.pages.forms.cell_dates import impossible_date
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from domain.vocabulary.values import Sha256

RECOMMENDATION, ANSWER, PLAN, OWNER, TARGET = (
    "recommendation",
    "answer",
    "plan",
    "owner",
    "target date",
)
CONTENT = "content"
"""The field of a form that the plan is put into."""
COLUMNS: Mapping[str, str] = {
    RECOMMENDATION: N_("its number in the report, or its reference in this service"),
    ANSWER: N_("It will act, or It will take no action; or their codes, act and no_action"),
    PLAN: N_("what it will do, or why it will take no action"),
    OWNER: N_("the responsible post, which is recorded beside the plan"),
    TARGET: N_("when it will be done; added to the plan"),
}
"""The names of the columns, in the first row, and their meanings; others are left out."""
OWNER_IN_PLAN = N_("the responsible post; added to the plan")
"""The meaning of the column for whoever names no responsible post: inspectors."""
ROWS_READ_MAX = 500
"""The most rows that are read of one file."""


class PlanLine(Struct, frozen=True):
    """A row of a file: its place in words, and its cells by the names of their columns."""

    file: Sha256
    place: str
    cells: Mapping[str, str]

    def plan(self, *, naming: bool) -> str:
        """The plan in lines, with its date, and with its post unless that is recorded itself."""
        owner = None if naming else self.cells.get(OWNER)
        target = None if self.wrong_date else self.cells.get(TARGET)
        parts = (
            self.cells.get(PLAN),
            owner and _("Responsible post: %(owner)s", owner=owner),
            target and _("Target date: %(date)s", date=target),
        )
        return "\n".join(filter(None, parts))

    @property
    def without_plan(self) -> str:
        """Say that its plan is empty, though the rest of it would be added to one."""
        return _(
            "%(row)s, column %(column)s: it is empty, and the rest of the row is no plan by "
            "itself.",
            row=self.place,
            column=PLAN,
        )

    @property
    def wrong_date(self) -> str | None:
        """Why the target date is none, though it is typed as one; other words are taken."""
        text = self.cells.get(TARGET)
        why = text and impossible_date(text)
        if not why:
            return None
        return _(
            "%(row)s, column %(column)s: “%(text)s”: %(why)s",
            row=self.place,
            column=TARGET,
            text=text,
            why=why,
        )


class NoColumnError(csv.Error):
    """A file that is named as a table has no column that names recommendations."""


def lines_of(file: SentFile) -> Iterator[PlanLine]:
    """Yield the rows of a file that names the column of the recommendation.

    Raises csv.Error, in words for the page, if some were not read, and NoColumnError if a file that
    is named as a table has no such column.
    """
    name, text = next(names([file])), file.content.decode("utf-8-sig", errors="replace")
    digest = sha256(file.content).hexdigest()
    first = text.partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    named: list[str] = []
    with suppress(csv.Error):  # of a document that is no table
        named = next(rows, named)
    header = [" ".join(cell.casefold().split()) for cell in named]
    if RECOMMENDATION not in header:
        if name.casefold().endswith(".csv"):
            words = _(
                "%(file)s fills in no answers, because its first row does not name the column "
                "“%(column)s”. It is kept as a document.",
                file=name,
                column=RECOMMENDATION,
            )
            raise NoColumnError(words)
        return
    number, whole = 1, False
    with suppress(csv.Error):
        for number, row in enumerate(islice(rows, ROWS_READ_MAX), 2):
            cells = {column: cell.strip() for column, cell in zip(header, row, strict=False)}
            if any(cells.values()):
                place = _("%(file)s, row %(row)s", file=name, row=number)
                yield PlanLine(digest, place, {RECOMMENDATION: "", **cells})
        whole = next(rows, None) is None
    if not whole:
        words = _(
            "%(file)s: the rows after row %(row)s are too many, or not CSV, and were not read.",
            file=name,
            row=number,
        )
        raise csv.Error(words)


def plain(text: str) -> str:
    """A text as it is compared: in small letters, without the word before a number."""
    words = text.casefold().replace("_", " ").rstrip(". ").split()
    return " ".join(words[1:] if words[:1] == [RECOMMENDATION] else words)
