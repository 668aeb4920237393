"""The columns of measures: cohorts, ages by stage, load by force, claims and their judgement."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from msgspec import Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import (
    Columns,
    counted,
    dated,
    force,
    plain,
    recommendation,
    worded,
)
from api.pages.rendering import labels
from projections.filters import ForceFilter
from projections.progress.accuracy import Accuracy
from projections.progress.claims import ClaimItem
from projections.register.measures.ages import StageAges
from projections.register.measures.cohorts import Cohort, read_cohorts
from projections.register.measures.conditions import WITHIN_YEARS
from projections.register.measures.demands import Demands

I = TypeVar("I")  # noqa: E741  an item


def whole_of(
    read: Callable[[Reader, ForceFilter, date], tuple[tuple[I, ...], int]],
) -> Callable[[Reader, ForceFilter, date], Whole[I]]:
    """Return a reader of a whole list, given that of its rows and their position."""

    def whole(cursor: Reader, filters: ForceFilter, today: date) -> Whole[I]:
        rows, position = read(cursor, filters, today)
        on, known_at = filters.day_at(today), filters.known_at
        return Whole(items=rows, position=position, on=on, known_at=known_at)

    return whole


class CohortRow(Struct, frozen=True):
    """A cohort, and the day of the counts."""

    cohort: Cohort
    on: date


def read_cohort_rows(cursor: Reader, filters: ForceFilter, today: date) -> Whole[CohortRow]:
    """Return the cohorts, the oldest first."""
    cohorts = whole_of(read_cohorts)(cursor, filters, today)
    rows = tuple(CohortRow(cohort, cohorts.on) for cohort in cohorts.items)
    return Whole(items=rows, position=cohorts.position, on=cohorts.on, known_at=cohorts.known_at)


def _done_within(years: int) -> Columns:
    return (
        counted(
            f"done_in_{years}",
            f"Done within {years} years" if years > 1 else "Done within 1 year",
            "How many were closed as verified within that time of issue, both known to the day.",
            of=f"cohort.done_in_{years}",
        ),
        DataColumn(
            f"is_over_{years}",
            f"Had {years} years" if years > 1 else "Had 1 year",
            "Whether all of them had that time by the day of the file; else the count is one so "
            "far.",
            "boolean",
            lambda item: item.cohort.is_over(years, item.on),
        ),
    )


COHORTS: DataTable[CohortRow] = DataTable(
    "cohorts",
    "Cohorts",
    "Recommendations by year of issue, and what became of them. Done means closed as verified and "
    "not reopened since.",
    (
        plain(
            "year",
            "Year of issue",
            "The calendar year of issue; none where it is not known.",
            "integer",
            of="cohort.year",
        ),
        counted("issued", "Issued", "How many were issued.", of="cohort.issued"),
        counted(
            "not_known",
            "Not known",
            "Of how many it is not known where they stand.",
            of="cohort.not_known",
        ),
        *(column for years in WITHIN_YEARS for column in _done_within(years)),
        counted("done", "Done", "How many were closed as verified, whenever.", of="cohort.done"),
        counted(
            "ended",
            "Closed for another reason",
            "How many were closed for another reason.",
            of="cohort.ended",
        ),
        counted("open", "Known to be open", "How many are known to be open.", of="cohort.open"),
    ),
    (),
)


def _band(number: int, title: str) -> DataColumn[StageAges]:
    return DataColumn(
        f"months_{list(labels.AGES)[number]}",
        title,
        "How many were certainly issued so long before the day of the file.",
        "integer",
        lambda item: item.ages.bands[number].many,
        "[z]",
    )


AGES: DataTable[StageAges] = DataTable(
    "ages",
    "Ages",
    "Recommendations that are known to be open, by stage, next move and time since issue.",
    (
        *worded("stage", "Status", "Where they stand.", labels.STAGES, of="stage"),
        *worded(
            "next_by", "Next action by", "Whose move it is.", labels.PARTIES_NEXT, of="next_by"
        ),
        *(_band(number, title) for number, title in enumerate(labels.AGES.values())),
        counted(
            "uncertain",
            "Date of issue too coarse to say",
            "How many have a date of issue that is too coarse to say, or is not known.",
            of="ages.uncertain",
        ),
    ),
    (),
)

LOAD: DataTable[Demands] = DataTable(
    "load",
    "Load",
    "How many recommendations are open at a force at a time, and from how many reports: a row for "
    "each force with anything that is not closed, followed by one for each area.",
    (
        *force("force"),
        *worded(
            "area",
            "Area",
            "The area of the inspection; none in the row of the whole force.",
            labels.AREAS,
            of="area",
            absent="[z]",
        ),
        counted("open", "Known to be open", "How many are known to be open."),
        counted("reports", "From reports", "From how many reports those are."),
        counted(
            "not_known",
            "May be open",
            "How many more may be open: it is not known where they stand.",
        ),
    ),
    (),
)


CLAIMS: DataTable[ClaimItem] = DataTable(
    "claims",
    "Claims",
    "Claims of forces that a recommendation is done, one row for each, and how each was judged "
    "first. A claim closes nothing.",
    (
        *recommendation(reference="claimed.reference"),
        plain("step", "Step", "The step that recorded the claim.", "integer", of="claimed.step"),
        *force("claimed.force"),
        *worded(
            "area",
            "Area",
            "The area of the inspection that it is about.",
            labels.AREAS,
            of="claimed.area",
        ),
        *dated("claimed_on", "Claimed on", "When the force said so.", of="claimed.claimed_on"),
        *worded(
            "judgement",
            "First judgement",
            "What inspectors recorded about it first; none while it waits.",
            labels.JUDGEMENTS,
            of="claimed.judgement",
            absent="[z]",
        ),
        *dated(
            "judged_on",
            "Judged on",
            "When they did; none while it waits.",
            of="claimed.judged_on",
            absent="[z]",
        ),
        plain(
            "days",
            "Days until judged",
            "The days from claim to judgement; none unless both are known to the day.",
            "integer",
            of="claimed.days",
        ),
    ),
    ("id", "step"),
)

ACCURACY: DataTable[Accuracy] = DataTable(
    "claim-accuracy",
    "Claim accuracy",
    "How the claims of each force that made any were judged, each by its first judgement.",
    (
        *force("force"),
        counted("claims", "Claims", "How many claims are on record."),
        counted("waiting", "Waiting", "How many wait for a judgement."),
        *(
            counted(code, title, "How many were judged so first.")
            for code, title in labels.JUDGEMENTS.items()
        ),
        plain(
            "days",
            "Median days until judged",
            "Of those whose claim and judgement are known to the day.",
            "number",
        ),
    ),
    ("force",),
)
