"""Corrections of earlier steps, and the fields of an event that are notes.

A correction only adds to the record: the step stays as it was written, and both versions are
readable.
"""

from typing import Any, cast, get_args

import msgspec
from msgspec.structs import replace

from domain.checks import (
    ABOUT_THE_RECORD,
    check_area,
    check_day,
    check_source,
    check_time_limit,
    check_window,
)
from domain.commands.common import Correct
from domain.events.event import Event, History
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    Commented,
    CompletionClaimed,
    Corrected,
    DecisionConfirmed,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    OutcomeNoted,
    OwnerNamed,
    ProgressReported,
    Reopened,
    Section55Responded,
    TimeLimitChanged,
)
from domain.events.report import AreaNoted, ReportCorrected, ReportOutcomeNoted, ReportPublished
from domain.vocabulary.dates import day_of, earliest, end_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Plain, When

CORRECTABLE: dict[type[Event], frozenset[str]] = {
    Issued: frozenset(
        {
            "ordinal",
            "kind",
            "text",
            "area",
            "time_limit",
            "topic",
            "wording",
            "register_id",
            "confidence",
        }
    ),
    FollowUpAssigned: frozenset({"kind", "procedure", "window_from", "window_to", "assignee"}),
    FollowUpChanged: frozenset({"kind", "procedure", "window_from", "window_to", "assignee"}),
    FollowUpReported: frozenset({"finding", "passage", "source"}),
    Section55Responded: frozenset({"answer", "address"}),
    AssuranceRecorded: frozenset({"level"}),
    Closed: frozenset({"source"}),
    TimeLimitChanged: frozenset({"now"}),
    OutcomeNoted: frozenset(
        {"said_by", "text", "source", "reading", "register_status", "reported_in", "confidence"}
    ),
    ReportPublished: frozenset(
        {
            "product",
            "title",
            "address",
            "programme",
            "page_date",
            "fieldwork_from",
            "fieldwork_to",
            "recommendations_stated",
            "causes_of_concern_stated",
            "follows",
            "confidence",
            "cases.examined",
            "cases.good",
            "cases.adequate",
            "cases.requires_improvement",
            "cases.inadequate",
            "grades.leadership",
            "grades.partnership",
            "grades.initial_response",
            "grades.risk_referral",
            "grades.investigation",
        }
    ),
    AreaNoted: frozenset(
        {"text", "area", "source", "topic", "time_limit", "wording", "confidence"}
    ),
    ReportOutcomeNoted: frozenset(
        {
            "said_by",
            "text",
            "source",
            "reading",
            "area",
            "topic",
            "register_status",
            "reported_in",
            "confidence",
        }
    ),
    # Only the date of these is correctable: the rest steers the life cycle, is a note, or is about
    # the record.
    **dict.fromkeys(
        (
            OwnerNamed,
            ActionPlanReceived,
            ActionPlanWaived,
            ActionPlanReviewed,
            ProgressReported,
            CompletionClaimed,
            ClaimReturned,
            Reopened,
            DecisionConfirmed,
            Commented,
            *ABOUT_THE_RECORD,
        ),
        frozenset[str](),
    ),
}
"""The fields that a correction may change, besides `on`, which is correctable everywhere.

Identity (references, addressee, edition) and fields that steer the life cycle are not included:
another command sets those right, and says so.
"""


def amend(history: History) -> tuple[Entry[Event], ...]:
    """Return the history with every correction applied to the step that it names."""
    amended = list(history)
    for entry in history:
        if isinstance(entry.event, Corrected | ReportCorrected):
            fix = entry.event
            amended[fix.step - 1] = _mended(amended[fix.step - 1], fix.field, fix.now)
    return tuple(amended)


def correctable(entry: Entry[Event]) -> dict[str, Plain]:
    """Return the fields of a step that a correction may change, with their values."""
    fields = sorted(CORRECTABLE[type(entry.event)])
    return {"on": entry.stamp.on, **{name: _value(entry.event, name) for name in fields}}


