"""The rows of a CSV file with action plans, put into the form of a report to be checked there.

The file itself is kept as a document, unless it has faults. Its rows record nothing: they are
answers that a person has yet to send, as if they had been typed.
"""

import csv
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from api.http.forms import SentFile
from api.pages.forms.attached import is_utf8, names
from api.pages.record.form_parser import DOCUMENTS, FROM_FILE
from api.pages.record.several.grid import in_row
from api.pages.record.several.grid_rows import numbers_of
from api.pages.record.several.plans.filled_marks import empty_row, empty_unkept, mark_of
from api.pages.record.several.plans.plan_lines import (
    ANSWER,
    COLUMNS,
    CONTENT,
    OWNER,
    OWNER_IN_PLAN,
    PLAN,
    RECOMMENDATION,
    NoColumnError,
    PlanLine,
    lines_of,
    plain,
)
from api.pages.record.submission import issue_of
from api.pages.rendering import labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from domain.events.event import History
from domain.vocabulary.values import TEXT_MAX, Sha256

PROBLEMS_MAX = 20
"""The most problems that are named of rows of no recommendation."""
FILLED = "filled"
"""The element that says what the files filled, and why some of their rows fill nothing."""

NOT_KEPT = N_(
    "%(file)s has errors, so it was not kept as a document. Correct it and send it again, or "
    "change the answers below."
)


