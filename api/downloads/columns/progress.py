"""The columns of the forces, of the progress of each, and of that of all together."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import LEFT_OUT, Columns, force, known, plain
from api.pages.rendering import labels
from api.request.query_params import TrainingParams
from api.v1.known_counts import KnownCounts, known_counts
from api.v1.lists.forces import ForcesParams
from api.v1.lists.progress import ProgressParams
from domain.vocabulary.forces import ADDRESSEES, Force
from domain.vocabulary.values import Code
from projections.coverage import Coverage, read_coverage
from projections.filters import ForceFilter, Words
from projections.progress.board import read_board
from projections.register.model import Register
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_position


class ForceRow(Struct, frozen=True):
    """The counts of a force, and how much of what was published about it is on record."""

    force: Code
    counts: KnownCounts
    coverage: Coverage


class Together(Struct, frozen=True):
    """The counts of all forces together, and how much of what was published is on record."""

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


def read_together(cursor: Reader, params: ProgressParams, today: date) -> Whole[Together]:
    """Return the counts of all forces together: one row."""
    day, training = params.day_at(today), params.training
    of_all = ForceFilter(on=params.on, known_at=params.known_at, training=training)
    board = read_board(cursor, on=day, known_at=params.known_at, training=training)
    coverage = read_coverage(cursor, of_all, today).together
    return Whole(
        items=(Together(known_counts(board.national), coverage),),
        position=board.position,
        on=day,
        known_at=params.known_at,
    )


def _count(
    name: str, title: str, description: str, *, of: str = "", absent: bool = False
) -> DataColumn[Any]:
    path = of or f"counts.{name}"
    return plain(name, title, description, "integer", of=path, absent="[x]" if absent else "[z]")


def _known(name: str, title: str, description: str) -> DataColumn[Any]:
    return known(name, title, description, of=f"counts.{name}")


def _counts(field: str, words: Mapping[str, str], title: str, description: str) -> Columns:
    """Return a column for each code of a field of the counts."""

    def value(code: str) -> Callable[[ForceRow | Together], int | None]:
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


_FIGURES: Columns = (
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
        "How many have a last day that is known and are not closed: of these some can be overdue.",
    ),
    _known(
        "overdue", "Overdue", "How many are certainly past their time limit, of those with one."
    ),
    _known(
        "plan_overdue",
        "Action plan overdue",
        "How many have an action plan that is certainly past its last day.",
    ),
    _known("claimed", "Force says done", "How many the force says are done, and are not closed."),
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
        *_FIGURES,
    ),
    ("force",),
)

ALL_TOGETHER: DataTable[Together] = DataTable(
    "all-together",
    "All forces together",
    "One row with the counts of all that progress has a row for, the addressee for all forces and "
    "national bodies among them. It is a table of its own, so that no sum counts anything twice; "
    "the medians are of all together, and no sum or mean of those of forces.",
    _FIGURES,
    (),
)


class ForcesFileParams(TrainingParams, frozen=True, kw_only=True):
    """Whether to list the training forces, and the name of those to list."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)
    q: Annotated[Words, Meta(description="A name, or the beginnings of its words.")] | None = None


def read_forces(cursor: Reader, params: ForcesFileParams, today: date) -> Whole[Force]:
    """Return the forces, as they are today whatever the day."""
    codes = ForcesParams(training=params.training, q=params.q).codes
    return Whole(
        items=tuple(ADDRESSEES[code] for code in codes),
        position=tracked_position(cursor, Register),
        on=params.day_at(today),
        known_at=params.known_at,
    )


FORCES: DataTable[Force] = DataTable(
    "forces",
    "Forces",
    "The police forces of England and Wales, and the addressee for all forces and national bodies, "
    "as they are now.",
    (
        *force("code"),
        DataColumn(
            "page", "Page", "The page of the force.", "anyURI", lambda item: f"/forces/{item.code}"
        ),
        plain("country", "Country", "The country that it is in."),
        plain(
            "local_policing_body",
            "Local policing body",
            "The kind or name of its local policing body.",
            absent="[z]",
        ),
    ),
    ("force",),
)
