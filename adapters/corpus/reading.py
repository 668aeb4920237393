"""The corpus files as commands: products, their recommendations, later outcomes and steps.

Nothing is made up: whatever a file does not say stays unknown, a literal register status is
noted as it is, and only `complete` closes. Rows are read, checked and put in order here; the
importer decides them.
"""

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.corpus import commands
from adapters.corpus.checks import Checks, Mistakes
from adapters.corpus.facts.life import is_life, life_command
from adapters.corpus.facts.on_record import OnRecord, RowsOnRecord, nothing_on_record
from adapters.corpus.rows import (
    AREA_TO_IMPROVE,
    OUTCOMES,
    PRODUCTS,
    RECOMMENDATIONS,
    STEPS,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
    StepRow,
)
from adapters.corpus.sheets import RowProblem, Sheet, read_sheet
from domain.commands.command import Command
from domain.commands.recommendation import Close, NoteOutcome, Reopen
from domain.vocabulary.dates import end_of
from domain.vocabulary.entry import Origin
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import RECOMMENDATIONS_MAX, Reference, RegisterStatus

R = TypeVar("R", bound=Struct)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class CorpusStep(Struct, frozen=True):
    """The command of a row, and the closure or reopening that its status implies.

    `about` names the rows of the steps that the command is about.
    """

    file: str
    line: int
    reference: Reference
    stream: UUID
    command: Command
    consequence: Close | Reopen | None = None
    origin: Origin | None = None
    about: tuple[Reference, ...] = ()

    @property
    def is_life(self) -> bool:
        """Whether it is a step of a life, whose order in the file is that of the life."""
        return self.file == STEPS and not isinstance(self.command, commands.Statement)


class Corpus(Struct, frozen=True):
    """The good rows of a directory, in the order to decide them, and all problems."""

    steps: tuple[CorpusStep, ...]
    problems: tuple[RowProblem, ...]


