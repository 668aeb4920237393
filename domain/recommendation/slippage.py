"""Slippage: signs that deadlines and decisions gave way, and progress looks better than it is.

Boards ask about changed time limits, reopened recommendations, closures as verified without new
evidence, and closures bunched before the end of a financial half-year, the days up to which
progress is commonly reported. None of these is wrong by itself; each is a reason to look.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.events.correspondence import RecommendationReply
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    ClosureDeclined,
    ClosureProposed,
    Commented,
    CompletionClaimed,
    Corrected,
    DecisionConfirmed,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    MilestoneNoted,
    NoteRedacted,
    OutcomeNoted,
    OwnerNamed,
    ProgressReported,
    RecommendationEvent,
    RedactionApproved,
    RedactionRequested,
    Reopened,
    Section55Responded,
    SuppressionApproved,
    SuppressionRequested,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
    WithdrawalRequested,
    Withdrawn,
)
from domain.vocabulary.values import CloseReason, Finding, Reading, TimeLimit

DONE: frozenset[Finding] = frozenset({Finding.MET, Finding.NARRATIVE})
"""Findings that can support a closure; after any other, it takes new evidence."""
SAYS_LITTLE: frozenset[Reading] = frozenset({"not_improved", "too_early", "not_applicable"})
"""Readings of a source that are no evidence of completion."""


class Slip(StrEnum):
    """A reason to look at a recommendation again."""

    TIME_LIMIT_CHANGED = "time_limit_changed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    """A step was taken back, as recorded by mistake."""
    CLOSED_WITHOUT_EVIDENCE = "closed_without_evidence"


class Slippage(Struct, frozen=True):
    """The slippage of a recommendation so far."""

    time_limit_changes: int = 0
    reopenings: int = 0
    withdrawals: int = 0
    evidence: bool = False
    """Whether there is evidence of completion that inspectors have not judged insufficient."""
    closed_without_evidence: bool = False

    @property
    def slips(self) -> tuple[Slip, ...]:
        """The slips of the recommendation."""
        conditions = {
            Slip.TIME_LIMIT_CHANGED: self.time_limit_changes > 0,
            Slip.REOPENED: self.reopenings > 0,
            Slip.WITHDRAWN: self.withdrawals > 0,
            Slip.CLOSED_WITHOUT_EVIDENCE: self.closed_without_evidence,
        }
        return tuple(slip for slip, holds in conditions.items() if holds)


def slippage_after(  # noqa: C901, PLR0911, PLR0912  one line an event
    slippage: Slippage, event: RecommendationEvent, time_limit: TimeLimit
) -> Slippage:
    """Return the slippage after one more event, given the time limit before it."""
    if isinstance(event, (ProgressReported, Commented)):  # by far the most of a long history
        return slippage
    if isinstance(event, RecommendationReply):
        return slippage
    match event:
        case CompletionClaimed() | AssuranceRecorded():
            return replace(slippage, evidence=True)
        case OutcomeNoted(reading=reading):
            return replace(slippage, evidence=slippage.evidence or reading not in SAYS_LITTLE)
        case FollowUpReported(finding=finding):
            return replace(slippage, evidence=finding in DONE)
        case ClaimReturned():
            return replace(slippage, evidence=False)
        case TimeLimitChanged(now=now) if now == time_limit:
            return slippage  # corrected until nothing changed
        case TimeLimitChanged():
            return replace(slippage, time_limit_changes=slippage.time_limit_changes + 1)
        case Closed(reason=reason):
            without = reason is CloseReason.VERIFIED and not slippage.evidence
            return replace(slippage, closed_without_evidence=without)
        case Reopened():
            return replace(
                slippage,
                reopenings=slippage.reopenings + 1,
                evidence=False,
                closed_without_evidence=False,
            )
        case Issued() | OwnerNamed() | Section55Responded():
            return slippage
        case ActionPlanReceived() | ActionPlanWaived() | ActionPlanReviewed():
            return slippage
        case FollowUpAssigned() | FollowUpChanged() | DecisionConfirmed():
            return slippage
        case Withdrawn(steps=steps):
            return replace(slippage, withdrawals=slippage.withdrawals + len(steps))
        case TakenOver(finding=finding):
            return replace(slippage, evidence=finding in DONE)
        case UpdateReceived() | MilestoneNoted() | WithdrawalRequested():
            return slippage
        case ClosureProposed() | ClosureDeclined():
            return slippage
        case Corrected() | NoteRedacted() | RedactionRequested() | RedactionApproved():
            return slippage
        case SuppressionRequested() | SuppressionApproved():
            return slippage
        case _:
            assert_never(event)


REPORTING_DAYS = ((3, 31), (9, 30))
"""The ends of the financial half-years, by month and day."""
HALF_YEARS = 6
BUNCH_DAYS = 14
"""The days just before a reporting day, that day included."""


class HalfYear(Struct, frozen=True):
    """The closures of a financial half-year, up to the day of the view.

    `expected` is the number of closures that would have fallen into the last `BUNCH_DAYS` days, had
    they been spread evenly; None until those days are over.
    """

    since: date
    until: date
    just_before: date
    """The first of the last `BUNCH_DAYS` days."""
    closed: int
    closed_just_before: int
    expected: float | None


def half_years(closures: Mapping[date, int], on: date) -> tuple[HalfYear, ...]:
    """Return the half-years up to a day, latest first, given the closures of each day."""
    return tuple(_half_year(closures, since, until, on) for since, until in _spans(on))


def first_day(on: date) -> date:
    """Return the first day of the half-years shown for a day."""
    return min((since for since, _ in _spans(on)), default=on)


def _half_year(closures: Mapping[date, int], since: date, until: date, on: date) -> HalfYear:
    days = {day: n for day, n in closures.items() if since <= day <= min(until, on)}
    bunch = until - timedelta(days=BUNCH_DAYS - 1)
    closed = sum(days.values())
    return HalfYear(
        since,
        until,
        bunch,
        closed,
        sum(n for day, n in days.items() if day >= bunch),
        closed * BUNCH_DAYS / ((until - since).days + 1) if until <= on else None,
    )


def _spans(on: date) -> list[tuple[date, date]]:
    """Return the first and last days of the half-years, from the day's own backwards."""
    years = range(max(on.year - HALF_YEARS, date.min.year), min(on.year + 1, date.max.year) + 1)
    ends = [date(year, month, day) for year in years for month, day in REPORTING_DAYS]
    through = sum(end < on for end in ends) + 1
    shown = ends[max(through - HALF_YEARS - 1, 0) : through]
    return [(before + timedelta(days=1), end) for before, end in pairwise(shown)][::-1]
