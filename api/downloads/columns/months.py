"""The columns of progress month by month: of a force, of every force, and of all together."""

from datetime import date

from msgspec import Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import counted, force, known
from api.v1.known_counts import KnownMonth, known_month
from api.v1.lists.forces import named
from api.v1.lists.progress import ForceProgressParams, ProgressParams
from domain.vocabulary.values import Code
from projections.progress.board import read_board
from projections.progress.series import read_series, read_series_of_forces


class MonthsParams(ForceProgressParams, frozen=True, kw_only=True):
    """The force, and the day and moment up to which to count its months."""

    force: Code


def read_months(cursor: Reader, params: MonthsParams, today: date) -> Whole[KnownMonth]:
    """Return the counts of a force at each month's end. Raises NotFound if there is no such."""
    on, known_at, force = params.day_at(today), params.known_at, named(params.force).code
    board = read_board(cursor, on=on, known_at=known_at, force=force)
    return Whole(
        items=tuple(map(known_month, read_series(cursor, on=on, known_at=known_at, force=force))),
        position=board.position,
        on=on,
        known_at=known_at,
    )


MONTHS: DataTable[KnownMonth] = DataTable(
    "months",
    "Months",
    "Counts of the recommendations to a force at the end of each month, or on the day of the file "
    "if that is earlier.",
    (
        DataColumn("month", "Month", "The month, YYYY-MM.", "string", lambda item: item.month),
        counted("total", "Recommendations on record", "How many are on record, of every kind."),
        counted("not_known", "Not known", "Of how many it is not known where they stand."),
        known("open", "Known to be open", "How many are known to be open."),
        known(
            "limited",
            "With a last day",
            "How many have a last day that is known and are not closed: of these some can be "
            "overdue.",
        ),
        known(
            "overdue", "Overdue", "How many are certainly past their time limit, of those with one."
        ),
        known(
            "claimed",
            "Force says done",
            "How many the force says are done, and are not closed.",
        ),
        known("closed", "Closed", "How many the inspectorate has closed."),
    ),
    ("month",),
)


def read_months_together(cursor: Reader, params: ProgressParams, today: date) -> Whole[KnownMonth]:
    """Return the counts of all forces together at each month's end."""
    on, known_at, training = params.day_at(today), params.known_at, params.training
    board = read_board(cursor, on=on, known_at=known_at, training=training)
    series = read_series(cursor, on=on, known_at=known_at, training=training)
    return Whole(
        items=tuple(map(known_month, series)), position=board.position, on=on, known_at=known_at
    )


MONTHS_TOGETHER: DataTable[KnownMonth] = DataTable(
    "all-together-by-month",
    "All forces together by month",
    "Counts of the recommendations to all forces and national bodies together at the end of each "
    "month, or on the day of the file if that is earlier. It is a table of its own, so that no sum "
    "counts anything twice.",
    MONTHS.columns,
    MONTHS.key,
)


class ForceMonth(Struct, frozen=True):
    """The counts of a force at a month's end."""

    force: Code
    counts: KnownMonth


def read_every_month(cursor: Reader, params: ProgressParams, today: date) -> Whole[ForceMonth]:
    """Return the counts of each force that has any, at each month's end."""
    on, known_at = params.day_at(today), params.known_at
    board = read_board(cursor, on=on, known_at=known_at, training=params.training)
    series = read_series_of_forces(cursor, board, on=on, known_at=known_at)
    rows = [
        ForceMonth(code, known_month(month)) for code, months in series.items() for month in months
    ]
    return Whole(items=rows, position=board.position, on=on, known_at=known_at)


EVERY_MONTH: DataTable[ForceMonth] = DataTable(
    "months-by-force",
    "Months by force",
    "Counts of the recommendations to each force that has any, at the end of each month, or on the "
    "day of the file if that is earlier.",
    (
        *force("force"),
        *(
            DataColumn(
                column.name,
                column.title,
                column.description,
                column.datatype,
                f"counts.{column.name}",
                column.absent,
            )
            for column in MONTHS.columns
        ),
    ),
    ("force", "month"),
)
