"""A checker of linearizability (Wing and Gong; Lowe), for streams that only grow.

Each stream is checked alone, which suffices: linearizability is local (Herlihy and Wing 1990). Its
state is its last step. An append names the step that it expects, like compare-and-set.
"""

from collections.abc import Sequence
from math import inf
from typing import Literal

from msgspec import Struct


class Operation(Struct, frozen=True):
    """One operation on a stream, as its caller saw it; times are of one monotonic clock."""

    stream: str
    kind: Literal["read", "append"]
    step: int
    """The step that a read returned, or that an append expected."""
    outcome: Literal["done", "conflict", "unknown"]
    """Unknown: no answer came, and the append may take effect at any later time, or never."""
    called: float
    returned: float
    """When the answer came; infinite if none did."""


def is_linearizable(operations: Sequence[Operation], first: int) -> bool:
    """Return whether one order explains all operations of a stream that begins at step `first`."""
    ordered = sorted(operations, key=lambda operation: operation.called)
    required = sum(operation.outcome != "unknown" for operation in ordered)
    seen: set[tuple[int, int, int]] = set()
    pending = [(0, 0, first, required)]
    while pending:
        low, done, step, left = pending.pop()
        while done & 1:  # what lies before `low` is done; `done` has a bit for each after it
            low, done = low + 1, done >> 1
        if left == 0:
            return True
        if (low, done, step) in seen:
            continue
        seen.add((low, done, step))
        earliest = inf
        for number in range(low, len(ordered)):
            operation = ordered[number]
            if operation.called > earliest:
                break
            if done >> (number - low) & 1:
                continue
            earliest = min(earliest, operation.returned)
            after = _apply(operation, step)
            if after is not None:
                certain = operation.outcome != "unknown"
                pending.append((low, done | 1 << (number - low), after, left - certain))
    return False


def _apply(operation: Operation, step: int) -> int | None:
    """Return the step after an operation; None if it cannot have come at this step."""
    matches = operation.step == step
    if operation.kind == "read":
        return step if matches else None
    if operation.outcome == "conflict":
        return None if matches else step
    return step + 1 if matches else None
