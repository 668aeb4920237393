"""Filters shared by every list of the read models.

A list declares its own filter beside its SQL, on top of `ListFilter`; the API's query parameters
inherit from that filter, so each parameter is declared once. The order of the fields is the order
of the query parameters. `position` and `cursor` are declared here for that order only: the API
describes them and acts on them (api/request), and no SQL reads them.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, LiteralString

from msgspec import Meta, Struct
from msgspec.structs import asdict

from domain.vocabulary.forces import ADDRESSEES, TRAINING_FORCES
from domain.vocabulary.values import Code
from projections.bitemporal import AT, EVER, NOW
from projections.search.question import text_query

PAGE_MAX = 500
"""The most items on one page of any list."""
PAGE_NUMBER_MAX = 10_000
"""The last page that can be asked for by its number."""

On = Annotated[date, Meta(description="The state at the end of that day; today by default.")]
KnownAt = Annotated[
    datetime,
    Meta(
        tz=True,
        description="The state as the service knew it at that moment, in RFC 3339; now by default.",
    ),
]
ForceCode = Annotated[
    Code,
    Meta(description="The code of a force.", extra_json_schema={"enum": sorted(ADDRESSEES)}),
]
Training = Annotated[
    bool, Meta(description="The training forces, which do not exist, in place of all others.")
]
Words = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]+$",
        description="Words, as in a web search.",
    ),
]


DatedOrder = Annotated[
    Literal["reference", "newest"],
    Meta(description="In order of reference, which is the default, or the newest first."),
]
PageNumber = Annotated[
    int,
    Meta(
        ge=1,
        le=PAGE_NUMBER_MAX,
        description="The page of that number, in place of a cursor; items may move between pages.",
    ),
]


class AsOfFilter(Struct, frozen=True, kw_only=True):
    """A day, as known at a moment; today, as known now, by default."""

    on: On | None = None
    known_at: KnownAt | None = None

    def day_at(self, today: date) -> date:
        """Return the day to show when today is `today`."""
        return self.on or today

    @property
    def as_of(self) -> LiteralString:
        """The SQL condition for rows true on the day, as known at the moment."""
        return NOW if self.on is None and self.known_at is None else AT

    def as_of_parameters(self, today: date) -> dict[str, object]:
        """Return the parameters of the condition `as_of`."""
        return {"on": self.day_at(today), "known_at": self.known_at or EVER}


class ReadModelFilter(AsOfFilter, frozen=True, kw_only=True):
    """The filter of a read model, with the ledger position it must have reached."""

    position: int | None = None


class TrainingFilter(ReadModelFilter, frozen=True, kw_only=True):
    """The filter of a read model of all forces but training, or of training alone."""

    training: Training | None = None

    @property
    def of_force(self) -> LiteralString:
        """The SQL condition for rows of the forces."""
        return force_condition(None, training=self.training)


class ForceFilter(TrainingFilter, frozen=True, kw_only=True):
    """The filter of a read model by force; all but the training forces by default."""

    force: ForceCode | None = None

    @property
    def of_force(self) -> LiteralString:
        """The SQL condition for rows of the force."""
        return force_condition(self.force, training=self.training)

    @property
    def of_force_or_report(self) -> LiteralString:
        """The same for the rows of one report: without a force, all, also of training."""
        return "true" if self.force is None else self.of_force


class ListFilter(ForceFilter, frozen=True, kw_only=True):
    """The filter of a list read page by page."""

    cursor: str | None = None
    page: PageNumber | None = None
    limit: int = 20

    @property
    def offset(self) -> int:
        """How many items come before the page of a number."""
        return 0 if self.page is None else (self.page - 1) * self.limit

    @property
    def rows_max(self) -> int:
        """The most rows to fetch: a page, and one more that proves a next page."""
        return min(self.limit, PAGE_MAX) + 1

    def conditions_set(
        self, conditions: Mapping[LiteralString, LiteralString]
    ) -> list[LiteralString]:
        """Return those of some SQL conditions, by field, whose field restricts the list."""
        return [sql for name, sql in conditions.items() if getattr(self, name) is not None]

    def sql_parameters(self, today: date) -> dict[str, object]:
        """Return the parameters of a list's SQL: each field by its name, and the page's bounds.

        Words are a question of the full text search, as in `projections.search.question`.
        """
        fields = asdict(self)
        return {
            **fields,
            **self.as_of_parameters(today),
            "q": text_query(fields.get("q") or ""),
            "limit": self.rows_max,
            "offset": self.offset,
        }


_TRAINING: LiteralString = "('" + "', '".join(TRAINING_FORCES) + "')"


def force_condition(force: Code | None, *, training: bool | None = None) -> LiteralString:
    """Return the SQL condition for rows of a force; if None, of training alone or of all else."""
    if force is not None:
        return "force = %(force)s"
    return ("force IN " if training else "force NOT IN ") + _TRAINING


EVERY_AUDIENCE: LiteralString = "tracker_bi_public, tracker_bi_force, tracker_bi_inspectorate"
REAL: LiteralString = force_condition(None)
"""Rows of all forces but training, which no audience reads."""


def readable(
    table: LiteralString, *, rows: LiteralString = REAL, columns: LiteralString = ""
) -> LiteralString:
    """Return SQL that lets every audience read some rows of a table, and some or all columns."""
    return (
        " ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY;"
        " CREATE POLICY service ON " + table + " FOR SELECT TO tracker_app, tracker_reader"
        " USING (true);"
        " CREATE POLICY published ON " + table + " FOR SELECT TO " + EVERY_AUDIENCE + ""
        " USING (" + rows + ");"
        " GRANT SELECT " + columns + " ON " + table + " TO " + EVERY_AUDIENCE + ";"
    )
