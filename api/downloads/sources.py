"""Every list that can be saved as a file: its table, its addresses, and how it is read."""

from collections.abc import Callable
from datetime import date
from typing import Any, Generic, TypeVar

from msgspec import Struct

from adapters.tables.columns import DataTable
from api.downloads import progress
from api.downloads.progress import PROGRESS
from api.downloads.recommendations import RECOMMENDATIONS
from api.request.query_params import ReadModelParams
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from domain.access.permissions import ReadPermission
from projections.register import listing
from projections.register.whole import Reader, Whole

P = TypeVar("P", bound=ReadModelParams)
I = TypeVar("I")  # noqa: E741  an item


class SavedList(Struct, Generic[P, I], frozen=True, kw_only=True):
    """A list to save: its parameters are those of the list, which is at `/v1` and `path`."""

    table: DataTable[I]
    params: type[P]
    read: Callable[[Reader, P, date], Whole[I]]
    path: str
    """The path of its page, and of the list below `/v1` unless `api` is another."""
    sight: ReadPermission | None = None
    """The permission that it takes; None for a public list."""


_ALL: tuple[SavedList[Any, Any], ...] = (
    SavedList(
        table=RECOMMENDATIONS,
        params=RegisterParams,
        read=listing.every,
        path="/recommendations",
    ),
    SavedList(table=PROGRESS, params=ProgressParams, read=progress.read, path="/progress"),
)
SOURCES = {source.table.name: source for source in _ALL}
