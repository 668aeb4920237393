"""The columns of comparisons: each recommendation that differs between two views."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from adapters.tables.columns import DataColumn, DataTable, Datatype, NoValue
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import Columns, force, plain, recommendation, text
from api.pages.rendering import formatting, labels
from projections.register.comparison import Differing, StandingThen, every
from projections.register.views import AsOf, CompareFilter, RestatementFilter


class DifferingRow(Struct, frozen=True):
    """A recommendation that differs, and the earlier view; the later one is the file's own."""

    item: Differing
    earlier: AsOf


def read_differences(
    cursor: Reader, filters: CompareFilter | RestatementFilter, today: date
) -> Whole[DifferingRow]:
    """Return each recommendation that differs."""
    whole = every(cursor, filters, today)
    earlier, _ = filters.views(today)
    return Whole(
        items=(DifferingRow(item, earlier) for item in whole.items),
        position=whole.position,
        on=whole.on,
        known_at=whole.known_at,
        close=whole.close,
    )


def _view(name: str, title: str) -> Columns:
    """Return the columns of one view, none of which has a value where it was not on record."""

    def column(
        field: str,
        head: str,
        description: str,
        value: Callable[[StandingThen], Any],
        datatype: Datatype = "string",
    ) -> DataColumn[DifferingRow]:
        def then(row: DifferingRow) -> object:
            standing: StandingThen | None = getattr(row.item, name)
            return None if standing is None else value(standing)

        absent: NoValue = "[x]" if datatype == "boolean" else "[z]"
        return DataColumn(
            f"{name}_{field}", f"{title}: {head}", f"{description} {title}.", datatype, then, absent
        )

    def in_words(words: Mapping[str, str], code: str | None) -> str | None:
        return None if code is None else words[code]

    return (
        column("stage", "status (code)", "The status.", lambda then: str(then.stage)),
        column(
            "stage_words",
            "status",
            "The status in words.",
            lambda then: labels.STAGES[then.stage],
        ),
        column(
            "closed_reason",
            "reason for closure (code)",
            "Why it was closed.",
            lambda then: then.closed_reason,
        ),
        column(
            "closed_reason_words",
            "reason for closure",
            "Why it was closed, in words.",
            lambda then: in_words(labels.CLOSED, then.closed_reason),
        ),
        column(
            "time_limit",
            "time limit (code)",
            "The time limit: immediate, months:N, date:YYYY-MM-DD, none or unknown.",
            lambda then: then.time_limit,
        ),
        column(
            "time_limit_words",
            "time limit",
            "The time limit in words.",
            lambda then: formatting.limit(then.time_limit),
        ),
        column(
            "overdue",
            "overdue",
            "Certainly overdue; none where nothing on record says which limit counts, and whether "
            "it still does.",
            lambda then: then.overdue,
            "boolean",
        ),
        column(
            "claimed",
            "force says done",
            "The force says done; none where it is not known where the recommendation stands.",
            lambda then: then.claimed,
            "boolean",
        ),
    )


_COLUMNS: Columns = (
    *recommendation(key="item.id", reference="item.reference"),
    *force("item.force"),
    text("text", "Text", "The text on record.", of="item.text"),
    plain(
        "before_as_at",
        "Before: as at the end of",
        "The day of the view before; that of the view after is as_at.",
        "date",
        of="earlier.on",
    ),
    plain(
        "before_known_at",
        "Before: known at",
        "The moment at which the view before was known; that of the view after is known_at.",
        "dateTime",
        of="earlier.known_at",
        absent="[z]",
    ),
    *_view("before", "Before"),
    *_view("after", "After"),
)
COMPARE: DataTable[DifferingRow] = DataTable(
    "compare",
    "Two days compared",
    "Recommendations with another status, time limit, claim or overdue status on the later of two "
    "days.",
    _COLUMNS,
    ("id",),
)
RESTATEMENT: DataTable[DifferingRow] = DataTable(
    "restatement",
    "What changed about a past day",
    "Recommendations whose status, time limit, claim or overdue status on a past day was recorded "
    "or corrected later.",
    _COLUMNS,
    ("id",),
)
