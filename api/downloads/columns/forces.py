"""The columns of the forces, and of the progress of each month by month."""

from datetime import date
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import force, plain
from api.downloads.columns.progress import MONTHS
from api.request.query_params import TrainingParams
from api.v1.known_counts import KnownMonth, known_month
from api.v1.lists.forces import ForcesParams
from api.v1.lists.progress import ProgressParams
from domain.vocabulary.forces import ADDRESSEES, Force
from domain.vocabulary.values import Code
from projections.filters import Words
from projections.progress.board import read_board
from projections.progress.series import read_series
from projections.register.model import Register
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_position


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


class ForceMonth(Struct, frozen=True):
    """The counts of a force at a month's end."""

    force: Code
    counts: KnownMonth


def read_every_month(cursor: Reader, params: ProgressParams, today: date) -> Whole[ForceMonth]:
    """Return the counts of each force that has any, at each month's end."""
    on, known_at = params.day_at(today), params.known_at
    board = read_board(cursor, on=on, known_at=known_at, training=params.training)
    rows = [
        ForceMonth(code, known_month(month))
        for code, counts in board.forces.items()
        if counts.total
        for month in read_series(cursor, on=on, known_at=known_at, force=code)
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
