"""The three corpus files as commands: products, their recommendations, what was said later.

Nothing is made up: what a file does not say stays unknown, a literal register status is noted
as what it is, and only `complete` closes. Pure reading: no database.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from adapters.corpus import commands
from adapters.corpus.checks import Checks, Sheets
from adapters.corpus.rows import AREA_TO_IMPROVE, OutcomeRow, ProductRow, RecommendationRow
from adapters.corpus.sheets import BadRows, Placed, Problem, read_sheet
from adapters.ledger.draft import Draft
from domain.commands.command import Command
from domain.commands.report import Issue
from domain.events.event import Event
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import LONDON, end_of
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import RECOMMENDATIONS_MAX, RegisterStatus

PRODUCTS, RECOMMENDATIONS, OUTCOMES = "products.csv", "recommendations.csv", "outcomes.csv"
FILES = (PRODUCTS, RECOMMENDATIONS, OUTCOMES)
IMPORTER = Actor("import", Role.IMPORTER)


class Step(Struct, frozen=True):
    """What one row comes to: a command for a stream, and the entry that it makes.

    A report's command issues its recommendations with it. These have steps of their own
    beside it, each with the command that would issue it alone.
    """

    file: str
    line: int
    stream: UUID
    command: Command
    entry: Entry[Event]


class Corpus(Struct, frozen=True):
    """Every step of a directory, in an order that the rules accept."""

    steps: tuple[Step, ...]


def read(directory: Path, today: date) -> Corpus:
    """Read the three files of a directory. Raises BadRows with every problem in them."""
    found: list[Problem] = []
    sheets = Sheets(
        read_sheet(directory / PRODUCTS, ProductRow, found),
        read_sheet(directory / RECOMMENDATIONS, RecommendationRow, found),
        read_sheet(directory / OUTCOMES, OutcomeRow, found),
    )
    checks = Checks(sheets, today, found)
    products = [p for p in sheets.products.rows.values() if checks.product(p.line, p.row)]
    recommendations = [
        r for r in sheets.recommendations.rows.values() if checks.recommendation(r.line, r.row)
    ]
    outcomes = [o for o in sheets.outcomes.rows.values() if checks.outcome(o.line, o.row)]
    noon = datetime.combine(today, time(12), LONDON)
    steps = _Steps(Draft(noon), found)
    steps.publish(products, recommendations)
    steps.note(outcomes, {r.row.rec_id: r.row for r in recommendations})
    if found:
        raise BadRows(in_order(found))
    return Corpus(tuple(steps.taken))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by file and line, the files in the order in which they are read."""
    return tuple(sorted(problems, key=lambda p: (FILES.index(p.file), p.line)))


def refusal(file: str, line: int, why: Exception) -> Problem:
    """A row that is right in itself, but the rules refuse what it comes to."""
    column = "first_published" if file == PRODUCTS else "date" if file == OUTCOMES else "product_id"
    return Problem(file, line, column, str(why), "what the rules accept after the steps before it")


class _Steps:
    """The steps so far; what the rules refuse is added to the problems."""

    def __init__(self, rehearsal: Draft, found: list[Problem]) -> None:
        self._rehearsal, self._found = rehearsal, found
        self.taken: list[Step] = []

    def publish(
        self,
        products: Iterable[Placed[ProductRow]],
        recommendations: Iterable[Placed[RecommendationRow]],
    ) -> None:
        """Publish the products, each with its recommendations and its areas to improve."""
        of: dict[str, list[Placed[RecommendationRow]]] = {}
        for placed in recommendations:
            of.setdefault(placed.row.product_id, []).append(placed)
        for product in products:
            number, stream = len(self.taken), report_id(product.row.product_id)
            if not self._take(PRODUCTS, product.line, stream, commands.publication(product.row)):
                continue
            issues = self._issue(product.row, of.get(product.row.product_id, []))
            if issues:
                report = self.taken[number]
                nested = replace(commands.publication(product.row), recommendations=issues)
                self.taken[number] = replace(report, command=nested)

    def _issue(
        self, product: ProductRow, placed: list[Placed[RecommendationRow]]
    ) -> tuple[Issue, ...]:
        stream = report_id(product.product_id)
        issues: list[Issue] = []
        for line, row in ((item.line, item.row) for item in placed):
            if row.item_type == AREA_TO_IMPROVE:
                area = commands.area(row, commands.published_on(product))
                self._take(RECOMMENDATIONS, line, stream, area)
                continue
            if len(issues) == RECOMMENDATIONS_MAX:
                wrong, allowed = "is one too many", f"{RECOMMENDATIONS_MAX} of a product"
                self._found.append(Problem(RECOMMENDATIONS, line, "product_id", wrong, allowed))
                break
            issues.append(commands.issue(row))
            self._take(RECOMMENDATIONS, line, stream, issues[-1])
        return tuple(issues)

    def note(
        self, outcomes: list[Placed[OutcomeRow]], recommendations: dict[str, RecommendationRow]
    ) -> None:
        """Note the outcomes by the end of their dates, so that no date is made more precise."""
        statuses: dict[UUID, RegisterStatus] = {}
        for line, row in sorted(
            ((placed.line, placed.row) for placed in outcomes),
            key=lambda item: (end_of(commands.said_on(item[1])), item[0]),
        ):
            stream, command = commands.outcome(row, recommendations.get(row.rec_id or ""))
            if not self._rehearsal.history(stream):
                continue
            taken = self._take(OUTCOMES, line, stream, command)
            if taken and stream != report_id(row.product_id):
                follows = commands.consequence(row, statuses.get(stream))
                if follows:
                    self._take(OUTCOMES, line, stream, follows)
                if row.register_status and row.said_by == "inspectorate":
                    statuses[stream] = row.register_status

    def _take(self, file: str, line: int, stream: UUID, command: Command) -> bool:
        try:
            entry = self._rehearsal.put(stream, command, IMPORTER)[-1]
        except (Refused, NotFound, Forbidden) as why:
            self._found.append(refusal(file, line, why))
            return False
        self.taken.append(Step(file, line, stream, command, entry))
        return True
