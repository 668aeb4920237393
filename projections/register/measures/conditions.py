"""The conditions of what figures count, by which a list opens each of them to its rows."""

from datetime import datetime
from typing import Annotated, Literal, LiteralString

from msgspec import Meta

from projections.filters import ListFilter
from projections.register.model import Register

WITHIN_YEARS = (1, 2, 4)
BOUNDS = (6, 12, 24, 48)
"""The months between two bands of age."""

ISSUED_IN: LiteralString = (
    "CASE WHEN issued_on = 'unknown' THEN 'not_known' ELSE left(issued_on, 4) END"
)
"""The year of issue."""
ENDED: LiteralString = "coalesce(closed_reason <> 'verified', false)"
NEXT_BY: LiteralString = (
    "CASE WHEN stage IN ('absent', 'closed') OR stage = 'not_known' AND claimed_on IS NULL"
    " THEN NULL WHEN claimed_on IS NULL AND ("
    "stage = 'issued' AND plan <> 'waived'"
    " AND NOT (updated_on IS NOT NULL AND time_limit = 'immediate')"
    " OR stage = 'plan_reviewed' AND plan = 'changes_requested'"
    " OR stage = 'followed_up' AND coalesce(finding IN ('partly_met', 'not_met', 'too_early'),"
    " false)) THEN 'force' ELSE 'inspector' END"
)
"""Whose move it is, as `domain.recommendation.worklist.next_move` says; null if nothing tells."""
AGE_KNOWN: LiteralString = (
    "(length(issued_on) = 10 OR issued_on <> 'unknown' AND NOT EXISTS (SELECT FROM"
    " unnest(%(age_bounds)s::integer[]) AS b (months) WHERE"
    " (issued_on || substr('0000-01-01', length(issued_on) + 1))::date"
    " <= %(today)s::date - make_interval(months => b.months)"
    " AND ((issued_on || substr('0000-01', length(issued_on) + 1, 3) || '-01')::date"
    " + CASE length(issued_on) WHEN 4 THEN interval '1 year' ELSE interval '1 month' END"
    " - interval '1 day') > %(today)s::date - make_interval(months => b.months)))"
)
"""The date of issue is within one band of age at the end of the day `today`."""


def done_within(years: LiteralString) -> LiteralString:
    """Return the SQL condition for what was done within so many years, a number in SQL."""
    return (
        "coalesce(CASE WHEN closed_reason = 'verified'"
        " AND length(closed_on) = 10 AND length(issued_on) = 10"
        " THEN closed_on::date <= issued_on::date + make_interval(years => "
        + years
        + ") END, false)"
    )


_COMPARED: LiteralString = (
    "stage, closed_reason, time_limit, overdue_known, overdue_from, claimed_on IS NULL"
)
CHANGED: LiteralString = (
    "known_from > %(changed_since)s AND NOT EXISTS (SELECT FROM (SELECT stream AS was_of, ROW("
    + (_COMPARED + ") AS was FROM " + Register.schema + ".standing")
    + " WHERE until = 'infinity' AND known_from <= %(changed_since)s"
    " AND known_to > %(changed_since)s) o WHERE was_of = stream"
    " AND was IS NOT DISTINCT FROM ROW(" + _COMPARED + "))"
)
"""Changed since a moment, as known now, by the columns that a comparison of two views compares."""


MEASURED: dict[LiteralString, LiteralString] = {
    "issued_in": ISSUED_IN + " = %(issued_in)s",
    "done_within": done_within("%(done_within)s::integer"),
    "ended": ENDED + " = %(ended)s",
    "has_finding": "(finding IS NOT NULL) = %(has_finding)s",
    "next_by": NEXT_BY + " = %(next_by)s",
    "age_known": AGE_KNOWN + " = %(age_known)s",
    "changed_since": CHANGED,
}
"""The condition of each field of `MeasuredFilter`."""


class MeasuredFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of what a figure counts; None does not restrict a field."""

    issued_in: (
        Annotated[
            str,
            Meta(
                pattern=r"^([0-9]{4}|not_known)$(?!\n)",
                description="Issued in that year, or `not_known`: the year is not on record.",
            ),
        ]
        | None
    ) = None
    done_within: (
        Annotated[
            Literal["1", "2", "4"],
            Meta(
                description="Closed as verified within so many years of issue, both known to the "
                "day."
            ),
        ]
        | None
    ) = None
    ended: (
        Annotated[
            bool, Meta(description="Closed for another reason than as verified, or none of that.")
        ]
        | None
    ) = None
    has_finding: (
        Annotated[bool, Meta(description="A finding of a follow-up is on record, or none is.")]
        | None
    ) = None
    next_by: (
        Annotated[
            Literal["inspector", "force"],
            Meta(description="The next move is theirs, by what is on record."),
        ]
        | None
    ) = None
    age_known: (
        Annotated[
            bool,
            Meta(
                description="The date of issue says whether it was issued less than 6 months, 1, 2 "
                "or 4 years ago; or it is too coarse to say."
            ),
        ]
        | None
    ) = None
    changed_since: (
        Annotated[
            datetime,
            Meta(
                tz=True,
                description="New since that moment, or with another stage, reason of closure, "
                "time limit, day from which it is overdue, or word that it is done; as at today, "
                "so without `on`.",
            ),
        ]
        | None
    ) = None