class Filled(NamedTuple):
    """The answers of a form with those of files, the errors by element, and the rows filled."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    rows: int


def columns(*, naming: bool) -> Mapping[str, str]:
    """Return the columns for whoever names the responsible post, or does not."""
    return COLUMNS if naming else {**COLUMNS, OWNER: OWNER_IN_PLAN}


class _Placed(NamedTuple):
    """The rows of files by recommendation, and the problems of the others."""

    lines: Mapping[UUID, Sequence[PlanLine]]
    faults: Sequence[str]
    """The problems of rows of no recommendation, and of what could not be read."""
    others: Sequence[str]
    """The problems that are no fault of the file."""


def faulty_in(
    files: Sequence[SentFile],
    histories: Mapping[UUID, History],
    possible: Collection[UUID],
    *,
    naming: bool,
    whole: bool,
) -> dict[Sha256, str]:
    """Return the names of the files of plans that have faults, by their hashes.

    With `whole`, the form has every recommendation of the report, so that any other is a fault.
    """
    faulty: dict[Sha256, str] = {}
    for file in files:
        if not is_utf8(file):
            continue
        placed = _placed([file], histories, possible)
        wrong = any(_answers(lines, naming=naming)[1] for lines in placed.lines.values())
        if wrong or (whole and placed.faults):
            faulty[sha256(file.content).hexdigest()] = next(names([file]))
    return faulty


def fill_rows(
    files: Sequence[SentFile],
    histories: Mapping[UUID, History],
    possible: Collection[UUID],
    typed: Mapping[str, str],
    *,
    naming: bool = False,
    faulty: Collection[Sha256] = (),
) -> Filled:
    """Put the rows of the kept and the faulty CSV files into the rows of a form.

    What was typed there stays; what an earlier file filled and nobody changed is replaced, and is
    taken out of every row if that file was not kept. With `naming`, the form has a field for the
    responsible post; else that is added to the plan. Rows of one recommendation are put together;
    without an answer they fill nothing. Errors name the file, the row and the column.
    """
    read = {*typed.get(DOCUMENTS, "").split(), *faulty}
    stored = [file for file in files if sha256(file.content).hexdigest() in read]
    placed = _placed(stored, histories, possible)
    numbers = numbers_of(histories)
    filled = {name: text for name, text in typed.items() if text}
    errors: dict[str, str] = {}
    rows = 0
    if placed.lines or placed.faults:
        empty_unkept(filled, read)
    for stream, of_one in placed.lines.items():
        answers, wrong = _answers(of_one, naming=naming)
        if not answers and not wrong:
            continue
        rows += 1
        empty_row(filled, stream)
        for name, answer in answers.items():
            field = f"{name}-{stream}"
            if filled.setdefault(field, answer) != answer:
                place = of_one[0].place
                wrong[name] = _("%(row)s: another answer was typed here, and is kept.", row=place)
            elif not typed.get(field) or f"{FROM_FILE}{field}" in typed:
                filled[f"{FROM_FILE}{field}"] = mark_of(of_one[0].file, answer)
        filled[f"of-{stream}"] = "yes"
        number = numbers[stream]
        errors |= {f"{name}-{stream}": in_row(number, text) for name, text in wrong.items()}
    if problems := [*placed.faults, *placed.others]:
        more = len(problems) - PROBLEMS_MAX
        rest = [_("And %(n)s more rows.", n=more)] if more > 0 else []
        errors[FILLED] = " ".join([*problems[:PROBLEMS_MAX], *rest])
    return Filled(filled, errors, rows)


def _placed(
    files: Sequence[SentFile], histories: Mapping[UUID, History], possible: Collection[UUID]
) -> _Placed:
    """Return the rows of files by recommendation, and the problems of the others."""
    numbers = numbers_of(histories)
    places = {issue_of(history).reference: stream for stream, history in histories.items()}
    places |= {str(number): stream for stream, number in numbers.items()}
    lines: dict[UUID, list[PlanLine]] = {}
    faults: list[str] = []
    others: list[str] = []
    for file in files:
        try:
            for line in lines_of(file):
                stream = places.get(plain(line.cells[RECOMMENDATION]))
                if stream is None:
                    faults.append(_unknown(line))
                elif stream not in possible:
                    others.append(_impossible(line, numbers[stream]))
                else:
                    lines.setdefault(stream, []).append(line)
        except NoColumnError as error:
            others.append(str(error))
        except csv.Error as error:
            faults.append(str(error))
    return _Placed(lines, faults, others)


def _unknown(line: PlanLine) -> str:
    return _(
        "%(row)s, column %(column)s: “%(text)s” is no recommendation on this page.",
        row=line.place,
        column=RECOMMENDATION,
        text=line.cells[RECOMMENDATION][:80],
    )


def _impossible(line: PlanLine, number: int) -> str:
    return _(
        "%(row)s: a plan for recommendation %(number)s cannot be recorded now.",
        row=line.place,
        number=number,
    )


def _answers(lines: Sequence[PlanLine], *, naming: bool) -> tuple[dict[str, str], dict[str, str]]:
    """The answers to the fields of one recommendation, and the errors by field."""
    words = {code: text.partition(",")[0] for code, text in labels.ANSWERS.items()}
    known = {
        plain(said): code
        for code, text in labels.ANSWERS.items()
        for said in (code, text, words[code])
    }
    answers: dict[str, str] = {}
    errors: dict[str, str] = {}
    for line in lines:
        if not (text := line.cells.get(ANSWER)):
            continue
        said = {"row": line.place, "column": ANSWER, "text": text[:80]}
        code = known.get(plain(text))
        if code is None:
            why = _(
                "%(row)s, column %(column)s: “%(text)s” is none of: %(codes)s. In words: "
                "%(words)s.",
                **said,
                codes=", ".join(words),
                words=", ".join(words.values()),
            )
            errors[ANSWER] = why
        elif answers.setdefault(ANSWER, code) != code:
            why = _("%(row)s, column %(column)s: “%(text)s” contradicts a row before.", **said)
            errors[ANSWER] = why
    if naming:
        _take_owner(lines, answers, errors)
    wrong_dates = [line.wrong_date for line in lines if line.wrong_date]
    plan = "\n\n".join(dict.fromkeys(filter(None, (line.plan(naming=naming) for line in lines))))
    if len(plan) > TEXT_MAX:
        errors[CONTENT] = _(
            "%(row)s, column %(column)s: the plan is longer than %(n)s characters.",
            row=lines[0].place,
            column=PLAN,
            n=f"{TEXT_MAX:,}",
        )
    elif wrong_dates:
        errors[CONTENT] = " ".join(wrong_dates)
    elif plan and not any(line.cells.get(PLAN) for line in lines):
        errors[CONTENT] = next(line.without_plan for line in lines if line.plan(naming=naming))
        plan = ""
    if plan and len(plan) <= TEXT_MAX:
        answers[CONTENT] = plan
    return answers, errors


def _take_owner(lines: Sequence[PlanLine], answers: dict[str, str], errors: dict[str, str]) -> None:
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
