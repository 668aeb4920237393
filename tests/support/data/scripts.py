"""Random scripts of commands, made from the commands' own types, and the histories they leave.

The alphabets are small, so that many commands are accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias, cast, get_args
from uuid import UUID

import msgspec
from hypothesis import strategies as some
from msgspec import inspect
from msgspec.structs import replace

from domain.access.permissions import COMMANDS
from domain.amendments.correction import CORRECTABLE, amend
from domain.commands.command import Command
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    AssignFollowUp,
    ReceiveActionPlan,
    RecommendationCommand,
    ReportFollowUp,
    ReviewActionPlan,
    Withdraw,
)
from domain.commands.report import IssueTo, NoteArea, NoteReportOutcome
from domain.decide import decide
from domain.events.event import Event, History
from domain.events.recommendation import WithdrawalRequested
from domain.history import state_after
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Plain, When
from tests.support.data.examples import REPORT, issue, publish
from tests.support.data.stories import noon

STREAM = UUID(int=1)
BEGIN = noon("2022-08-31")
TURNS_MIN, TURNS_MAX = 12, 40
ACTORS = ("anna", "ben")
DATES = ("2022-08-05", "2022-08-31", "2022-09-14", "2022-08", "2022", "unknown", "2022-02-30")
LIMITS = ("immediate", "months:3", "months:6", "date:2022-10-01", "date:2022-02-30", "none")
AREAS = ("leadership", "investigation", "partnership")
NOTES = ("remark", "reason", "comment", "evidence", "content", "explanation", "why")
WORDS: dict[str, tuple[str, ...]] = {
    "addressee": ("kent",),
    "area": AREAS,
    "assignee": ACTORS,
    "second_reader": ACTORS,
    "copied_on": DATES,
    "field": NOTES,
    "force": ("kent",),
    "fieldwork_from": DATES,
    "fieldwork_to": DATES,
    "follows": (REPORT,),
    "now": LIMITS,
    "on": DATES,
    "page_date": DATES,
    "reference": (REPORT,),
    "reported_in": (REPORT,),
    "time_limit": LIMITS,
    "topic": ("missing_children",),
    "window_from": DATES,
    "window_to": DATES,
}
"""Alphabets of the fields whose types are too general."""
STEPS_NAMED = ((2,), (3,), (4,), (5,), (6,), (2, 3), (4, 5))
ANYTHING: tuple[Plain, ...] = (None, 0, 1, 2, True, False, "Words.", "met", "assured", "good")


@dataclass(frozen=True)
class Mend:
    """A correction that states the value on record at that time."""

    step: int
    field: int
    now: int


@dataclass(frozen=True)
class Turn:
    """A command some hours later, effective some days earlier, at some precision."""

    command: Command | Mend
    actor: str
    role: int
    hours: int
    days_back: int
    digits: int | None

    def on(self, at: datetime) -> When:
        """Return the effective date if the command is given at that moment."""
        day = day_of(at) - timedelta(days=self.days_back)
        return "unknown" if self.digits is None else day.isoformat()[: self.digits]


@dataclass(frozen=True)
class Answer:
    """A command on a history, its events or None if refused, and the history after it."""

    command: Command | IssueTo
    stamp: Stamp
    actor: Actor
    before: tuple[Entry[Event], ...]
    events: tuple[Event, ...] | None
    since: tuple[Entry[Event], ...]


@dataclass
class Played:
    """The history that a script leaves, and every answer on the way."""

    history: list[Entry[Event]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def put(self, command: Command | IssueTo, stamp: Stamp, actor: Actor) -> None:
        """Give a command; keep its events, if it is not refused."""
        before = tuple(self.history)
        events = outcome(command, self.history, stamp, actor)
        since = tuple(self.history)
        self.answers.append(Answer(command, stamp, actor, before, events, since))
        for event in events or ():
            step = len(self.history) + 1
            self.history.append(Entry(STREAM, step, UUID(int=step), stamp, event))


def outcome(
    command: Command | IssueTo, history: History, stamp: Stamp, actor: Actor, *, known: bool = False
) -> tuple[Event, ...] | None:
    """Return the events of a command, or None if refused; `known` passes the state along."""
    try:
        state = state_after(history) if known else None
        return decide(command, history, stamp, actor, state=state)
    except (Refused, Forbidden, NotFound):
        return None


Script: TypeAlias = tuple[Command | IssueTo, When, Role, list[Turn]]


def play(script: Script) -> Played:
    """Play the beginning of a script, and each turn after it."""
    begin, on, role, turns = script
    played, at = Played(), BEGIN
    played.put(begin, Stamp("anna", role, at, on), Actor("anna", role))
    for turn in turns:
        at += timedelta(hours=turn.hours)
        command = turn.command
        if isinstance(command, Mend):
            command = correct(command, amend(played.history))
        command = aimed(command, played.history)
        roles = sorted(COMMANDS[type(command)])
        by, role = turn.actor, roles[turn.role % len(roles)]
        if isinstance(command, Withdraw) and turn.role and played.history:
            author = played.history[command.steps[-1] - 1].stamp
            by, role = author.by, author.role
        played.put(command, Stamp(by, role, at, turn.on(at)), Actor(by, role, "kent"))
    return played


def aimed(command: Command, history: History) -> Command:
    """Return a withdrawal of steps counted from the last, or an agreement to the last request."""
    if isinstance(command, Withdraw):
        steps = {max(len(history) - step + 2, 1) for step in command.steps}
        return replace(command, steps=tuple(sorted(steps)))
    requests = [e.step for e in history if isinstance(e.event, WithdrawalRequested)]
    if isinstance(command, AgreeToWithdrawal) and requests:
        return replace(command, request=requests[-1])
    return command


def correct(mend: Mend, amended: tuple[Entry[Event], ...]) -> Correct:
    """Return a correction of an existing step, in one of its fields."""
    entry = amended[mend.step % len(amended)]
    names = ["on", *sorted(CORRECTABLE.get(type(entry.event), ()))]
    name = names[mend.field % len(names)]
    words = (*WORDS.get(name, ()), *ANYTHING)
    now = words[mend.now % len(words)]
    return Correct(step=entry.step, field=name, was=value(entry, name), now=now, why="Typing.")


def value(entry: Entry[Event], path: str) -> Plain:
    """Return the value of an entry's field."""
    if path == "on":
        return entry.stamp.on
    part = msgspec.to_builtins(entry.event)
    for name in path.split("."):
        part = part[name]
    return cast("Plain", part)


