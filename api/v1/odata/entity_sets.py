"""The entity sets: the views that anybody may read, by names in the plural, with their keys."""

from collections.abc import Iterator

from msgspec import Struct

from projections.reporting.column import POSITION
from projections.reporting.recommendations import CLOCK, RECOMMENDATION
from projections.reporting.view import MadeView, View
from projections.reporting.views import (
    FORCE,
    PROGRESS,
    PROGRESS_BY_FORCE,
    PROGRESS_BY_MONTH,
    REPORT,
    STATEMENT,
    STEP,
)

NAMESPACE = "tracker"


class EntitySet(Struct, frozen=True):
    """An entity set: its name, its type's name, its view, and the columns that name a row."""

    name: str
    entity: str
    view: MadeView
    key: tuple[str, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that order the rows, as far as `$orderby` does not: the key at last."""
        names = {column.name for column in self.view.columns}
        return ("reference", *self.key) if "reference" in names else self.key


_KEYS: dict[str, tuple[View, tuple[str, ...]]] = {
    "recommendations": (RECOMMENDATION, ("id",)),
    "clocks": (CLOCK, ("recommendation_id", "clock")),
    "reports": (REPORT, ("id",)),
    "statements": (STATEMENT, ("id", "step")),
    "steps": (STEP, ("id", "number")),
    "forces": (FORCE, ("force",)),
    "progress": (PROGRESS, (POSITION,)),  # it has one row
    "progress_by_force": (PROGRESS_BY_FORCE, ("force",)),
    "progress_by_month": (PROGRESS_BY_MONTH, ("force", "month")),
}


def _every() -> Iterator[EntitySet]:
    for name, (view, key) in _KEYS.items():
        for made in view.made:
            history = f"{view.name}_history"
            yield (
                EntitySet(history, history, made, (*key, "valid_from", "known_from"))
                if made.is_history
                else EntitySet(name, view.name, made, key)
            )


ENTITY_SETS = {each.name: each for each in _every()}
