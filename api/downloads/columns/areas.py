"""The columns of counts by area and force."""

from datetime import date

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import counted, force, worded
from api.pages.rendering import labels
from projections.filters import TrainingFilter
from projections.register.areas import AreaCounts, count


def read_areas(cursor: Reader, filters: TrainingFilter, today: date) -> Whole[AreaCounts]:
    """Return the counts by area and force."""
    page = count(cursor, filters, today)
    return Whole(items=page.items, position=page.position, on=page.on, known_at=page.known_at)


AREAS: DataTable[AreaCounts] = DataTable(
    "areas",
    "Areas",
    "Counts of recommendations by area of inspection and force, by what is on record; an area at a "
    "force that has none is left out.",
    (
        *worded("area", "Area", "The area of the inspection.", labels.AREAS, of="area"),
        DataColumn(
            "page",
            "Page",
            "The page of the area.",
            "anyURI",
            lambda item: f"/areas/{item.area.replace('/', '-')}",
        ),
        *force("force"),
        counted("total", "Recommendations on record", "How many are on record, of every kind."),
        counted("not_known", "Not known", "Of how many it is not known where they stand."),
        counted("open", "Known to be open", "How many are known to be open."),
        counted(
            "limited",
            "With a last day",
            "How many have a last day that is known and are not closed: of these some can be "
            "overdue.",
        ),
        counted(
            "overdue",
            "Overdue",
            "How many are certainly past their time limit, of those with one.",
        ),
        counted(
            "claimed",
            "Force says done",
            "How many the force says are done, and are not closed.",
        ),
        counted("met", "Found met", "How many by that finding of the latest follow-up."),
        counted(
            "partly_met", "Found partly met", "How many by that finding of the latest follow-up."
        ),
        counted("not_met", "Found not met", "How many by that finding of the latest follow-up."),
    ),
    ("area", "force"),
)
