"""Every list that can be saved as a file: its table, its addresses, and how it is read."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from adapters.tables.columns import DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns import (
    areas,
    comparison,
    history,
    measures,
    months,
    progress,
    slippage,
    worklist,
)
from api.downloads.columns.history import HistoryFileParams, StepsParams
from api.downloads.columns.months import MonthsParams
from api.downloads.columns.recommendations import RECOMMENDATIONS
from api.downloads.columns.reports import REPORTS
from api.downloads.columns.statements import EVERY_STEP, STATEMENTS, StepsFileParams
from api.http.problems import Request
from api.request.query_params import AsOfParams
from api.v1.lists.areas import AreasParams
from api.v1.lists.compare import CompareParams, RestatementParams
from api.v1.lists.measures import ClaimsParams, MeasuresParams
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from api.v1.lists.slippage import SlippageParams
from api.v1.lists.statements import StatementsParams
from api.v1.lists.worklist import Histories, LateParams, WorklistParams, with_clearing_steps
from domain.access.permissions import ReadPermission
from projections.progress import claims
from projections.progress.accuracy import read_accuracy
from projections.register import listing
from projections.register.measures.ages import read_ages
from projections.register.measures.demands import read_load
from projections.reports import listing as reports
from projections.statements import every_step
from projections.statements import listing as statements
from projections.worklist import late
from projections.worklist.late import LateItem

P = TypeVar("P", bound=AsOfParams)
I = TypeVar("I")  # noqa: E741  an item

Reading: TypeAlias = Callable[[Reader, date], Whole[I]]
"""Reads all items of a list, given a cursor and today."""


class SavedList(Struct, Generic[P, I], frozen=True, kw_only=True):
    """A list to save, whose parameters are those of the list."""

    table: DataTable[I]
    params: type[P]
    path: str
    """The path of its files without an ending, the same below `/v1`; with parameters in braces."""
    page: str = ""
    """The path of the page that shows it, if that is another."""
    sight: ReadPermission | None = None
    """The permission that it takes; None for a public list."""
    read: Callable[[Reader, P, date], Whole[I]] | None = None
    """Reads it for anybody; None if what it has depends on who reads it."""
    read_for: Callable[[Request, P], Awaitable[Reading[I]]] | None = None
    """Returns what reads it for the actor of a request, in place of `read`."""
    complete: Callable[[Histories, P, Iterable[I]], Iterable[I]] | None = None
    """Returns the items with what only the histories of their streams have."""
    instead: Callable[[P], "SavedList[P, I] | None"] | None = None
    """Returns the list to save in its place, of what some parameters show; None for itself."""

    def of(self, params: P) -> "SavedList[P, I]":
        """Return the list that parameters show."""
        return (self.instead(params) if self.instead else None) or self

    def completed(self, histories: Histories, params: P, whole: Whole[I]) -> Whole[I]:
        """Return a list that was read with what only histories have."""
        if self.complete is None:
            return whole
        return replace(whole, items=self.complete(histories, params, whole.items))

    async def reading(self, request: Request, params: P) -> Reading[I]:
        """Return what reads the list for the actor of a request. Raises NotFound, Forbidden."""
        if self.read_for:
            return await self.read_for(request, params)
        return self.reading_for_anybody(params)

    def reading_for_anybody(self, params: P) -> Reading[I]:
        """Return what reads the list for anybody. Raises LookupError if nothing does."""
        if self.read is None:
            raise LookupError(f"What the table {self.table.name} has depends on its reader.")
        return partial(_swapped, self.read, params)

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """The names of the parameters that its path has."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def _swapped(
    read: Callable[[Reader, P, date], Whole[I]], params: P, cursor: Reader, today: date
) -> Whole[I]:
    return read(cursor, params, today)


