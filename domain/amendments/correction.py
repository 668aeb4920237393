"""Corrections of earlier steps, and the fields of an event that are notes.

A correction only adds to the record: the step stays as written, and both versions are readable.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast, get_args

import msgspec
from msgspec.structs import replace

from domain.amendments.withdrawal import withdrawn_steps
from domain.checks import ABOUT_THE_RECORD, REPLIES, check_date, check_values
from domain.commands.common import Correct
from domain.commands.tidy import tidy_text
from domain.events.event import Event, History
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
    OutcomeNoted,
    OwnerNamed,
    ProgressReported,
    Reopened,
    Section55Responded,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
)
from domain.events.report import (
    AreaNoted,
    ReportCorrected,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportPublished,
)
from domain.tracks import share_track
from domain.vocabulary.dates import earliest, end_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused, at
from domain.vocabulary.values import Plain, TimeLimit, When

_MILESTONE = frozenset(
    {"milestone", "said_by", "text", "source", "answer", "level", "address", "confidence"}
)
_FILING = frozenset({"ordinal", "area", "topic", "wording", "register_id", "confidence", "cause"})
CORRECTABLE: dict[type[Event], frozenset[str]] = {
    Issued: _FILING | {"kind", "text", "time_limit"},
    FollowUpAssigned: frozenset({"kind", "procedure", "window_from", "window_to", "assignee"}),
    FollowUpChanged: frozenset({"kind", "procedure", "window_from", "window_to", "assignee"}),
    FollowUpReported: frozenset({"finding", "passage", "source"}),
    Section55Responded: frozenset({"answer", "address", "copied_on"}),
    AssuranceRecorded: frozenset({"level"}),
    Closed: frozenset({"source", "superseded_by"}),
    ClosureProposed: frozenset({"source", "second_reader"}),
    TakenOver: frozenset(
        {
            "source",
            "kind",
            "procedure",
            "window_from",
            "window_to",
            "finding",
            "passage",
            "superseded_by",
        }
    ),
    MilestoneNoted: _MILESTONE,
    ReportMilestoneNoted: _MILESTONE,
    TimeLimitChanged: frozenset({"now"}),
    OutcomeNoted: frozenset(
        {"said_by", "text", "source", "reading", "register_status", "reported_in", "confidence"}
    ),
    ReportPublished: frozenset(
        {
            "product",
            "title",
            "address",
            "publisher",
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
    # Only their date is correctable: the rest steers the life cycle, or is about the record.
    **dict.fromkeys(
        (
            OwnerNamed,
            ActionPlanReceived,
            ActionPlanWaived,
            ActionPlanReviewed,
            UpdateReceived,
            ProgressReported,
            CompletionClaimed,
            ClaimReturned,
            ClosureDeclined,
            Reopened,
            DecisionConfirmed,
            Commented,
            *ABOUT_THE_RECORD,
            *REPLIES,
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
    corrected = False
    for entry in history:
        if isinstance(entry.event, Corrected | ReportCorrected):
            fix, corrected = entry.event, True
            amended[fix.step - 1] = _mended(amended[fix.step - 1], fix.field, fix.now)
    return tuple(_with_former_limits(amended) if corrected else amended)


def _with_former_limits(entries: Sequence[Entry[Event]]) -> Iterator[Entry[Event]]:
    """Yield the entries, each change of a time limit naming the limit that it changed.

    An event keeps a copy of the former limit, which a correction of that limit does not reach.
    """
    limit: TimeLimit = "unknown"
    for entry in entries:
        match entry.event:
            case Issued(time_limit=limit):
                yield entry
            case TimeLimitChanged(was=was, now=now) as event:
                yield entry if was == limit else replace(entry, event=replace(event, was=limit))
                limit = now
            case _:
                yield entry


def correctable(entry: Entry[Event]) -> dict[str, Plain]:
    """Return the fields of a step that a correction may change, with their values."""
    fields = sorted(CORRECTABLE[type(entry.event)])
    if isinstance(entry.event, REPLIES):
        return {}  # the parties have read it, and can say more
    return {"on": entry.stamp.on, **{name: _value(entry.event, name) for name in fields}}


def check_correction(history: History, command: Correct, stamp: Stamp) -> None:
    """Raise Refused unless the correction fits the step that it names and its neighbours."""
    number, name = command.step, command.field
    amended = amend(history)
    if number > len(amended):
        raise Refused(f"There is no step {number}. The last step is {len(amended)}.", "/step")
    if number in withdrawn_steps(history):
        raise Refused(f"Step {number} was withdrawn, so that nothing of it can be corrected.")
    entry = amended[number - 1]
    fields = correctable(entry)
    if name not in fields:
        raise Refused(
            f"{name} of step {number} cannot be corrected. "
            f"In that step you can correct: {', '.join(sorted(fields)) or 'nothing'}.",
            "/field",
        )
    was = fields[name]
    if isinstance(was, str):  # recorded before texts were tidied, perhaps
        was = tidy_text(was)
    if was != command.was:
        raise Refused(
            f"{name} of step {number} is recorded as {was!r}, not {command.was!r}.", "/was"
        )
    with at("/now"):  # whichever field of the step it breaks, the new value is the cause
        if was == command.now:
            raise Refused(f"{name} of step {number} is already recorded as {was!r}.")
        try:
            mended = _mended(entry, name, command.now)
        except msgspec.ValidationError as error:
            raise Refused(f"{name} of step {number} cannot be {command.now!r}: {error}.") from None
        if name == "on":
            _check_order(amended, mended, stamp)
        match amended[0].event:
            case Issued(edition=edition) | ReportPublished(edition=edition):
                first = mended if number == 1 else amended[0]
                check_values(mended.event, first.stamp.on, edition)
            case _:
                pass


def _check_order(amended: Sequence[Entry[Event]], mended: Entry[Event], stamp: Stamp) -> None:
    """Raise Refused unless a corrected date stands in order with the other dates of its track."""
    check_date(replace(stamp, on=mended.stamp.on))
    if isinstance(mended.event, ABOUT_THE_RECORD):
        return
    for other in amended:
        if other.step == mended.step or isinstance(other.event, ABOUT_THE_RECORD):
            continue
        before, after = (other, mended) if other.step < mended.step else (mended, other)
        first = before.step == 1
        if not first and not share_track(type(before.event), type(after.event)):
            continue
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
