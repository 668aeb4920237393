"""Checks of a row against the other rows and the calendar, without the record."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TypeAlias

import msgspec
from msgspec import Struct

from adapters.corpus.cells import SEPARATOR, shown
from adapters.corpus.facts.life import is_life, unfit_columns
from adapters.corpus.rows import (
    AREA_TO_IMPROVE,
    OUTCOME_AREAS,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
    StepRow,
)
from adapters.corpus.sheets import Sheet
from domain.checks import check_time_limit
from domain.vocabulary.dates import DATES_KEPT, Precision, day_of, earliest, end_of, precision
from domain.vocabulary.errors import Refused
from domain.vocabulary.forces import ADDRESSEES, NATIONAL
from domain.vocabulary.values import AREAS, LINE_MAX, Kind, Reference, When

Mistakes: TypeAlias = Iterator[tuple[str, str, str]]
"""The column, what is wrong with it, and what is allowed there."""

_FORMS: dict[Precision, str] = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}


class Checks(Struct, frozen=True, dict=True):
    """Yields the mistakes of rows whose cells are right by themselves."""

    products: Sheet[ProductRow]
    recommendations: Sheet[RecommendationRow]
    today: date
    or_on_record: str = ""
    """A row may name nothing else, or what is on record."""

    def product(self, row: ProductRow) -> Mistakes:
        """Yield what is wrong with a product."""
        yield from _force(row.force_code, None)
        published = row.first_published
        yield from self._date("first_published", published, row.first_published_precision)
        yield from self._date("page_date", row.page_date, None)
        start, end, known = row.fieldwork_start, row.fieldwork_end, row.fieldwork_precision
        if start or not end:
            yield from self._date("fieldwork_start", start, known)
        if end:
            yield from self._date("fieldwork_end", end, known)
        if start and end and end < start:
            yield "fieldwork_end", f"{shown(end)} is before fieldwork_start", f"{start} or later"
        yield from self._recorded(row.recorded)
        if not (row.url or row.source):
            yield "url", "is empty, and so is source", "1 to 300 characters on one line"
        if row.follows_product_id == row.product_id:
            yield "follows_product_id", "is the product itself", "another product_id, or empty"
        elif row.follows_product_id:
            yield from self._product("follows_product_id", row.follows_product_id)

    def recommendation(self, row: RecommendationRow) -> Mistakes:
        """Yield what is wrong with a recommendation or an area to improve."""
        yield from self._product("product_id", row.product_id)
        product = self.products.rows.get(row.product_id)
        yield from _force(row.force_code, None if row.recorded else product)
        yield from self._recorded(row.recorded)
        if product and row.area not in AREAS[product.edition]:
            wrong = f"{row.area} is not an area of the {product.edition} edition"
            yield "area", wrong, f"one of: {', '.join(sorted(AREAS[product.edition]))}"
        try:
            check_time_limit(row.time_limit, "unknown")
        except Refused as refused:
            yield "time_limit", str(refused), "date:YYYY-MM-DD with a day of the calendar"
        yield from self._cause(row)
        length = len(SEPARATOR.join(row.source or ()))
        if row.item_type != AREA_TO_IMPROVE:
            for column in ("date", "reference"):
                if getattr(row, column) is not None:
                    yield column, "is not empty, but this is no area to improve", "empty"
        elif length > LINE_MAX:
            yield "source", f"has {length} characters", f"up to {LINE_MAX} for an area"
        elif not length:
            yield "source", "is empty", f"up to {LINE_MAX} for an area"

    def _cause(self, row: RecommendationRow) -> Mistakes:
        if row.cause is None:
            return
        if row.item_type == AREA_TO_IMPROVE:
            yield "cause", "is not empty, but this is no recommendation", "empty"
        elif not row.recorded and row.cause not in self._causes.get(row.product_id, ()):
            wrong = f"{row.cause} is no cause of concern of the product {row.product_id}"
            yield "cause", wrong, "the ordinal of one that belongs to no other, or empty"

    @cached_property
    def _causes(self) -> dict[Reference, set[int]]:
        """The numbers of each product's causes of concern that belong to no other."""
        numbers: dict[Reference, set[int]] = {}
        for row in self.recommendations.rows.values():
            if row.item_type == Kind.CAUSE_OF_CONCERN and row.ordinal and row.cause is None:
                numbers.setdefault(row.product_id, set()).add(row.ordinal)
        return numbers

    def outcome(self, row: OutcomeRow) -> Mistakes:
        """Yield what is wrong with an outcome."""
        yield from self._product("product_id", row.product_id)
        product = self.products.rows.get(row.product_id)
        yield from _force(row.force_code, product)
        if row.area not in OUTCOME_AREAS and not row.recorded:
            wrong = f"{shown(row.area)} is not an allowed word"
            yield "area", wrong, f"one of: {', '.join(sorted(OUTCOME_AREAS))}"
        if row.reported_in_product_id:
            yield from self._product("reported_in_product_id", row.reported_in_product_id)
        yield from self._statement(row, product)

    def step(self, row: StepRow) -> Mistakes:
        """Yield what is wrong with a step of a recommendation's or a report's life."""
        yield from self._product("product_id", row.product_id)
        product = self.products.rows.get(row.product_id)
        national = product is not None and product.force_code == NATIONAL
        yield from _force(row.force_code, None if national or row.recorded else product)
        yield from self._statement(row, product)
        yield from unfit_columns(row)
        if is_life(row) and row.type != "correct":
            named = self.recommendations.rows.get(row.rec_id or "")
            if row.rec_id is None or (named and named.item_type == AREA_TO_IMPROVE):
                wrong = f"{row.type} is a step of a recommendation"
                yield "rec_id", wrong, "the rec_id of a recommendation"

    def _statement(self, row: OutcomeRow | StepRow, product: ProductRow | None) -> Mistakes:
        if row.rec_id:
            yield from self._recommendation(row.rec_id, row.product_id)
        yield from self._date("date", row.date, row.date_precision)
        yield from self._recorded(row.recorded)
        if row.recorded:
            return  # the rules judge it after the rows recorded before it
        said, published = _days(row.date), _days(product.first_published if product else None)
        if said and published and said[1] < published[0]:
            wrong = f"{row.date} is before the publication of the product {row.product_id}"
            yield "date", wrong, f"{published[0]} or later"

    def _recorded(self, at: datetime | None) -> Mistakes:
        if at and day_of(at) > self.today:
            yield "recorded", f"{at:%Y-%m-%d} is in the future", f"up to {self.today}"

    def _product(self, column: str, key: str) -> Mistakes:
        if self.products.lacks(key):
            yield (
                column,
                f"{shown(key)} does not exist",
                f"a product_id of {self.products.file}{self.or_on_record}",
            )

    def _recommendation(self, key: str, product: str) -> Mistakes:
        sheet = self.recommendations
        if sheet.lacks(key):
            allowed = f"a rec_id of {sheet.file}{self.or_on_record}, or empty"
            yield "rec_id", f"{shown(key)} does not exist", allowed
        row = sheet.rows.get(key)
        if row and row.product_id != product:
            wrong = f"{shown(key)} belongs to the product {row.product_id}"
            yield "rec_id", wrong, f"a rec_id of the product {product}, or empty"

    def _date(self, column: str, cell: str | None, known: Precision | None) -> Mistakes:
        if cell is None:
            if known not in (None, "unknown"):
                yield column, "is empty", f"{_FORMS[known]}, or the precision unknown"
            return
        forms = " or ".join(_FORMS.values() if known is None else [_FORMS.get(known, "empty")])
        allowed = f"{forms}, as the precision is {known}" if known else forms
        days = _days(cell)
        if days is None:
            yield column, f"{shown(cell)} is not a date", allowed
            return
        written = precision(cell)
        if written == "unknown" or (known and written != known):
            yield column, f"{shown(cell)} is a date of precision {written}", allowed
        elif days[0] > self.today:
            yield column, f"{cell} is in the future", f"{allowed}; up to {self.today}"


def _force(code: str, product: ProductRow | None) -> Mistakes:
    if code not in ADDRESSEES:
        yield "force_code", f"{shown(code)} is not a force", f"one of: {', '.join(ADDRESSEES)}"
    elif product and code != product.force_code:
        wrong = f"{shown(code)} is not the force of the product {product.product_id}"
        yield "force_code", wrong, product.force_code


@lru_cache(DATES_KEPT)
def _days(cell: str | None) -> tuple[date, date] | None:
    """Return the first and last day of a date; None if it is no date."""
    try:
        when = msgspec.convert(cell, When)
        return earliest(when), end_of(when)
    except (msgspec.ValidationError, ValueError):
        return None
