"""The columns of progress: of each force beside how much is on record, and month by month."""

from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import LEFT_OUT, Columns, counted, force, known, plain
from api.pages.rendering import labels
from api.v1.known_counts import (
    KnownCounts,
    KnownMonth,
    known_counts,
    known_month,
)
from api.v1.lists.forces import named
from api.v1.lists.progress import ForceProgressParams, ProgressParams
from domain.vocabulary.values import Code
from projections.coverage import Coverage, read_coverage
from projections.filters import ForceFilter
from projections.progress.board import read_board
from projections.progress.series import read_series


class ForceRow(Struct, frozen=True):
    """The counts of a force, and how much of what was published about it is on record."""

    force: Code
    counts: KnownCounts
    coverage: Coverage


def read(cursor: Reader, params: ProgressParams, today: date) -> Whole[ForceRow]:
    """Return the counts of each force."""
    day, training = params.day_at(today), params.training
    of_all = ForceFilter(on=params.on, known_at=params.known_at, training=training)
    board = read_board(cursor, on=day, known_at=params.known_at, training=training)
    coverage = read_coverage(cursor, of_all, today)
    return Whole(
        items=[
            ForceRow(code, known_counts(counts), coverage.forces.get(code, Coverage()))
            for code, counts in board.forces.items()
        ],
        position=board.position,
        on=day,
        known_at=params.known_at,
    )


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


def _count(
    name: str, title: str, description: str, *, of: str = "", absent: bool = False
) -> DataColumn[ForceRow]:
    path = of or f"counts.{name}"
    return plain(name, title, description, "integer", of=path, absent="[x]" if absent else "[z]")


def _known(name: str, title: str, description: str) -> DataColumn[ForceRow]:
    return known(name, title, description, of=f"counts.{name}")


def _counts(field: str, words: Mapping[str, str], title: str, description: str) -> Columns:
    """Return a column for each code of a field of the counts."""

    def value(code: str) -> Callable[[ForceRow], int | None]:
        return lambda item: getattr(item.counts, field)[code]

    return tuple(
        DataColumn(
            f"{field}_{code}",
            f"{title}: {words[code]}",
            description if field == "kinds" or code == "not_known" else f"{description} {LEFT_OUT}",
            "integer",
            value(code),
        )
        for code in words
    )


PROGRESS: DataTable[ForceRow] = DataTable(
    "progress",
    "Progress",
    "Counts of the recommendations to each force, by what is on record; a row for each force, also "
    "those of which nothing is on record.",
    (
        *force("force"),
        DataColumn(
            "page",
            "Page",
            "The page of the force.",
            "anyURI",
            lambda item: f"/forces/{item.force}",
        ),
        _count(
            "reports_on_record",
            "Reports on record",
            "How many reports about the force are on record.",
            of="coverage.reports",
        ),
        _count(
            "reports_stating",
            "Reports that state a number",
            "How many of those state how many recommendations they make.",
            of="coverage.stating",
        ),
        _count(
            "recommendations_stated",
            "Recommendations stated",
            "How many recommendations those reports state; none if none states a number.",
            of="coverage.stated",
            absent=True,
        ),
        _count(
            "stated_on_record",
            "Of those on record",
            "How many of the recommendations of those reports are on record.",
            of="coverage.on_record",
            absent=True,
        ),
        _count("total", "Recommendations on record", "How many are on record, of every kind."),
        *_counts("kinds", labels.KINDS, "Kind", "How many of that kind."),
        *_counts("stages", labels.STAGES, "Status", "How many at that stage."),
        _known("open", "Known to be open", "How many are known to be open."),
        _known(
            "limited",
            "With a last day",
            "How many have a last day that is known and are not closed: of these some can be "
            "overdue.",
        ),
        _known(
            "overdue", "Overdue", "How many are certainly past their time limit, of those with one."
        ),
        _known(
            "plan_overdue",
            "Action plan overdue",
            "How many have an action plan that is certainly past its last day.",
        ),
        _known(
            "claimed", "Force says done", "How many the force says are done, and are not closed."
        ),
        _known(
            "assured",
            "Local policing body satisfied",
            "How many the local policing body is satisfied with.",
        ),
        _known(
            "partly_assured",
            "Local policing body partly satisfied",
            "How many the local policing body is partly satisfied with.",
        ),
        *_counts("closed", labels.CLOSED, "Closed", "How many were closed for that reason."),
        *_counts("findings", labels.FINDINGS_SHORT, "Latest finding", "How many by that finding."),
        *_counts("slipped", labels.SLIPS, "Slipped", "How many slipped in that way."),
        plain(
            "median_days_to_plan",
            "Median days to the action plan",
            "Of those whose publication and plan are known to the day.",
            "number",
            of="counts.median_days_to_plan",
        ),
        plain(
            "median_days_to_close",
            "Median days to closure",
            "Of those whose publication and closure are known to the day.",
            "number",
            of="counts.median_days_to_close",
        ),
    ),
    ("force",),
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
        known("overdue", "Overdue", "How many are certainly past their time limit."),
        known(
            "claimed",
            "Force says done",
            "How many the force says are done, and are not closed.",
        ),
        known("closed", "Closed", "How many the inspectorate has closed."),
    ),
    ("month",),
)
