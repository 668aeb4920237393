"""The grammar of stories: given past events, when an actor gives a command, then the outcome.

A story goes through `decide`, so that permissions, dates and corrections apply.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self, TypeAlias, TypeVar
from uuid import UUID

import msgspec
import pytest

from domain.amendments.correction import amend
from domain.commands.command import Command
from domain.commands.report import IssueTo
from domain.decide import decide
from domain.events.event import Event
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    Closed,
    CompletionClaimed,
    FollowUpAssigned,
    FollowUpReported,
    Issued,
    OutcomeNoted,
)
from domain.events.report import ReportPublished
from domain.history import recommendation_after, report_after, state_of
from domain.recommendation.state import Recommendation
from domain.report import Report
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import end_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind, Kind, Product, Sha256, When
from tests.support.data.examples import INSPECTOR, KENT, NOON, REPORT

TODAY = "2026-01-05"
STREAM = UUID(int=1)

ISSUED = Issued(
    report=report_id(REPORT),
    reference=f"{REPORT}-r01",
    addressee="kent",
    edition="pre-2024",
    kind=Kind.RECOMMENDATION,
    text="Do it.",
    area="leadership",
    time_limit="months:3",
    ordinal=1,
)
PUBLISHED = ReportPublished(
    reference=REPORT,
    addressee="kent",
    product=Product.NCPI,
    edition="pre-2024",
    title="National child protection inspection",
    address="https://example.org/report",
)
PLAN = ActionPlanReceived(1, "act", "Train all officers.")
ACCEPTED = ActionPlanReviewed("accepted")
CHANGES = ActionPlanReviewed("changes_requested", "By when?")
WAIVED = ActionPlanWaived("The finding is small.")
ASSIGNED = FollowUpAssigned(FollowUpKind.MONITORING, "2020")
FOLLOWED_UP = FollowUpReported(Finding.PARTLY_MET, "Half were trained.", "Review of 2023, p. 9")
CLAIMED = CompletionClaimed("All are trained.")
CLOSED = Closed(CloseReason.WITHDRAWN, "The law changed.")
NOTED = OutcomeNoted("kent-o1", "force", "Not all are trained.", "Letter of 2023", "not_improved")
OTHER_RECOMMENDATION = recommendation_id("kent-ncpi-2024-r02")

C = TypeVar("C", bound=Command)

Happened: TypeAlias = tuple[When, Event] | tuple[When, Event, Actor]


def noon(day: str | date) -> datetime:
    """Return noon of a day, the same day in London and in UTC."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(day, time(12), UTC)


def stamped(actor: Actor, on: When, at: datetime = NOON) -> Stamp:
    """Return an actor's stamp."""
    return Stamp(actor.id, actor.role, at, on)


def asking_for(event: Event, kind: type[C], **more: object) -> C:
    """Return the command with the fields of an event, and more."""
    values = msgspec.to_builtins(event)
    fields = {name: values[name] for name in kind.__struct_fields__ if name in values}
    return msgspec.convert({**fields, **more}, kind)


@dataclass(frozen=True)
class Story:
    """The events so far."""

    history: tuple[Entry[Event], ...] = ()

    @property
    def recommendation(self) -> Recommendation:
        """The state of the recommendation, its corrections applied."""
        return recommendation_after(self.history)

    @property
    def report(self) -> Report:
        """The state of the report, its corrections applied."""
        return report_after(self.history)

    def amended(self, step: int) -> Event:
        """Return the event of a step, its corrections applied."""
        return amend(self.history)[step - 1].event

    def also(self, event: Event, stamp: Stamp) -> Self:
        """Return the story with one more event."""
        step = len(self.history) + 1
        return type(self)((*self.history, Entry(STREAM, step, UUID(int=step), stamp, event)))

    def when(
        self,
        command: Command | IssueTo,
        *,
        on: When = TODAY,
        by: Actor = INSPECTOR,
        at: datetime = NOON,
        documents: Collection[Sha256] = (),
    ) -> "Attempt":
        """Return the attempt of an actor to give a command; `documents` are those stored."""
        return Attempt(self, command, by, stamped(by, on, at), documents)


@dataclass(frozen=True)
class Attempt:
    """A command given in a story, not yet decided."""

    story: Story
    command: Command | IssueTo
    actor: Actor
    stamp: Stamp
    documents: Collection[Sha256] = ()

    def then(self, *events: Event) -> Story:
        """Assert that these events follow; return the story after them."""
        assert self.answer() == events
        return self.done()

    def done(self) -> Story:
        """Return the story after the events that follow."""
        story = self.story
        for event in self.answer():
            story = story.also(event, self.stamp)
        return story

    def refused(self, words: str) -> None:
        """Assert that it is refused, in these words."""
        self._fails(Refused, words)

    def forbidden(self, words: str) -> None:
        """Assert that the role may not do this."""
        self._fails(Forbidden, words)

    def absent(self, words: str) -> None:
        """Assert that the stream is missing, as far as the actor may know."""
        self._fails(NotFound, words)

    def answer(self) -> tuple[Event, ...]:
        """Return the events that follow from the command."""
        return decide(
            self.command, self.story.history, self.stamp, self.actor, documents=self.documents
        )

    def _fails(self, kind: type[Exception], words: str) -> None:
        with pytest.raises(kind) as failure:
            self.answer()
        assert says(str(failure.value), words)


def standing(entries: Sequence[Entry[Event]]) -> Recommendation:
    """Return the state of a recommendation after some steps in the order of their days."""
    state = state_of(entries)
    return state if isinstance(state, Recommendation) else Recommendation()


def says(message: str, words: str) -> bool:
    """Return whether a message has these words; a final ellipsis stands for any ending."""
    return message.startswith(words[:-1]) if words.endswith("…") else message == words


def given(*happened: Happened) -> Story:
    """Return a story of these events, each recorded on the last day of its date."""
    story, at = Story(), noon("2022-08-06")
    for on, event, *actor in happened:
        if on != "unknown":
            at = max(at, noon(end_of(on)))
        story = story.also(event, stamped(actor[0] if actor else INSPECTOR, on, at))
    return story


issued = given(("2022-08-05", ISSUED))
planned = given(("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT))
accepted = given(("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT), ("2022-10-03", ACCEPTED))
waived = given(("2022-08-05", ISSUED), ("2022-09-01", WAIVED))
assigned = given(("2022-08-05", ISSUED), ("2022-09-01", WAIVED), ("2022-10-10", ASSIGNED))
followed_up = given(
    ("2022-08-05", ISSUED),
    ("2022-09-01", WAIVED),
    ("2022-10-10", ASSIGNED),
    ("2023-05-16", FOLLOWED_UP),
)
claimed = given(("2022-08-05", ISSUED), ("2022-11-01", CLAIMED, KENT))
closed = given(("2022-08-05", ISSUED), ("2023-06-01", CLOSED))
published = given(("2022-08-05", PUBLISHED))
