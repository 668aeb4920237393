"""The rows: what is measured, against what, and what has to be reached.

A row is one function of the world that gives the number of one round; mostly a ratio to a baseline
measured right beside it.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from deploy.bench.world import World

Measure: TypeAlias = Callable[[World], float]


class Row(Struct, frozen=True):
    """One row: `must` is the least it has to reach, or the most it may be."""

    name: str
    what: str
    must: float
    measure: Measure
    at_most: bool = False
    once: bool = False
    """Measured in the first round only: it takes long, and is the same each time."""

    def met(self, ratio: float) -> bool:
        """Say whether a number is good enough."""
        return ratio <= self.must if self.at_most else ratio >= self.must

    @property
    def bound(self) -> str:
        """What has to be reached, in a word."""
        return f"{'<=' if self.at_most else '>='} {self.must:g}"


ROWS: dict[str, Row] = {}


def row(
    name: str, what: str, must: float, *, at_most: bool = False, once: bool = False
) -> Callable[[Measure], Measure]:
    """Make a row of a function."""

    def added(measure: Measure) -> Measure:
        ROWS[name] = Row(name, what, must, measure, at_most, once)
        return measure

    return added
