"""Whether a changed history is still one that the rules allow.

A late step, a correction and a withdrawal change what stood before the steps that come after in
time. Each of those is asked again. Steps that older rules had allowed are not held against it.
"""

from typing import get_args

from domain.checks import ABOUT_THE_RECORD, REPLIES
from domain.events.event import Event, History
from domain.events.recommendation import Corrected, RecommendationEvent
from domain.events.report import ReportCorrected, ReportEvent
from domain.history import State, advance, chronology
from domain.recommendation import rules
from domain.recommendation.state import Recommendation
from domain.report import Report
from domain.report import check as check_report
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Refused

REPORT_EVENTS: tuple[type[ReportEvent], ...] = get_args(ReportEvent)
RECOMMENDATION_EVENTS: tuple[type[RecommendationEvent], ...] = get_args(RecommendationEvent)


def check_consistency(before: History, after: History) -> None:
    """Raise Refused, naming the first step that the rules allowed before but not after a change."""
    allowed = broken_steps(before)
    for step, refused in broken_steps(after).items():
        if step in allowed:
            continue
        if step == _corrected(after):
            raise Refused(str(refused), "/now")
        if step > len(before):
            raise refused
        on = after[step - 1].stamp.on
        raise Refused(f"Step {step}, of {on}, could not stand after this: {refused}")


def _corrected(history: History) -> int | None:
    event = history[-1].event
    return event.step if isinstance(event, Corrected | ReportCorrected) else None


def broken_steps(history: History) -> dict[int, Refused]:
    """Return the steps that the rules do not allow where they stand in time, with the reasons."""
    broken: dict[int, Refused] = {}
    state: State | None = None
    for placed in chronology(history):
        entry = placed.entry
        if not isinstance(entry.event, ABOUT_THE_RECORD + REPLIES):  # which move nothing
            try:
                check_step(entry, state)
            except Refused as refused:
                broken[entry.step] = refused
        state = advance(state, entry)
    return broken


def check_step(entry: Entry[Event], state: State | None) -> None:
    """Raise Refused unless a step may follow on the state before it."""
    match entry.event:
        case event if isinstance(event, REPORT_EVENTS):
            published = state if isinstance(state, Report) else Report()
            check_report(event, published, entry.stamp)
        case event if isinstance(event, RECOMMENDATION_EVENTS):
            known = state if isinstance(state, Recommendation) else Recommendation()
            rules.check(event, known, entry.stamp)
        case _:
            return
