"""The rows of a CSV file with action plans, put into the form of a report to be checked there.

The file itself is kept as a document. Its rows record nothing: they are answers that a person has
yet to send, as if they had been typed.
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from io import StringIO
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from api.http.forms import SentFile
from api.pages.forms.attached import names
from api.pages.record.several.grid import in_row
from api.pages.record.several.grid_files import DOCUMENTS
from api.pages.record.several.grid_rows import numbers_of
from api.pages.record.submission import issue_of
from api.pages.rendering import labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from domain.events.event import History
from domain.vocabulary.values import TEXT_MAX

RECOMMENDATION, ANSWER, PLAN, OWNER, TARGET = (
    "recommendation",
    "answer",
    "plan",
    "owner",
    "target date",
)
COLUMNS: Mapping[str, str] = {
    RECOMMENDATION: N_("its number in the report, or its reference in this service"),
    ANSWER: N_("act, or no_action if it will take none"),
    PLAN: N_("what it will do, or why it will take no action"),
    OWNER: N_("the responsible post, which is recorded beside the plan"),
    TARGET: N_("when it will be done; added to the plan"),
}
"""The names of the columns, in the first row, and their meanings; others are left out."""
OWNER_IN_PLAN = N_("the responsible post; added to the plan")
"""The meaning of the column for whoever names no responsible post: inspectors."""
ROWS_READ_MAX = 500
"""The most rows that are read of one file."""
PROBLEMS_MAX = 20
"""The most problems that are named of rows of no recommendation."""
FILLED = "filled"
"""The element that says what the files filled, and why some of their rows fill nothing."""


class Filled(NamedTuple):
    """The answers of a form with those of files, the errors by element, and the rows filled."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    rows: int


class _Line(Struct, frozen=True):
    """A row of a file: where it is, and its cells by the names of their columns."""

    place: str
    cells: Mapping[str, str]

    def plan(self, *, naming: bool) -> str:
        """The plan in lines, with its date, and with its post unless that is recorded itself."""
        owner = None if naming else self.cells.get(OWNER)
        target = self.cells.get(TARGET)
        parts = (
            self.cells.get(PLAN),
            owner and _("Responsible post: %(owner)s", owner=owner),
            target and _("Target date: %(date)s", date=target),
        )
        return "\n".join(filter(None, parts))


def columns(*, naming: bool) -> Mapping[str, str]:
    """Return the columns for whoever names the responsible post, or does not."""
    return COLUMNS if naming else {**COLUMNS, OWNER: OWNER_IN_PLAN}


def fill_rows(
    files: Sequence[SentFile],
    histories: Mapping[UUID, History],
    possible: Collection[UUID],
    typed: Mapping[str, str],
    *,
    naming: bool = False,
) -> Filled:
    """Put the rows of the kept CSV files into the rows of a form; what was typed there stays.

    With `naming`, the form has a field for the responsible post; else that is added to the plan.
    Rows of one recommendation are put together. Errors name the file, the row and the column.
    """
    kept = set(typed.get(DOCUMENTS, "").split())
    stored = [file for file in files if sha256(file.content).hexdigest() in kept]
    lines, problems = _placed(stored, histories, possible)
    numbers = numbers_of(histories)
    filled = {name: text for name, text in typed.items() if text}
    errors: dict[str, str] = {}
    for stream, of_one in lines.items():
        answers, wrong = _answers(of_one, naming=naming)
        for name, answer in answers.items():
            if filled.setdefault(f"{name}-{stream}", answer) != answer:
                place = of_one[0].place
                wrong[name] = _("%(row)s: another answer was typed here, and is kept.", row=place)
        filled[f"of-{stream}"] = "yes"
        number = numbers[stream]
        errors |= {f"{name}-{stream}": in_row(number, text) for name, text in wrong.items()}
    if problems:
        more = len(problems) - PROBLEMS_MAX
        rest = [_("And %(n)s more rows.", n=more)] if more > 0 else []
        errors[FILLED] = " ".join([*problems[:PROBLEMS_MAX], *rest])
    return Filled(filled, errors, len(lines))


