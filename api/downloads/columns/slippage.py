"""The columns of slippage: what gave way at each force, and closures by half-year."""

from datetime import date

from msgspec import Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import LEFT_OUT, counted, force, plain
from api.pages.rendering import labels
from api.v1.known_counts import KnownCounts, known_counts
from domain.recommendation.slippage import BUNCH_DAYS, HalfYear
from domain.vocabulary.values import Code
from projections.filters import ForceFilter
from projections.progress.board import read_board
from projections.register.closures import recent_closures


class SlippageRow(Struct, frozen=True):
    """The counts of a force."""

    force: Code
    counts: KnownCounts


def read_slippage(cursor: Reader, filters: ForceFilter, today: date) -> Whole[SlippageRow]:
    """Return the counts of each force."""
    on, known_at = filters.day_at(today), filters.known_at
    force, training = filters.force, filters.training
    board = read_board(cursor, on=on, known_at=known_at, force=force, training=training)
    rows = [SlippageRow(code, known_counts(counts)) for code, counts in board.forces.items()]
    return Whole(items=rows, position=board.position, on=on, known_at=known_at)


def read_half_years(cursor: Reader, filters: ForceFilter, today: date) -> Whole[HalfYear]:
    """Return the closures of the latest half-years, the latest first."""
    closures = recent_closures(cursor, filters, today)
    on, known_at = filters.day_at(today), filters.known_at
    return Whole(items=closures.half_years, position=closures.position, on=on, known_at=known_at)


def _slip(code: str, title: str) -> DataColumn[SlippageRow]:
    return DataColumn(
        code,
        title,
        f"How many slipped in that way. {LEFT_OUT}",
        "integer",
        lambda item: item.counts.slipped[code],
    )


SLIPPAGE: DataTable[SlippageRow] = DataTable(
    "slippage",
    "Delayed and reopened",
    "How many recommendations to each force were delayed, reopened, or closed without new "
    "evidence. None of it is wrong in itself; each is a reason to look more closely.",
    (
        *force("force"),
        counted("total", "Recommendations on record", "How many are on record.", of="counts.total"),
        DataColumn(
            "not_known",
            "Not known",
            "Of how many it is not known where they stand.",
            "integer",
            lambda item: item.counts.stages["not_known"],
            "[z]",
        ),
        *(_slip(code, title) for code, title in labels.SLIPS.items()),
        DataColumn(
            "verified",
            "All closed as verified",
            f"How many were closed as verified. {LEFT_OUT}",
            "integer",
            lambda item: item.counts.closed["verified"],
        ),
    ),
    ("force",),
)

HALF_YEARS: DataTable[HalfYear] = DataTable(
    "half-years",
    "Closures by half-year",
    "Closures by financial half-year, and in the last days of each. Closures whose day is not "
    "known, and recommendations that were reopened since, are left out.",
    (
        plain("since", "From", "The first day of the half-year.", "date"),
        plain("until", "Until", "The last day of the half-year.", "date"),
        counted("closed", "Closed", "How many were closed in it, by the day of the file."),
        plain(
            "just_before",
            "Last days from",
            f"The first of the last {BUNCH_DAYS} days of the half-year.",
            "date",
        ),
        counted(
            "closed_just_before",
            "Closed in the last days",
            f"How many of those were closed in its last {BUNCH_DAYS} days.",
        ),
        plain(
            "expected",
            "Expected in the last days",
            "How many would have been, had they been spread evenly; none until those days are "
            "over.",
            "number",
            absent="[z]",
        ),
    ),
    ("since",),
)
