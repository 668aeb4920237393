"""The rows of a workbook that came back: the commands that their answers make, or what is wrong.

Every problem is said with its sheet, row and column; none hides another.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from adapters.tables.workbooks.reader import Cell, WorkbookSheet
from api.pages.forms.cells import too_long
from api.pages.forms.headed import RowPlace, headed_sheets
from api.pages.forms.typed_dates import WrongDate
from api.pages.record.workbook import columns
from api.pages.record.workbook.cells import answer_of
from api.pages.record.workbook.columns import COLUMNS, TO_ANSWER, AnswerColumn
from api.pages.record.workbook.rows import AnswerCommand, AnsweredRow
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from domain.commands.recommendation import (
    ClaimCompletion,
    NameOwner,
    ReceiveActionPlan,
    ReceiveUpdate,
    ReportProgress,
)
from domain.vocabulary.values import TEXT_MAX

ROWS_MAX = 300
"""The most rows with answers that are recorded together."""
COMMANDS_MAX = 500
"""The most answers that are recorded together."""
_ROW_ID = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)\s*/\s*([1-9][0-9]{0,8})")


class Answered(Struct, frozen=True):
    """The rows with answers, what is wrong, and the columns and rows that were left out."""

    rows: tuple[AnsweredRow, ...]
    problems: tuple[str, ...]
    unread: tuple[str, ...] = ()
    """Columns with cells that are not of the workbook."""


def answers_in(sheets: Sequence[WorkbookSheet]) -> Answered:
    """Read every sheet that has the column of row ids."""
    rows: list[AnsweredRow] = []
    problems: list[str] = []
    unread: list[str] = []
    key = columns.ROW_ID.head
    # The notes name each column too, below each other.
    headed_ones = headed_sheets(sheets, [column.head for column in COLUMNS], key, least=2)
    if not headed_ones:
        said = _(
            "No sheet has a column “%(head)s”. Fill in the workbook that you downloaded here.",
            head=key,
        )
        problems.append(said)
    for headed in headed_ones:
        problems += [*headed.repeated(), *headed.merged([key, *map(_head, TO_ANSWER)])]
        unread += headed.unread()
        for place, cells in headed.rows():
            reading = _RowReading(place, cells)
            if row := reading.row():
                rows.append(row)
            problems += reading.problems
    problems += _repeated(rows)
    if len(rows) > ROWS_MAX or sum(len(row.commands) for row in rows) > COMMANDS_MAX:
        problems.append(
            _(
                "It has more than %(rows)s rows with answers, or %(answers)s answers. Send it in "
                "parts: clear some rows, and send them later.",
                rows=ROWS_MAX,
                answers=COMMANDS_MAX,
            )
        )
    return Answered(tuple(rows), tuple(problems), tuple(unread))


def _head(column: AnswerColumn) -> str:
    return column.head


def _repeated(rows: Sequence[AnsweredRow]) -> Iterator[str]:
    first: dict[str, AnsweredRow] = {}
    for row in rows:
        before = first.setdefault(row.reference, row)
        if before is not row:
            yield row.place.problem(
                columns.ROW_ID.head,
                _(
                    "this recommendation has answers before: %(place)s. Put them into one row.",
                    place=before.place.words,
                ),
            )


class _RowReading:
    """The reading of one row, with the problems so far."""

    def __init__(self, place: RowPlace, cells: Mapping[str, Cell]) -> None:
        self._place, self._cells = place, cells
        self.problems: list[str] = []

    def row(self) -> AnsweredRow | None:
        """Return a row that makes commands; None for one without answers, or without right ones."""
        answered = {
            column: self._cells[column.head] for column in TO_ANSWER if column.head in self._cells
        }
        if not answered:
            return None
        identity = self._cells.get(columns.ROW_ID.head)
        match = _ROW_ID.fullmatch(str(identity.value).strip()) if identity else None
        if match is None:
            why = (
                _("“%(text)s” is no row id. Put back what it was.", text=str(identity.value)[:60])
                if identity
                else _("this row has answers and no row id. Copy it from the workbook as it was.")
            )
            self._wrong(columns.ROW_ID, why)
        commands = [*self._commands(self._values(answered))]
        if match is None or not commands:
            return None
        return AnsweredRow(self._place, match[1], int(match[2]), tuple(commands))

    def _wrong(self, column: AnswerColumn, why: str) -> None:
        self.problems.append(self._place.problem(column.head, why))

    def _values(self, answered: Mapping[AnswerColumn, Cell]) -> dict[AnswerColumn, str | None]:
        """The answers of the cells; None for one that is wrong, which was said."""
        values: dict[AnswerColumn, str | None] = {}
        for column, cell in answered.items():
            try:
                value = answer_of(column, cell)
            except (ValueError, WrongDate) as wrong:
                values[column] = None
                self._wrong(column, str(wrong))
            else:
                if value:
                    values[column] = value
        return values

    def _commands(self, values: Mapping[AnswerColumn, str | None]) -> Iterator[AnswerCommand]:
        """Yield the commands of a row, in the order in which their dates can stand."""
        claims = [*self._claim(values)]
        # A claim of an earlier day cannot follow what is dated today.
        yield from (claim for claim in claims if claim.on)
        if owner := values.get(columns.OWNER):
            yield NameOwner(owner=owner)
        yield from self._plan(values)
        if update := values.get(columns.UPDATE):
            yield ReceiveUpdate(content=update)
        if progress := values.get(columns.PROGRESS):
            yield ReportProgress(progress=progress)
        yield from (claim for claim in claims if not claim.on)

    def _plan(self, values: Mapping[AnswerColumn, str | None]) -> Iterator[ReceiveActionPlan]:
        parts = (columns.ANSWER, columns.PLAN, columns.TARGET)
        if not any(part in values for part in parts):
            return
        for part, why in (
            (columns.ANSWER, _("choose the answer of the plan.")),
            (columns.PLAN, _("say what the force will do, or why it will take no action.")),
        ):
            if part not in values:
                self._wrong(part, why)
        answer, plan, target = (values.get(part) for part in parts)
        if not answer or not plan or (columns.TARGET in values and not target):
            return
        if target:
            plan = f"{plan}\n{_('Target date: %(date)s', date=formatting.day(target))}"
        if len(plan) > TEXT_MAX:
            self._wrong(columns.PLAN, too_long())
        else:
            yield ReceiveActionPlan(answer="act" if answer == "act" else "no_action", content=plan)

    def _claim(self, values: Mapping[AnswerColumn, str | None]) -> Iterator[ClaimCompletion]:
        others = (columns.DONE_ON, columns.EVIDENCE)
        if columns.DONE not in values:
            for part in others:
                if part in values:
                    why = _("choose Yes in the column Done, or clear this cell.")
                    self._wrong(part, why)
            return
        if columns.EVIDENCE not in values:
            why = _("say what shows that it is done.")
            self._wrong(columns.EVIDENCE, why)
        evidence, done_on = values.get(columns.EVIDENCE), values.get(columns.DONE_ON)
        if values[columns.DONE] and evidence and (done_on or columns.DONE_ON not in values):
            yield ClaimCompletion(evidence=evidence, on=done_on)
