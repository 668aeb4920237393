"""The checker of linearizability accepts what one order explains, and nothing else."""

from math import inf
from random import Random
from typing import Literal

import pytest

from tests.reliability.linearizability import Operation, is_linearizable

Outcome = Literal["done", "conflict", "unknown"]


def append(step: int, called: float, returned: float, outcome: Outcome = "done") -> Operation:
    return Operation("a", "append", step, outcome, called, returned)


def read(step: int, called: float, returned: float) -> Operation:
    return Operation("a", "read", step, "done", called, returned)


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [append(1, 0, 1), read(2, 2, 3)],
        [append(1, 0, 5), read(1, 1, 2), read(2, 3, 4)],  # it took effect between the reads
        [append(1, 0, 5), append(1, 1, 2, "conflict")],  # the first took effect before
        [append(1, 0, inf, "unknown"), read(1, 1, 2), read(2, 8, 9)],  # it came late
        [append(1, 0, inf, "unknown"), read(1, 8, 9)],  # it never came
    ],
)
def test_histories_that_one_order_explains_are_linearizable(operations: list[Operation]) -> None:
    assert is_linearizable(operations, 1)


@pytest.mark.parametrize(
    "operations",
    [
        [append(1, 0, 1), read(1, 2, 3)],  # lost
        [append(1, 0, 1), append(1, 2, 3)],  # both won one step
        [read(2, 0, 1)],  # seen before it was recorded
        [append(1, 0, 9), read(2, 1, 2), read(1, 3, 4)],  # seen, and then not
        [append(1, 0, 1, "conflict")],  # refused for nothing
        [append(1, 0, inf, "unknown"), read(3, 8, 9)],  # recorded twice
    ],
)
def test_histories_that_no_order_explains_are_not(operations: list[Operation]) -> None:
    assert not is_linearizable(operations, 1)


def test_a_wrong_answer_in_a_long_history_is_noticed() -> None:
    random, step, now = Random(5), 1, 0.0  # noqa: S311  the same each time, no secret
    operations: list[Operation] = []
    for _ in range(500):
        now += 1
        slack = random.uniform(0, 1.5)
        if random.random() < 0.4:
            operations.append(append(step, now - slack, now + slack))
            step += 1
        else:
            operations.append(read(step, now - slack, now + slack))
    assert is_linearizable(operations, 1)
    reads = [number for number, item in enumerate(operations) if item.kind == "read"]
    wrong = reads[len(reads) // 2]
    operations[wrong] = read(1, operations[wrong].called, operations[wrong].called + 0.1)
    assert not is_linearizable(operations, 1)
