"""Import of a corpus: all of it or nothing, and a second time changes nothing.

A row that is on record already is compared with its entry as first recorded, private notes
aside; a difference is named, to be corrected on the record.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from adapters.clock import now
from adapters.corpus.facts.kinds import BY_COMMAND
from adapters.corpus.facts.life import about_steps
from adapters.corpus.facts.names import steps_named
from adapters.corpus.reading import Corpus, CorpusStep, uncollected
from adapters.corpus.record import differences, recorded_rows, streams_of
from adapters.corpus.rows import FILES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.corpus.sheets import BadRows, RowProblem
from adapters.ledger.draft import Draft
from adapters.ledger.ledger import Ledger
from domain.commands.command import Command
from domain.commands.recommendation import Close, NoteOutcome, Reopen
from domain.commands.report import Issue, NoteArea, NoteReportOutcome, PublishReport
from domain.commands.tidy import tidied
from domain.events.event import Event
from domain.history import recommendation_after
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import RuleError

ATTEMPTS = 5
"""The most times an import is decided because others recorded steps of its streams first."""
HOLD_SECONDS, HOLD_SECONDS_MAX = 8.0, 600.0
"""How long other commands may have to wait for an import, unless its caller says, and at most.

They wait for ten seconds before they give up.
"""
IMPORTER = Actor("import", Role.IMPORTER)


class Imported(Struct, frozen=True):
    """Counts of an import or dry run: new rows by kind, and unchanged ones.

    `milestones` are the rows of steps.csv, `unchanged` the rows on record already. `position` is
    the last one that the corpus has in the ledger, 0 if there is none.
    """

    reports: int
    recommendations: int
    areas: int
    outcomes: int
    milestones: int
    closed: int
    reopened: int
    unchanged: int
    position: int

    def __str__(self) -> str:
        """One line for a terminal."""
        return (
            f"{self.reports} reports, {self.recommendations} recommendations, "
            f"{self.areas} areas to improve, {self.outcomes} outcomes, "
            f"{self.milestones} steps of a life, {self.closed} closed, "
            f"{self.reopened} reopened; {self.unchanged} rows were on record already"
        )


@uncollected()
def load(
    ledger: Ledger,
    corpus: Corpus,
    actor: Actor,
    *,
    dry_run: bool,
    progress: Callable[[int, int], None],
    hold: float = HOLD_SECONDS,
) -> Imported:
    """Record the new rows of a corpus, all or nothing; a dry run only counts.

    `progress` is called with the number of rows done and their total. They are decided again if
    others recorded steps of the same streams meanwhile. Nothing is held up until all are decided;
    then other commands wait for `hold` seconds at most. Raises BadRows as `rehearse` does, and for
    a reference that leads nowhere; HeldTooLong, and RetriesExhausted.
    """
    rehearsals: list[Rehearsal] = []

    def decide(at: datetime) -> Draft:
        rehearsals.clear()
        histories = ledger.histories(streams_of(corpus.steps))
        rehearsals.append(rehearse(corpus, histories, at, actor, progress))
        return rehearsals[-1].draft

    if dry_run:
        decide(now())
        position = rehearsals[-1].position
    else:
        try:
            recorded = ledger.record(decide, attempts=ATTEMPTS, seconds=hold)
        except RuleError as refusal:
            step = rehearsals[-1].rows[refusal.number or 0]
            raise BadRows((_problem(step, refusal),)) from None
        position = recorded or rehearsals[-1].position
    rehearsal = rehearsals[-1]
    total = len(corpus.steps) + 1
    progress(total, total)
    new = rehearsal.new
    return Imported(
        reports=new[PublishReport],
        recommendations=new[Issue],
        areas=new[NoteArea],
        outcomes=new[NoteOutcome] + new[NoteReportOutcome],
        milestones=rehearsal.new_steps,
        closed=new[Close],
        reopened=new[Reopen],
        unchanged=rehearsal.unchanged,
        position=position,
    )


def rehearse(
    corpus: Corpus,
    histories: Mapping[UUID, Sequence[Entry[Event]]],
    at: datetime,
    actor: Actor,
    progress: Callable[[int, int], None],
) -> "Rehearsal":
    """Decide a corpus on top of the record without recording anything.

    Raises BadRows with every problem of the corpus, every row that is on record with other
    content, and every row that the rules refuse.
    """
    rehearsal = Rehearsal(histories, at, actor)
    for number, step in enumerate(corpus.steps):
        progress(number, len(corpus.steps) + 1)
        rehearsal.take(step)
    if problems := (*corpus.problems, *rehearsal.problems):
        raise BadRows(tuple(sorted(problems, key=lambda p: (FILES.index(p.file), p.line))))
    return rehearsal


class Rehearsal:
    """An import decided in memory: the entries to record, and the problems in their way."""

    def __init__(
        self, histories: Mapping[UUID, Sequence[Entry[Event]]], at: datetime, actor: Actor
    ) -> None:
        self._actor = actor
        self._recorded = recorded_rows(histories.values())
        self.draft = Draft(at, histories)
        self.rows: list[CorpusStep] = []
        """The row of each entry that the draft adds."""
        self.problems: list[RowProblem] = []
        self.new: Counter[type[Command]] = Counter()
        self.new_steps = 0
        self.unchanged = 0
        self.position = 0

    def take(self, step: CorpusStep) -> None:
        """Compare a row with the record, or decide it if it is not there."""
        if recorded := self._recorded.get((step.file, step.reference)):
            problems = list(differences(step, recorded))
            self.problems.extend(problems)
            self.unchanged += not problems
            self.position = max(self.position, recorded.entry.position)
        elif self._decide(step, step.command) and step.consequence:
            state = recommendation_after(self.draft.history(step.stream))
            if state.may_be_open == isinstance(step.consequence, Close):  # else it changes nothing
                self._decide(step, step.consequence)

    def _decide(self, step: CorpusStep, command: Command) -> bool:
        """Return whether the rules accept a command.

        A refusal leaves the draft as it was, since each of these commands adds a single entry.
        """
        if not (isinstance(command, PublishReport) or self.draft.history(step.stream)):
            return False  # the row that would begin the stream is bad, and named as such
        origin = step.origin if command is step.command else None
        try:
            if step.about:
                steps = steps_named(self.draft.history(step.stream), step.about)
                command = about_steps(command, steps)
            added = self.draft.put(step.stream, tidied(command), self._actor, origin)
        except RuleError as refusal:
            self.problems.append(_problem(step, refusal))
            return False
        self.new[type(command)] += 1
        self.new_steps += step.file == STEPS
        self.rows += [step] * len(added)
        return True


def _problem(step: CorpusStep, refusal: RuleError) -> RowProblem:
    """Return the problem of a row that is right by itself, but refused."""
    column = {PRODUCTS: "first_published", RECOMMENDATIONS: "product_id"}.get(step.file, "date")
    if kind := BY_COMMAND.get(type(step.command)):
        place = refusal.place.removeprefix("/")
        column = {**kind.columns, "about": "about"}.get(place, column)
    allowed = "a value that the rules accept after the earlier steps"
    return RowProblem(step.file, step.line, column, str(refusal), allowed)