_CLEARED: SavedList[LateParams, LateItem] = SavedList(
    table=worklist.CLEARED,
    params=LateParams,
    read=late.every,
    path="/late",
    complete=with_clearing_steps,
)
_ALL: tuple[SavedList[Any, Any], ...] = (
    SavedList(
        table=RECOMMENDATIONS,
        params=RegisterParams,
        read=listing.every,
        path="/recommendations",
    ),
    SavedList(table=REPORTS, params=ReportsParams, read=reports.every, path="/reports"),
    SavedList(table=STATEMENTS, params=StatementsParams, read=statements.every, path="/statements"),
    SavedList(
        table=EVERY_STEP,
        params=StepsFileParams,
        read=every_step.every,
        path="/published-steps",
        page="/recommendations",
    ),
    SavedList(table=progress.PROGRESS, params=ProgressParams, read=progress.read, path="/progress"),
    SavedList(
        table=progress.ALL_TOGETHER,
        params=ProgressParams,
        read=progress.read_together,
        path="/progress/all-together",
        page="/progress",
    ),
    SavedList(
        table=months.MONTHS_TOGETHER,
        params=ProgressParams,
        read=months.read_months_together,
        path="/progress/all-together-by-month",
        page="/progress",
    ),
    SavedList(
        table=months.MONTHS,
        params=MonthsParams,
        read=months.read_months,
        path="/progress/{force}",
        page="/forces/{force}",
    ),
    SavedList(
        table=months.EVERY_MONTH,
        params=ProgressParams,
        read=months.read_every_month,
        path="/progress/months-by-force",
        page="/progress",
    ),
    SavedList(
        table=progress.FORCES,
        params=progress.ForcesFileParams,
        read=progress.read_forces,
        path="/forces",
    ),
    SavedList(table=areas.AREAS, params=AreasParams, read=areas.read_areas, path="/areas"),
    SavedList(
        table=worklist.LATE,
        params=LateParams,
        read=late.every,
        path="/late",
        instead=lambda params: _CLEARED if params.since else None,
    ),
    SavedList(table=measures.CLAIMS, params=ClaimsParams, read=claims.every, path="/claims"),
    SavedList(
        table=measures.ACCURACY,
        params=MeasuresParams,
        read=measures.whole_of(read_accuracy),
        path="/measures/claim-accuracy",
        page="/measures",
    ),
    SavedList(
        table=measures.COHORTS,
        params=MeasuresParams,
        read=measures.read_cohort_rows,
        path="/measures/cohorts",
        page="/measures",
    ),
    SavedList(
        table=measures.AGES,
        params=MeasuresParams,
        read=measures.whole_of(read_ages),
        path="/measures/ages",
        page="/measures",
    ),
    SavedList(
        table=measures.LOAD,
        params=MeasuresParams,
        read=measures.whole_of(read_load),
        path="/measures/load",
        page="/measures",
    ),
    SavedList(
        table=slippage.SLIPPAGE,
        params=SlippageParams,
        read=slippage.read_slippage,
        path="/slippage",
    ),
    SavedList(
        table=slippage.HALF_YEARS,
        params=SlippageParams,
        read=slippage.read_half_years,
        path="/slippage/half-years",
        page="/slippage",
    ),
    SavedList(
        table=comparison.COMPARE,
        params=CompareParams,
        read=comparison.read_differences,
        path="/compare",
    ),
    SavedList(
        table=comparison.RESTATEMENT,
        params=RestatementParams,
        read=comparison.read_differences,
        path="/restatement",
    ),
    SavedList(
        table=history.STEPS,
        params=StepsParams,
        read_for=history.steps,
        path="/recommendations/{stream}/steps",
        page="/recommendations/{stream}",
    ),
    SavedList(
        table=history.HISTORY,
        params=HistoryFileParams,
        read_for=history.history,
        path="/recommendations/{stream}/history",
        sight=ReadPermission.HISTORY,
    ),
    SavedList(
        table=worklist.WORKLIST,
        params=WorklistParams,
        read_for=worklist.work,
        path="/worklist",
        page="/work",
        sight=ReadPermission.HISTORY,
    ),
)
SOURCES = {source.table.name: source for source in _ALL}
