"""Recording the training world: an invented report to a training force, and six further forces.

Each step is taken by an actor with the role for it, and recorded by the same rules as any other.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.clock import now
from adapters.corpus.training.lives import TrainingStep
from adapters.corpus.training.world import DATA, steps
from adapters.documents import store
from adapters.documents.media_types import detect_media
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.commands.report import PublishReport
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Reference


class TrainingSubmission(Struct, frozen=True):
    """A step as a submission, with its actor and the documents to store before it."""

    submission: Submission
    actor: Actor
    files: tuple[bytes, ...]


def example() -> tuple[TrainingStep, ...]:
    """Return the steps of the first example, in order; the first publishes its report."""
    text = (DATA / "example.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[TrainingStep, ...])


def script() -> tuple[TrainingStep, ...]:
    """Return every step: those of the first example, then those of the world."""
    return (*example(), *steps())


@cache
def submissions() -> tuple[TrainingSubmission, ...]:
    """Return the steps as submissions; each expects the steps before it, and no others."""
    reports: set[Reference] = set()
    taken: Counter[Reference] = Counter()
    result: list[TrainingSubmission] = []
    for step in script():
        if isinstance(step.command, PublishReport):
            reports.add(step.stream)
        of_report = step.stream in reports
        stream = report_id(step.stream) if of_report else recommendation_id(step.stream)
        before = taken[step.stream] + (0 if of_report else 1)  # the report issued it
        submission = Submission(stream, replace(step.command, on=step.on), before)
        result.append(TrainingSubmission(submission, step.actor, step.files))
        taken[step.stream] += 1
    return tuple(result)


def play(ledger: Ledger, progress: Callable[[int, int], None]) -> int:
    """Record the steps that are not on record yet; return how many those were.

    A stream that is long enough already has a step, so a run that was stopped goes on where it
    stopped. A stream in which somebody else recorded steps, so that the rules refuse the next one,
    is left as it is. `progress` is called with the number of steps done and their total.
    """
    every = submissions()
    on_record = ledger.histories({step.submission.stream for step in every})
    recorded, left = 0, set[UUID]()
    for number, step in enumerate(every, 1):
        stream = step.submission.stream
        if stream not in left and len(on_record[stream]) <= (step.submission.expected_step or 0):
            for content in step.files:
                described = store.describe(content, detect_media(content))
                ledger.rows.run(store.put(stream, described, content, step.actor.id, now()))
            try:
                ledger.submit([step.submission], step.actor)
                recorded += 1
            except Refused:
                left.add(stream)
        progress(number, len(every))
    return recorded