@contextmanager
def uncollected() -> Generator[None]:
    """Keep the garbage collector away: rows and entries stay to the end, and have no circles.

    It would go through all of them again and again, for about half of the time of an import.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@uncollected()
def read(directory: Path, today: date, on_record: OnRecord = nothing_on_record) -> Corpus:
    """Read and check the files of a directory: all of them, those without the steps, or the steps.

    A step may be of a recommendation that is on record and in no file. A row that names a bad row
    is left out with it: it cannot be judged until that is mended.
    """
    problems: list[RowProblem] = []
    alone = _has_steps_alone(directory)
    products = read_sheet(directory / PRODUCTS, ProductRow, problems, optional=alone)
    recommendations = read_sheet(
        directory / RECOMMENDATIONS, RecommendationRow, problems, optional=alone
    )
    outcomes = read_sheet(directory / OUTCOMES, OutcomeRow, problems, optional=alone)
    steps = read_sheet(directory / STEPS, StepRow, problems, optional=True)
    checks = Checks(products, recommendations, today)
    recorded = _named_by(steps, products, recommendations, on_record)
    with_record = Checks(
        products.with_rows(recorded.products),
        recommendations.with_rows(recorded.items),
        today,
        or_on_record="" if on_record is nothing_on_record else ", or one on record",
    )
    published = _good_rows(products, checks.product, problems)
    issued = _good_rows(recommendations, checks.recommendation, problems)
    noted = _good_rows(outcomes, checks.outcome, problems)
    done = _good_rows(steps, with_record.step, problems)
    by_key = {row.rec_id: row for row in issued.values()}
    ordered = (
        *_publications(published, issued, problems),
        *_outcomes(noted, by_key),
        *_steps(done, recorded.items | by_key, problems),
    )
    return Corpus(_in_order(ordered), tuple(problems))


def _has_steps_alone(directory: Path) -> bool:
    """Return whether a directory has no file but that of the steps."""
    others = (PRODUCTS, RECOMMENDATIONS, OUTCOMES)
    return (directory / STEPS).exists() and not any((directory / file).exists() for file in others)


def _named_by(
    steps: Sheet[StepRow],
    products: Sheet[ProductRow],
    recommendations: Sheet[RecommendationRow],
    on_record: OnRecord,
) -> RowsOnRecord:
    """Return what is on record of the products and recommendations that only steps name."""
    rows = steps.rows.values()
    named = {row.rec_id for row in rows if row.rec_id and recommendations.lacks(row.rec_id)}
    return on_record({row.product_id for row in rows if products.lacks(row.product_id)}, named)


def _in_order(steps: tuple[CorpusStep, ...]) -> tuple[CorpusStep, ...]:
    """Return the steps in the order to decide them.

    Rows that state when they were first recorded come in that order. Of the others, publications
    are first; then the rest in order of the ends of its dates, none of which is made more precise.
    The steps of a life keep the order of the file: none comes before the one above it.
    """
    ends: dict[UUID, date] = {}

    def place(step: CorpusStep) -> tuple[datetime, date]:
        if step.origin and step.origin.at:
            return step.origin.at, date.min
        if step.file in {PRODUCTS, RECOMMENDATIONS}:
            return _FIRST, date.min
        end = end_of(step.command.on or "unknown")
        if step.is_life:
            end = ends[step.stream] = max(end, ends.get(step.stream, date.min))
        return _LAST, end

    return tuple(sorted(steps, key=place))


def _good_rows(
    sheet: Sheet[R], check: Callable[[R], Mistakes], problems: list[RowProblem]
) -> dict[int, R]:
    """Return the rows without mistakes by line; add the mistakes of the others to `problems`."""
    good: dict[int, R] = {}
    for key, row in sheet.rows.items():
        line = sheet.lines[key]
        mistakes = [RowProblem(sheet.file, line, *mistake) for mistake in check(row)]
        problems.extend(mistakes)
        if not mistakes:
            good[line] = row
    return good


def _publications(
    products: dict[int, ProductRow],
    recommendations: dict[int, RecommendationRow],
    problems: list[RowProblem],
) -> Iterator[CorpusStep]:
    """Yield each product, followed by its recommendations, then by its areas to improve."""
    by_product: dict[Reference, list[tuple[int, RecommendationRow]]] = {}
    for item in recommendations.items():
        by_product.setdefault(item[1].product_id, []).append(item)
    for line, product in products.items():
        key, stream = product.product_id, report_id(product.product_id)
        command: Command = commands.publication(product)
        origin = commands.origin(product)
        yield CorpusStep(PRODUCTS, line, key, stream, command, origin=origin)
        items = by_product.get(key, [])
        items.sort(key=lambda item: item[1].item_type == AREA_TO_IMPROVE)
        for number, (row_line, row) in enumerate(items, 1):
            if row.item_type == AREA_TO_IMPROVE:
                command = commands.area(row, commands.published_on(product))
            elif number <= RECOMMENDATIONS_MAX:
                command = commands.issue(row)
            else:
                wrong, allowed = "has too many recommendations", f"up to {RECOMMENDATIONS_MAX}"
                problems.append(RowProblem(RECOMMENDATIONS, row_line, "product_id", wrong, allowed))
                continue
            origin = commands.origin(row)
            yield CorpusStep(RECOMMENDATIONS, row_line, row.rec_id, stream, command, origin=origin)


def _outcomes(
    outcomes: dict[int, OutcomeRow], by_key: dict[Reference, RecommendationRow]
) -> Iterator[CorpusStep]:
    """Yield the outcomes in order of their dates, since a status follows on the one before it."""
    statuses: dict[UUID, RegisterStatus] = {}
    for line, row in sorted(outcomes.items(), key=lambda item: _end(item[1])):
        if row.rec_id and row.rec_id not in by_key:
            continue
        stream, command = commands.outcome(row, by_key[row.rec_id] if row.rec_id else None)
        consequence, status = None, row.register_status
        if isinstance(command, NoteOutcome) and status and row.said_by == "inspectorate":
            if row.recorded is None:  # else what followed has a row of its own
                consequence = commands.consequence(row, status, statuses.get(stream))
            statuses[stream] = status
        origin = commands.origin(row)
        yield CorpusStep(OUTCOMES, line, row.outcome_id, stream, command, consequence, origin)


def _end(row: OutcomeRow) -> date:
    """Return the end of an outcome's date; rows of a record stay in the order of the file."""
    return date.min if row.recorded else end_of(commands.said_on(row))


def _steps(
    steps: dict[int, StepRow],
    by_key: dict[Reference, RecommendationRow],
    problems: list[RowProblem],
) -> Iterator[CorpusStep]:
    for line, row in steps.items():
        if row.rec_id and row.rec_id not in by_key:
            continue
        named = by_key[row.rec_id] if row.rec_id else None
        origin = commands.origin(row)
        if not is_life(row):
            stream, noted = commands.milestone(row, named)
            yield CorpusStep(STEPS, line, row.step_id, stream, noted, origin=origin)
            continue
        if named is None or named.item_type == AREA_TO_IMPROVE:
            stream = report_id(row.product_id)
        else:
            stream = recommendation_id(named.rec_id)
        try:
            command = life_command(row, commands.said_on(row))
        except msgspec.ValidationError as error:
            allowed = f"a value that {row.field} can have"
            problems.append(RowProblem(STEPS, line, "now", f"does not fit: {error}", allowed))
            continue
        about = row.about or ()
        yield CorpusStep(STEPS, line, row.step_id, stream, command, None, origin, about)
