"""The registry of rows: each with its measure, its baseline and its bound.

A row's measure is a function of the world that returns the figure of a round, mostly a ratio to a
baseline measured right beside it.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from deploy.bench.world import World

Measure: TypeAlias = Callable[[World], float]


class BenchRow(Struct, frozen=True):
    """A row; `must` is the least figure required, or with `at_most` the greatest allowed."""

    name: str
    what: str
    must: float
    measure: Measure
    at_most: bool = False
    once: bool = False
    """Measured in the first round only: it takes long and is the same every time."""

    def met(self, ratio: float) -> bool:
        """Return whether a figure meets the bound."""
        return ratio <= self.must if self.at_most else ratio >= self.must

    @property
    def bound(self) -> str:
        """The bound as text, such as ">= 0.4"."""
        return f"{'<=' if self.at_most else '>='} {self.must:g}"


ROWS: dict[str, BenchRow] = {}


def row(
    name: str, what: str, must: float, *, at_most: bool = False, once: bool = False
) -> Callable[[Measure], Measure]:
    """Register the decorated measure as a row."""

    def register(measure: Measure) -> Measure:
        ROWS[name] = BenchRow(name, what, must, measure, at_most, once)
        return measure

    return register
