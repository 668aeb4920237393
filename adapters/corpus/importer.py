"""Taking a corpus in: all of it or nothing, and a second time changes nothing.

What is on record already is held against the file as it was first recorded, its private notes
aside; what differs is named, to be corrected where it is.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from adapters.corpus.reading import Corpus, Step, in_order, refusal
from adapters.corpus.record import Named, differences, name_of, streams_of
from adapters.corpus.sheets import BadRows, Problem
from adapters.ledger.draft import Draft
from adapters.ledger.ledger import Ledger
from adapters.ledger.submit import Submission
from domain.commands.report import PublishReport
from domain.events.event import Event
from domain.events.recommendation import Closed, Issued, OutcomeNoted, Reopened
from domain.events.report import AreaNoted, ReportOutcomeNoted, ReportPublished
from domain.history import recommendation_after
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Forbidden, NotFound, Refused

History = Sequence[Entry[Event]]


class Imported(Struct, frozen=True):
    """What was taken in, or would be: the new ones of each kind, and the rows that were there.

    `position` is the last one that the corpus has in the ledger, 0 if there is none.
    """

    reports: int
    recommendations: int
    areas: int
    outcomes: int
    closed: int
    reopened: int
    unchanged: int
    position: int

    def __str__(self) -> str:
        """One line for a terminal."""
        return (
            f"{self.reports} reports, {self.recommendations} recommendations, "
            f"{self.areas} areas to improve, {self.outcomes} outcomes, {self.closed} closed, "
            f"{self.reopened} reopened; {self.unchanged} rows were on record already"
        )


def load(
    ledger: Ledger,
    corpus: Corpus,
    actor: Actor,
    *,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> Imported:
    """Take in what is new in a corpus, in one submit; a dry run only says what it would be.

    `progress` is called with the steps done and their number. Raises BadRows with every row
    that is on record with other content, or that the rules refuse on top of the record.
    """
    at = datetime.now(UTC)
    histories = ledger.histories(streams_of(corpus.steps))
    plan = _Plan(histories, Draft(at, histories), actor)
    total = len(corpus.steps) + 1
    for number, step in enumerate(corpus.steps):
        progress(number, total)
        plan.take(step)
    if plan.problems:
        raise BadRows(in_order(plan.problems))
    position = plan.position
    if plan.requests and not dry_run:
        position = ledger.submit(plan.requests, actor).position
    progress(total, total)
    return Imported(
        reports=plan.new[ReportPublished],
        recommendations=plan.new[Issued],
        areas=plan.new[AreaNoted],
        outcomes=plan.new[OutcomeNoted] + plan.new[ReportOutcomeNoted],
        closed=plan.new[Closed],
        reopened=plan.new[Reopened],
        unchanged=plan.unchanged,
        position=position,
    )


class _Plan:
    """What is to be asked of the ledger, and what stands against it."""

    def __init__(self, histories: Mapping[UUID, History], rehearsal: Draft, actor: Actor) -> None:
        self._rehearsal, self._who = rehearsal, actor
        self._steps = {stream: len(history) for stream, history in histories.items() if history}
        self._recorded = {
            name_of(entry.event): entry
            for history in histories.values()
            for entry in history
            if isinstance(entry.event, Named)
        }
        self._new_here: set[UUID] = set()
        self._row_was_asked = False
        self.requests: list[Submission] = []
        self.problems: list[Problem] = []
        self.new: Counter[type[Event]] = Counter()
        self.unchanged = 0
        self.position = 0

    def take(self, step: Step) -> None:
        """Compare a step with the record, or add it to what is asked."""
        event = step.entry.event
        if not isinstance(event, Named):
            if self._row_was_asked and self._fits(step):
                self._ask(step)
        elif recorded := self._recorded.get(name_of(event)):
            self._row_was_asked = False
            self._compare(step, recorded)
        else:
            self._row_was_asked = self._ask(step)

    def _fits(self, step: Step) -> bool:
        """Whether a closure or reopening that a status implies still has something to change."""
        standing = recommendation_after(self._rehearsal.history(step.stream))
        return standing.open == isinstance(step.entry.event, Closed)

    def _ask(self, step: Step) -> bool:
        command, event = step.command, step.entry.event
        nested = isinstance(event, Issued) and step.stream in self._new_here
        if isinstance(command, PublishReport):
            command = replace(command, recommendations=())
        try:
            self._rehearsal.put(step.stream, command, self._who)
        except (Refused, NotFound, Forbidden) as why:
            self.problems.append(refusal(step.file, step.line, why))
            return False
        self.new[type(event)] += 1
        if isinstance(event, ReportPublished):
            self._new_here.add(step.stream)
        if not nested:
            expected = self._steps.pop(step.stream, None)
            self.requests.append(Submission(step.stream, step.command, expected))
        return True

    def _compare(self, step: Step, recorded: Entry[Event]) -> None:
        different = list(differences(step, recorded))
        self.problems.extend(different)
        self.unchanged += not different
        self.position = max(self.position, recorded.position)
