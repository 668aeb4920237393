"""Counts as they are published: none in place of a nought where nothing is known.

Pages show a dash there. A nought would say that none is open, which nobody knows.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from domain.recommendation.state import Stage
from domain.vocabulary.values import Area, Code
from projections.progress.board import Counts
from projections.progress.series import Month
from projections.register.areas import AreaCounts
from projections.register.comparison import Tally


class KnownCounts(Struct, frozen=True):
    """The counts of one force or of all; null where nothing is known of what would be counted.

    A count leaves out those of which nothing is known: they are at the stage `not_known`.
    """

    total: int
    kinds: dict[str, int]
    stages: dict[str, int | None]
    open: int | None
    limited: int | None
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int | None
    plan_overdue: int | None
    claimed: int | None
    assured: int | None
    partly_assured: int | None
    closed: dict[str, int | None]
    slipped: dict[str, int | None]
    findings: dict[str, int | None]
    """By the finding of the latest follow-up; `not_known` where none is on record."""
    median_days_to_plan: float | None
    median_days_to_close: float | None


class KnownMonth(Struct, frozen=True):
    """The counts at a month's end, or on the requested day; null where nothing is known of any."""

    month: str
    total: int
    open: int | None
    limited: int | None
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int | None
    claimed: int | None
    closed: int | None
    not_known: int


class KnownAreaCounts(Struct, frozen=True):
    """The counts of one area at one force; null where nothing is known of what is counted."""

    area: Area
    force: Code
    total: int
    open: int | None
    limited: int | None
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int | None
    claimed: int | None
    not_known: int
    met: int | None
    partly_met: int | None
    not_met: int | None
    too_early: int | None
    narrative: int | None
    """`met` to `narrative` count the latest finding of a follow-up; their sum is their base."""


class KnownTally(Struct, frozen=True):
    """The counts of one view of a comparison; null where nothing is known of what is counted."""

    total: int
    open: int | None
    limited: int | None
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int | None
    claimed: int | None
    stages: dict[str, int | None]
    closed: dict[str, int | None]


def if_known(number: int, *, known: object) -> int | None:
    """Return a number of those of which something is known; None if there are none of these."""
    return number if number or known else None


def known_counts(counts: Counts) -> KnownCounts:
    """Return the counts of a board as they are published."""
    unknown = counts.stages[Stage.NOT_KNOWN]
    known = counts.total - unknown
    of = partial(_by_code, known=known)
    return KnownCounts(
        total=counts.total,
        kinds=counts.kinds,
        stages=of(counts.stages),
        open=if_known(counts.open, known=known),
        limited=if_known(counts.limited, known=known),
        overdue=_overdue(counts, unknown),
        plan_overdue=if_known(counts.plan_overdue, known=known),
        claimed=if_known(counts.claimed, known=known),
        assured=if_known(counts.assured, known=known),
        partly_assured=if_known(counts.partly_assured, known=known),
        closed=of(counts.closed),
        slipped=of(counts.slipped),
        findings=of(counts.findings),
        median_days_to_plan=counts.median_days_to_plan,
        median_days_to_close=counts.median_days_to_close,
    )


def _by_code(numbers: Mapping[str, int], *, known: int) -> dict[str, int | None]:
    return {
        code: number if code == "not_known" else if_known(number, known=known)
        for code, number in numbers.items()
    }


def known_tally(tally: Tally) -> KnownTally:
    """Return the counts of one view of a comparison as they are published."""
    unknown = tally.stages[Stage.NOT_KNOWN]
    known = tally.total - unknown
    return KnownTally(
        total=tally.total,
        open=if_known(tally.open, known=known),
        limited=if_known(tally.limited, known=known),
        overdue=_overdue(tally, unknown),
        claimed=if_known(tally.claimed, known=known),
        stages=_by_code(tally.stages, known=known),
        closed=_by_code(tally.closed, known=known),
    )


def known_month(month: Month) -> KnownMonth:
    """Return the counts of a month as they are published."""
    known = month.total - month.not_known
    return KnownMonth(
        month=month.month,
        total=month.total,
        open=if_known(month.open, known=known),
        limited=if_known(month.limited, known=known),
        overdue=_overdue(month, month.not_known),
        claimed=if_known(month.claimed, known=known),
        closed=if_known(month.closed, known=known),
        not_known=month.not_known,
    )


def known_area(counts: AreaCounts) -> KnownAreaCounts:
    """Return the counts of an area as they are published."""
    known = counts.total - counts.not_known
    numbers: dict[str, Any] = {
        name: number if name in _ALWAYS_KNOWN else if_known(number, known=known)
        for name, number in asdict(counts).items()
    }
    numbers["overdue"] = _overdue(counts, counts.not_known)
    return KnownAreaCounts(**numbers)


_ALWAYS_KNOWN = frozenset({"area", "force", "total", "not_known"})


def _overdue(counts: Counts | AreaCounts | Tally | Month, unknown: int) -> int | None:
    """Return how many are overdue of those with a limit that counts, or of none that is open."""
    none_open = counts.total and not counts.open and not unknown
    return if_known(counts.overdue, known=counts.limited or none_open)
