"""The columns of counts by area and force."""

from datetime import date

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import counted, force, known, worded
from api.pages.rendering import labels
from api.v1.known_counts import KnownAreaCounts, known_area
from projections.filters import TrainingFilter
from projections.register.areas import count


def read_areas(cursor: Reader, filters: TrainingFilter, today: date) -> Whole[KnownAreaCounts]:
    """Return the counts by area and force."""
    page = count(cursor, filters, today)
    return Whole(
        items=tuple(map(known_area, page.items)),
        position=page.position,
        on=page.on,
        known_at=page.known_at,
    )


AREAS: DataTable[KnownAreaCounts] = DataTable(
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
        known("open", "Known to be open", "How many are known to be open."),
        known(
            "limited",
            "With a last day",
            "How many have a last day that is known and are not closed: of these some can be "
            "overdue.",
        ),
        known(
            "overdue",
            "Overdue",
            "How many are certainly past their time limit, of those with one.",
        ),
        known(
            "claimed",
            "Force says done",
            "How many the force says are done, and are not closed.",
        ),
        *(
            known(
                finding,
                f"Found: {words}",
                "How many by that finding of the latest follow-up; the sum of the findings is the "
                "base of a share.",
            )
            for finding, words in labels.FINDINGS_SHORT.items()
            if finding != "not_known"
        ),
    ),
    ("area", "force"),
)
