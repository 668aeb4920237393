"""A worked example: one invented report to a training force, and the whole life that follows.

Each step is taken by somebody with the role for it, and recorded by the same rules as any other.
"""

from collections import Counter
from collections.abc import Callable
from importlib.resources import files

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.ledger import Ledger
from adapters.ledger.submit import Submission
from domain.commands.command import Command
from domain.vocabulary.actors import Actor
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Reference, When


class TrainingStep(Struct, frozen=True, forbid_unknown_fields=True, rename={"actor": "as"}):
    """Who asks what, of which report or recommendation, with effect from when."""

    actor: Actor
    on: When
    stream: Reference
    command: Command


def script() -> tuple[TrainingStep, ...]:
    """The steps of the example, in order; the first one publishes its report."""
    text = (files("adapters.corpus") / "data" / "training.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[TrainingStep, ...])


def requests() -> tuple[tuple[Submission, Actor], ...]:
    """The steps as the ledger takes them; each expects the ones before it, and no others."""
    steps = script()
    published = steps[0].stream
    taken: Counter[Reference] = Counter()
    asked: list[tuple[Submission, Actor]] = []
    for step in steps:
        of_report = step.stream == published
        stream = report_id(step.stream) if of_report else recommendation_id(step.stream)
        before = taken[step.stream] + (0 if of_report else 1)  # the report issued it
        asked.append((Submission(stream, replace(step.command, on=step.on), before), step.actor))
        taken[step.stream] += 1
    return tuple(asked)


def play(ledger: Ledger, progress: Callable[[int, int], None]) -> int:
    """Record the steps that are not on record yet; say how many those were.

    A stream that is long enough is past a step, so that a run that was stopped goes on where it
    stopped. `progress` is called with the steps done and their number.
    """
    asked = requests()
    on_record = ledger.histories({request.stream for request, _ in asked})
    recorded = 0
    for number, (request, actor) in enumerate(asked, 1):
        if len(on_record[request.stream]) <= (request.expected_step or 0):
            ledger.submit([request], actor)
            recorded += 1
        progress(number, len(asked))
    return recorded