def check_correction(history: History, command: Correct, stamp: Stamp) -> None:
    """Raise Refused unless the correction fits the step that it names and its neighbours."""
    number, name = command.step, command.field
    amended = amend(history)
    if number > len(amended):
        raise Refused(f"There is no step {number}. The last step is {len(amended)}.")
    entry = amended[number - 1]
    fields = correctable(entry)
    if name not in fields:
        raise Refused(
            f"{name} of step {number} cannot be corrected. "
            f"In that step you can correct: {', '.join(sorted(fields))}."
        )
    was = fields[name]
    if was != command.was:
        raise Refused(f"{name} of step {number} is recorded as {was!r}, not {command.was!r}.")
    if was == command.now:
        raise Refused(f"{name} of step {number} is already recorded as {was!r}.")
    try:
        mended = _mended(entry, name, command.now)
    except msgspec.ValidationError as error:
        raise Refused(f"{name} of step {number} cannot be {command.now!r}: {error}.") from None
    if name == "on":
        _check_order(amended, mended, stamp)
    else:
        _check_sense(mended.event, amended[0].event)


def _check_sense(event: Event, first: Event) -> None:
    """Raise Refused unless the checks of commands beyond the form of a field still hold."""
    match event:
        case Issued(area=area, time_limit=limit, edition=edition):
            check_area(area, edition)
            check_time_limit(limit)
        case AreaNoted(area=area, time_limit=limit) if isinstance(first, ReportPublished):
            check_area(area, first.edition)
            check_time_limit(limit)
        case TimeLimitChanged(now=limit):
            check_time_limit(limit)
        case FollowUpAssigned() | FollowUpChanged():
            check_window(event.window_from, event.window_to)
        case Closed(reason=reason, source=source):
            check_source(reason, source)
        case ReportPublished():
            for when in (event.page_date, event.fieldwork_from, event.fieldwork_to):
                if when is not None:
                    check_day(when)
        case _:
            pass


def _check_order(amended: tuple[Entry[Event], ...], mended: Entry[Event], stamp: Stamp) -> None:
    on, number = mended.stamp.on, mended.step
    check_day(on)
    if earliest(on) > day_of(stamp.at):
        raise Refused(f"{on} is in the future; today is {day_of(stamp.at)}.")
    if isinstance(mended.event, ABOUT_THE_RECORD):
        return
    for other in amended:
        if other.step == number or isinstance(other.event, ABOUT_THE_RECORD):
            continue
        before, after = (other, mended) if other.step < number else (mended, other)
        if end_of(after.stamp.on) < earliest(before.stamp.on):
            raise Refused(
                f"Step {before.step}, dated {before.stamp.on}, would come after "
                f"step {after.step}, dated {after.stamp.on}."
            )


def notes_of(event: type[Event]) -> frozenset[str]:
    """Return the names of an event's fields that are not published."""
    return _NOTES[event]


def _is_note(kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, msgspec.inspect.UnionType):
        return any(_is_note(member) for member in kind.types)
    if not isinstance(kind, msgspec.inspect.Metadata):
        return False
    return "note" in cast("dict[str, bool]", kind.extra or {})


def _notes_in(event: type[Event]) -> frozenset[str]:
    info = msgspec.inspect.type_info(event)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  for the type checker
    return frozenset(field.name for field in info.fields if _is_note(field.type))


_NOTES: dict[type[Event], frozenset[str]] = {event: _notes_in(event) for event in get_args(Event)}


def _value(event: Event, path: str) -> Plain:
    value: Any = msgspec.to_builtins(event)
    for name in path.split("."):
        value = value[name]
    return cast("Plain", value)


def _mended(entry: Entry[Event], path: str, now: Plain) -> Entry[Event]:
    if path == "on":
        return replace(entry, stamp=replace(entry.stamp, on=msgspec.convert(now, When)))
    plain: dict[str, Any] = msgspec.to_builtins(entry.event)
    *outer, last = path.split(".")
    inner = plain
    for name in outer:
        inner = inner[name]
    inner[last] = now
    return replace(entry, event=msgspec.convert(plain, type(entry.event)))