def _placed(
    files: Sequence[SentFile], histories: Mapping[UUID, History], possible: Collection[UUID]
) -> tuple[dict[UUID, list[_Line]], list[str]]:
    """The rows of files by recommendation, and the problems of those that are of none."""
    numbers = numbers_of(histories)
    places = {issue_of(history).reference: stream for stream, history in histories.items()}
    places |= {str(number): stream for stream, number in numbers.items()}
    lines: dict[UUID, list[_Line]] = {}
    problems: list[str] = []
    for file in files:
        try:
            for line in _lines(file):
                stream = places.get(_plain(line.cells[RECOMMENDATION]))
                if stream is None:
                    problems.append(_unknown(line))
                elif stream not in possible:
                    problems.append(_impossible(line, numbers[stream]))
                else:
                    lines.setdefault(stream, []).append(line)
        except csv.Error as error:
            problems.append(str(error))
    return lines, problems


def _lines(file: SentFile) -> Iterator[_Line]:
    """Yield the rows of a file that names the column of the recommendation.

    Raises csv.Error, in words for the page, if some were not read, or if a file that is named as a
    table has no such column.
    """
    name, text = next(names([file])), file.content.decode("utf-8-sig", errors="replace")
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
            raise csv.Error(words)
        return
    number, whole = 1, False
    with suppress(csv.Error):
        for number, row in enumerate(islice(rows, ROWS_READ_MAX), 2):
            cells = {column: cell.strip() for column, cell in zip(header, row, strict=False)}
            if any(cells.values()):
                place = _("%(file)s, row %(row)s", file=name, row=number)
                yield _Line(place, {RECOMMENDATION: "", **cells})
        whole = next(rows, None) is None
    if not whole:
        words = _(
            "%(file)s: the rows after row %(row)s are too many, or not CSV, and were not read.",
            file=name,
            row=number,
        )
        raise csv.Error(words)


def _unknown(line: _Line) -> str:
    return _(
        "%(row)s, column %(column)s: “%(text)s” is no recommendation on this page.",
        row=line.place,
        column=RECOMMENDATION,
        text=line.cells[RECOMMENDATION][:80],
    )


def _impossible(line: _Line, number: int) -> str:
    return _(
        "%(row)s: a plan for recommendation %(number)s cannot be recorded now.",
        row=line.place,
        number=number,
    )


def _answers(lines: Sequence[_Line], *, naming: bool) -> tuple[dict[str, str], dict[str, str]]:
    """The answers to the fields of one recommendation, and the errors by field."""
    known = {_plain(said): code for code, text in labels.ANSWERS.items() for said in (code, text)}
    answers: dict[str, str] = {}
    errors: dict[str, str] = {}
    for line in lines:
        if not (text := line.cells.get(ANSWER)):
            continue
        said = {"row": line.place, "column": ANSWER, "text": text[:80]}
        code = known.get(_plain(text))
        if code is None:
            codes = ", ".join(labels.ANSWERS)
            why = _(
                "%(row)s, column %(column)s: “%(text)s” is none of: %(codes)s.", **said, codes=codes
            )
            errors[ANSWER] = why
        elif answers.setdefault(ANSWER, code) != code:
            why = _("%(row)s, column %(column)s: “%(text)s” contradicts a row before.", **said)
            errors[ANSWER] = why
    if naming:
        _take_owner(lines, answers, errors)
    plan = "\n\n".join(dict.fromkeys(filter(None, (line.plan(naming=naming) for line in lines))))
    if len(plan) > TEXT_MAX:
        errors["content"] = _(
            "%(row)s, column %(column)s: the plan is longer than %(n)s characters.",
            row=lines[0].place,
            column=PLAN,
            n=f"{TEXT_MAX:,}",
        )
    elif plan:
        answers["content"] = plan
    return answers, errors


def _take_owner(lines: Sequence[_Line], answers: dict[str, str], errors: dict[str, str]) -> None:
    """Put the responsible post of one recommendation among its answers, or why not."""
    for line in lines:
        if not (text := line.cells.get(OWNER)):
            continue
        if len(text) > TEXT_MAX:
            errors[OWNER] = _(
                "%(row)s, column %(column)s: the post is longer than %(n)s characters.",
                row=line.place,
                column=OWNER,
                n=f"{TEXT_MAX:,}",
            )
        elif answers.setdefault(OWNER, text) != text:
            errors[OWNER] = _(
                "%(row)s, column %(column)s: “%(text)s” contradicts a row before.",
                row=line.place,
                column=OWNER,
                text=text[:80],
            )


def _plain(text: str) -> str:
    """A text as it is compared: in small letters, without the word before a number."""
    words = text.casefold().replace("_", " ").rstrip(". ").split()
    return " ".join(words[1:] if words[:1] == [RECOMMENDATION] else words)
