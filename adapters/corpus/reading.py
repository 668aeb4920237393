"""The corpus files as commands: products, their recommendations, later outcomes and steps.

Nothing is made up: whatever a file does not say stays unknown, a literal register status is
noted as it is, and only `complete` closes. Rows are read, checked and put in order here; the
importer decides them.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from adapters.corpus import commands
from adapters.corpus.checks import Checks, Mistakes
from adapters.corpus.commands import RowCommand
from adapters.corpus.rows import (
    AREA_TO_IMPROVE,
    OUTCOMES,
    PRODUCTS,
    RECOMMENDATIONS,
    STEPS,
    MilestoneRow,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
)
from adapters.corpus.sheets import RowProblem, Sheet, read_sheet
from domain.commands.recommendation import Close, NoteOutcome, Reopen
from domain.vocabulary.dates import end_of
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import RECOMMENDATIONS_MAX, Reference, RegisterStatus

R = TypeVar("R", bound=Struct)


class CorpusStep(Struct, frozen=True):
    """The command of a row, and the closure or reopening that its status implies."""

    file: str
    line: int
    reference: Reference
    stream: UUID
    command: RowCommand
    consequence: Close | Reopen | None = None


class Corpus(Struct, frozen=True):
    """The good rows of a directory, in the order to decide them, and all problems."""

    steps: tuple[CorpusStep, ...]
    problems: tuple[RowProblem, ...]


def read(directory: Path, today: date) -> Corpus:
    """Read and check the files of a directory, of which the steps may be missing.

    A row that names a bad row is left out with it: it cannot be judged until that is mended.
    """
    problems: list[RowProblem] = []
    products = read_sheet(directory / PRODUCTS, ProductRow, problems)
    recommendations = read_sheet(directory / RECOMMENDATIONS, RecommendationRow, problems)
    outcomes = read_sheet(directory / OUTCOMES, OutcomeRow, problems)
    milestones = read_sheet(directory / STEPS, MilestoneRow, problems, optional=True)
    checks = Checks(products, recommendations, today)
    published = _good_rows(products, checks.product, problems)
    issued = _good_rows(recommendations, checks.recommendation, problems)
    noted = _good_rows(outcomes, checks.outcome, problems)
    done = _good_rows(milestones, checks.milestone, problems)
    by_key = {row.rec_id: row for row in issued.values()}
    statements = sorted((*_outcomes(noted, by_key), *_milestones(done, by_key)), key=_end)
    steps = (*_publications(published, issued, problems), *statements)
    return Corpus(steps, tuple(problems))


def _end(step: CorpusStep) -> date:
    """Return the end of a statement's date; no date is made more precise."""
    return end_of(step.command.on or "unknown")


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
        yield CorpusStep(PRODUCTS, line, key, stream, commands.publication(product))
        items = by_product.get(key, [])
        items.sort(key=lambda item: item[1].item_type == AREA_TO_IMPROVE)
        for number, (row_line, row) in enumerate(items, 1):
            command: RowCommand
            if row.item_type == AREA_TO_IMPROVE:
                command = commands.area(row, commands.published_on(product))
            elif number <= RECOMMENDATIONS_MAX:
                command = commands.issue(row)
            else:
                wrong, allowed = "has too many recommendations", f"up to {RECOMMENDATIONS_MAX}"
                problems.append(RowProblem(RECOMMENDATIONS, row_line, "product_id", wrong, allowed))
                continue
            yield CorpusStep(RECOMMENDATIONS, row_line, row.rec_id, stream, command)


def _outcomes(
    outcomes: dict[int, OutcomeRow], by_key: dict[Reference, RecommendationRow]
) -> Iterator[CorpusStep]:
    """Yield the outcomes in order of their dates, since a status follows on the one before it."""
    statuses: dict[UUID, RegisterStatus] = {}
    for line, row in sorted(outcomes.items(), key=lambda item: end_of(commands.said_on(item[1]))):
        if row.rec_id and row.rec_id not in by_key:
            continue
        stream, command = commands.outcome(row, by_key[row.rec_id] if row.rec_id else None)
        consequence, status = None, row.register_status
        if isinstance(command, NoteOutcome) and status and row.said_by == "inspectorate":
            consequence = commands.consequence(row, status, statuses.get(stream))
            statuses[stream] = status
        yield CorpusStep(OUTCOMES, line, row.outcome_id, stream, command, consequence)


def _milestones(
    milestones: dict[int, MilestoneRow], by_key: dict[Reference, RecommendationRow]
) -> Iterator[CorpusStep]:
    for line, row in milestones.items():
        if row.rec_id and row.rec_id not in by_key:
            continue
        stream, command = commands.milestone(row, by_key[row.rec_id] if row.rec_id else None)
        yield CorpusStep(STEPS, line, row.step_id, stream, command)
