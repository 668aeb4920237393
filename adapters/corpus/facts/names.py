"""The names of the rows that a stream's entries are, or would be, in the import's files.

An entry that an import made is named as its row was. Any other is named by its stream and its step,
so that a name is of the same entry for ever.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Final, cast

from msgspec import Struct

from adapters.corpus.rows import OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS
from domain.access.published import UNPUBLISHED
from domain.amendments.withdrawal import withdrawn_steps
from domain.checks import REDACTED, REPLIES, SUPPRESSED
from domain.events.event import Event, History
from domain.events.recommendation import (
    ClosureDeclined,
    ClosureProposed,
    Corrected,
    DecisionConfirmed,
    Issued,
    MilestoneNoted,
    OutcomeNoted,
    OwnerNamed,
    Withdrawn,
)
from domain.events.report import (
    AreaNoted,
    ReportCorrected,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportPublished,
)
from domain.history import recommendation_after
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Reference

ABSENT: Final = (*UNPUBLISHED, *REDACTED, *SUPPRESSED, *REPLIES, DecisionConfirmed)
"""Events that no file has: those that nobody is shown, removals, which texts show, and replies.

A file holds what is published elsewhere; a dispute is between those who use this service.
"""
UNSHOWN: Final = (OwnerNamed, ClosureProposed, ClosureDeclined)
"""Events that no public answer shows, but that they may take a recommendation over."""
PRIVATE_FIELDS = frozenset({"assignee", "procedure", "second_reader", "window_from", "window_to"})
"""Fields of steps that no public answer shows, besides their notes."""
_REFERENCE_MAX = 90
NOTED: Final = (OutcomeNoted, MilestoneNoted, AreaNoted, ReportOutcomeNoted, ReportMilestoneNoted)
"""Events with a reference of their own, besides the first of a stream."""
_FILES: dict[type[Event], str] = {
    ReportPublished: PRODUCTS,
    Issued: RECOMMENDATIONS,
    AreaNoted: RECOMMENDATIONS,
    OutcomeNoted: OUTCOMES,
    ReportOutcomeNoted: OUTCOMES,
}


class NamedEntry(Struct, frozen=True):
    """An entry that the files hold, with its file, its name there, and the names it refers to.

    `shown` is false if no public answer shows it: it is there since a public answer counts it.
    """

    entry: Entry[Event]
    file: str
    name: Reference
    about: tuple[Reference, ...] = ()
    shown: bool = True


def named_entries(history: History, *, imported: bool = False) -> Iterator[NamedEntry]:
    """Yield the entries of a report or recommendation that the files hold, in order.

    Those that were withdrawn are all among them, since withdrawals are counted. Nothing tells of an
    entry that no public answer shows. With `imported`, those too that an import made of a row,
    whatever they are, with every name that their rows referred to.
    """
    withdrawn = withdrawn_steps(history)
    names: dict[int, Reference] = {}
    shown_names: dict[int, Reference] = {}
    used: set[Reference] = set()
    for entry in history:
        shown = _is_shown(entry, history, shown_names)
        held = shown or entry.step in withdrawn
        if not (held or entry.stamp.origin):
            continue
        name = _own_name(entry) or _derived(next(iter(names.values())), entry)
        while name in used and not entry.stamp.origin:
            name += "-again"
        names[entry.step] = name
        used.add(name)
        if shown:
            shown_names[entry.step] = name
        if held or imported:
            all_count = imported or isinstance(entry.event, Withdrawn)
            about = _about(entry.event, names if all_count else shown_names)
            yield NamedEntry(entry, file_of(entry.event), name, about, shown)


def _is_shown(entry: Entry[Event], history: History, before: Container[int]) -> bool:
    """Return whether a public answer shows an entry; `before` are the earlier steps shown."""
    match entry.event:
        case Corrected(step=step) | ReportCorrected(step=step) as event:
            # Both values are a notice once a text that was replaced by another is suppressed.
            private = event.field in PRIVATE_FIELDS or event.was == event.now
            return step in before and not private
        case event if isinstance(event, UNSHOWN):
            return entry.step == _taken_over_by(history)
        case event:
            return not isinstance(event, ABSENT)


def _taken_over_by(history: History) -> int:
    """Return the step by which a recommendation from published sources was taken over, or 0."""
    first = recommendation_after(history).taken_over
    return first.step if first else 0


def file_of(event: Event) -> str:
    """Return the file that has the row of an event."""
    return _FILES.get(type(event), STEPS)


def steps_named(history: History, names: tuple[Reference, ...]) -> tuple[int, ...]:
    """Return the steps of a stream that rows name. Raises Refused if a name is not of one step."""
    steps: dict[Reference, list[int]] = {}
    for row in named_entries(history, imported=True):
        steps.setdefault(row.name, []).append(row.entry.step)
    for name in names:
        if len(steps.get(name, ())) != 1:
            many = "no" if name not in steps else "more than one"
            raise Refused(f"{name} is the name of {many} earlier row about the same.", "/about")
    return tuple(steps[name][0] for name in names)


def _about(event: Event, names: Mapping[int, Reference]) -> tuple[Reference, ...]:
    """Return the rows that an event is about, of those that have a name."""
    steps: tuple[int, ...]
    match event:
        case Corrected(step=step) | ReportCorrected(step=step):
            steps = (step,)
        case Withdrawn(steps=withdrawn):
            steps = withdrawn
        case _:
            proposal = cast("int | None", getattr(event, "proposal", None))
            steps = () if proposal is None else (proposal,)
    return tuple(names[step] for step in steps if step in names)


def _own_name(entry: Entry[Event]) -> Reference:
    """Return the name that an entry brings, or an empty one."""
    event = entry.event
    if isinstance(event, ReportPublished | Issued):
        return event.reference
    if entry.stamp.origin:
        return entry.stamp.origin.row
    if isinstance(event, NOTED) and entry.stamp.role is Role.IMPORTER:
        return event.reference
    return ""


def _derived(reference: Reference, entry: Entry[Event]) -> Reference:
    name = f"{reference}-step-{entry.step}"
    return name if len(name) <= _REFERENCE_MAX else f"{entry.stream.hex}-step-{entry.step}"
