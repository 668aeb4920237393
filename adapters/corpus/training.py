"""The training example: an invented report to a training force, and its follow-up.

Each step is taken by an actor with the role for it, and recorded by the same rules as any other.
"""

from collections import Counter
from collections.abc import Callable
from importlib.resources import files

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.commands.command import Command
from domain.vocabulary.actors import Actor
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Reference, When


class TrainingStep(Struct, frozen=True, forbid_unknown_fields=True, rename={"actor": "as"}):
    """A command to a report or recommendation, its actor, and the date it takes effect."""

    actor: Actor
    on: When
    stream: Reference
    command: Command


def script() -> tuple[TrainingStep, ...]:
    """Return the steps of the example, in order; the first publishes its report."""
    text = (files("adapters.corpus") / "data" / "training.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[TrainingStep, ...])


def submissions() -> tuple[tuple[Submission, Actor], ...]:
    """Return the steps as submissions; each expects the steps before it, and no others."""
    steps = script()
    published = steps[0].stream
    taken: Counter[Reference] = Counter()
    result: list[tuple[Submission, Actor]] = []
    for step in steps:
        of_report = step.stream == published
        stream = report_id(step.stream) if of_report else recommendation_id(step.stream)
        before = taken[step.stream] + (0 if of_report else 1)  # the report issued it
        result.append((Submission(stream, replace(step.command, on=step.on), before), step.actor))
        taken[step.stream] += 1
    return tuple(result)


def play(ledger: Ledger, progress: Callable[[int, int], None]) -> int:
    """Record the steps that are not on record yet; return how many those were.

    A stream that is long enough already has a step, so a run that was stopped goes on where it
    stopped. `progress` is called with the number of steps done and their total.
    """
    steps = submissions()
    on_record = ledger.histories({submission.stream for submission, _ in steps})
    recorded = 0
    for number, (submission, actor) in enumerate(steps, 1):
        if len(on_record[submission.stream]) <= (submission.expected_step or 0):
            ledger.submit([submission], actor)
            recorded += 1
        progress(number, len(steps))
    return recorded
