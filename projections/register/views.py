"""Two views of the register: two days, or a day known at two moments."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, LiteralString

from msgspec import Meta, Struct

from domain.recommendation.state import Stage
from domain.vocabulary.dates import last_moment
from domain.vocabulary.values import Code
from projections.bitemporal import AT, EVER
from projections.filters import PAGE_MAX, ListFilter
from projections.register.listing import CLAIMED, LIMITED, OVERDUE_IF_KNOWN
from projections.register.model import Register

STAGES = [*(str(stage) for stage in Stage), ""]
"""The stages in order; the last one is of what is not on record."""
DAYS_BETWEEN = 365
"""Days between the two days compared, if only the later day is requested."""

Since = Annotated[
    date,
    Meta(description=f"The earlier day; by default {DAYS_BETWEEN} days before the later day."),
]
KnownBy = Annotated[
    date,
    Meta(description="The state as known at the end of that day; by default of the day itself."),
]
ComparedOrder = Literal["reference", "force", "stage"]
_ORDER = (
    "By reference, which is the default; by force; or by the stage in the later view, in the order "
    "of a recommendation's life, those that are not on record in it last."
)
Order = Annotated[ComparedOrder, Meta(description=_ORDER)]


class AsOf(Struct, frozen=True):
    """The register at the end of a day, as known at a moment, or now."""

    on: date
    known_at: datetime | None = None


class CompareFilter(ListFilter, frozen=True, kw_only=True):
    """Two days, as known at one moment."""

    since: Since | None = None
    order: Order | None = None

    def start_at(self, today: date) -> date:
        """Return the earlier day, when today is `today`."""
        day = self.day_at(today).toordinal()
        return self.since or date.fromordinal(max(1, day - DAYS_BETWEEN))

    def views(self, today: date) -> tuple[AsOf, AsOf]:
        """Return the two views to compare, the earlier day first."""
        return (
            AsOf(self.start_at(today), self.known_at),
            AsOf(self.day_at(today), self.known_at),
        )


class RestatementFilter(ListFilter, frozen=True, kw_only=True):
    """A past day, as known at two moments.

    The last day of the month before is the default.
    """

    known_by: KnownBy | None = None
    order: Order | None = None

    def day_at(self, today: date) -> date:
        """Return the day to show when today is `today`."""
        return self.on or today.replace(day=1) - timedelta(days=1)

    @property
    def as_of(self) -> LiteralString:
        """The SQL condition of the later view; its day is a past one."""
        return AT

    def views(self, today: date) -> tuple[AsOf, AsOf]:
        """Return the two views to compare: as known at first, and as known later."""
        day = self.day_at(today)
        return AsOf(day, last_moment(self.known_by or day)), AsOf(day, self.known_at)


def view(name: LiteralString, where: LiteralString, as_of: LiteralString = AT) -> LiteralString:
    """Return the SQL of a view's rows, whose parameters end in `_a` or `_b`."""
    on = "%(on_" + name + ")s"
    at = as_of.replace("%(on)s", on).replace("%(known_at)s", "%(known_at_" + name + ")s")
    return (
        "SELECT reference, stream, force, text_id, stage, closed_reason, time_limit,"
        "" + OVERDUE_IF_KNOWN.replace("%(today)s", on) + " AS overdue, " + LIMITED + " AS limited,"
        " " + CLAIMED + " AS claimed FROM " + Register.schema + ".standing WHERE " + at + where
    )


def parameters(
    before: AsOf, after: AsOf, force: Code | None, place: str | None, limit: int
) -> dict[str, object]:
    """Return the parameters of the SQL of two views, and of the first page of what differs."""
    reference, _, key = (place or "").partition(" ")
    return {
        "on_a": before.on,
        "known_at_a": before.known_at or EVER,
        "on_b": after.on,
        "known_at_b": after.known_at or EVER,
        "force": force,
        "after": reference,
        "after_key": key,
        "stages": STAGES,
        "limit": min(limit, PAGE_MAX) + 1,
        "offset": 0,
    }