def words_of(kind: inspect.Type, name: str) -> Sequence[object]:
    """Return values of a field, from its type or, if that is too general, its name."""
    values: Sequence[object] = WORDS.get(name, ("Words.",))
    match kind:
        case inspect.UnionType(types=kinds):
            values = [word for member in kinds for word in words_of(member, name)]
        case inspect.Metadata(type=inner):
            values = words_of(inner, name)
        case inspect.LiteralType(values=words) if name not in WORDS:
            values = words
        case inspect.EnumType(cls=cls):
            values = [*cls]
        case inspect.NoneType():
            values = (None,)
        case inspect.IntType():
            values = range(1, 7)
        case inspect.UUIDType():
            values = (UUID(int=2),)
        case inspect.VarTupleType():
            values = STEPS_NAMED if name == "steps" else ((),)
        case _:
            pass
    return values


def commands(kind: type[Command]) -> some.SearchStrategy[Command]:
    """Return a strategy for commands of one kind, of any day."""
    fields = {
        attribute.name: some.sampled_from(
            words_of(inspect.type_info(attribute.type), attribute.name)
        )
        for attribute in msgspec.structs.fields(kind)
        if attribute.name != "on"
    }
    return some.builds(kind, **fields)


def turns(*kinds: type[Command]) -> some.SearchStrategy[list[Turn]]:
    """Return a strategy for lists of turns with these kinds of commands and corrections."""
    indexes = some.integers(0, TURNS_MAX)
    commands_or_mends: list[some.SearchStrategy[Command | Mend]] = [
        *map(commands, kinds),
        *[some.builds(Mend, indexes, indexes, indexes)] * (len(kinds) // 4 + 1),
    ]
    return some.lists(
        some.builds(
            Turn,
            command=some.sampled_from(commands_or_mends).flatmap(lambda command: command),
            actor=some.sampled_from(ACTORS),
            role=some.integers(0, 2),
            hours=some.integers(0, 20 * 24),
            days_back=some.sampled_from((0, 0, 0, 0, 1, 10, 40)),
            digits=some.sampled_from((10, 10, 10, 7, 4, None)),
        ),
        min_size=TURNS_MIN,
        max_size=TURNS_MAX,
    )


PLANNING = (ReceiveActionPlan, ReviewActionPlan, AssignFollowUp, ReportFollowUp)
STEPS = tuple(kind for kind in get_args(RecommendationCommand) if kind is not Correct)
BEGUN_ON = some.sampled_from(("2022-08-05", "2022-08", "2022", "unknown"))
BEGUN_BY = some.sampled_from((Role.INSPECTOR, Role.IMPORTER))
ISSUE_TO = [
    IssueTo(report_id(REPORT), "pre-2024", "kent", f"{REPORT}-r01", issue(time_limit=limit))
    for limit in ("months:3", "immediate", "unknown")
]

of_recommendations: some.SearchStrategy[Played] = some.tuples(
    some.sampled_from(ISSUE_TO),
    BEGUN_ON,
    BEGUN_BY,
    turns(*PLANNING, *PLANNING, *PLANNING, *STEPS, Withdraw, Withdraw, AgreeToWithdrawal),
).map(play)
of_reports: some.SearchStrategy[Played] = some.tuples(
    some.just(publish()),
    BEGUN_ON,
    BEGUN_BY,
    turns(
        *(NoteArea, NoteReportOutcome, RequestRedaction, ApproveRedaction),
        *(RequestSuppression, ApproveSuppression),
    ),
).map(play)
of_either = some.one_of(of_recommendations, of_recommendations, of_reports)
