"""What must hold between the cells of the corpus files: names that exist, dates that can be."""

from datetime import date

import msgspec
from msgspec import Struct

from adapters.corpus.cells import SEPARATOR, shown
from adapters.corpus.rows import AREA_TO_IMPROVE, OutcomeRow, ProductRow, RecommendationRow
from adapters.corpus.sheets import Problem, Sheet
from domain.checks import check_time_limit
from domain.vocabulary.dates import Precision, earliest, precision
from domain.vocabulary.errors import Refused
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import AREAS, LINE_MAX, When

_FORMS: dict[Precision, str] = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}


class Sheets(Struct, frozen=True):
    """The three files."""

    products: Sheet[ProductRow]
    recommendations: Sheet[RecommendationRow]
    outcomes: Sheet[OutcomeRow]


class _Place:
    """One row of a file, and whether it is right so far."""

    def __init__(self, file: str, line: int, found: list[Problem]) -> None:
        self._file, self._line, self._found = file, line, found
        self.right = True

    def wrong(self, column: str, wrong: str, allowed: str) -> None:
        self.right = False
        self._found.append(Problem(self._file, self._line, column, wrong, allowed))


class Checks:
    """Says whether a row holds up beside the others; every problem is added to `found`."""

    def __init__(self, sheets: Sheets, today: date, found: list[Problem]) -> None:
        self._sheets, self._today, self._found = sheets, today, found

    def product(self, line: int, row: ProductRow) -> bool:
        """Whether a product holds up."""
        at = _Place(self._sheets.products.file, line, self._found)
        self._force(at, row.force_code, None)
        self._date(at, "first_published", row.first_published, row.first_published_precision)
        self._date(at, "page_date", row.page_date, None)
        start, end, known = row.fieldwork_start, row.fieldwork_end, row.fieldwork_precision
        if start or not end:
            self._date(at, "fieldwork_start", start, known)
        if end:
            self._date(at, "fieldwork_end", end, known)
        if start and end and end < start:
            at.wrong("fieldwork_end", f"{shown(end)} is before fieldwork_start", f"from {start} on")
        if row.follows_product_id == row.product_id:
            at.wrong("follows_product_id", "is the product itself", "another product_id, or empty")
        elif row.follows_product_id:
            self._product(at, "follows_product_id", row.follows_product_id)
        return at.right

    def recommendation(self, line: int, row: RecommendationRow) -> bool:
        """Whether a recommendation or area to improve holds up."""
        at = _Place(self._sheets.recommendations.file, line, self._found)
        product = self._product(at, "product_id", row.product_id)
        self._force(at, row.force_code, product)
        if product and row.area not in AREAS[product.edition]:
            at.wrong(
                "area",
                f"{row.area} is no area of the {product.edition} edition",
                f"one of: {', '.join(sorted(AREAS[product.edition]))}",
            )
        try:
            check_time_limit(row.time_limit)
        except Refused as refused:
            at.wrong("time_limit", str(refused), "date:YYYY-MM-DD with a day of the calendar")
        length = len(SEPARATOR.join(row.source))
        if row.item_type == AREA_TO_IMPROVE and length > LINE_MAX:
            at.wrong("source", f"has {length} characters", f"up to {LINE_MAX} for an area")
        return at.right

    def outcome(self, line: int, row: OutcomeRow) -> bool:
        """Whether an outcome holds up."""
        at = _Place(self._sheets.outcomes.file, line, self._found)
        self._force(at, row.force_code, self._product(at, "product_id", row.product_id))
        if row.reported_in_product_id:
            self._product(at, "reported_in_product_id", row.reported_in_product_id)
        if row.rec_id:
            self._recommendation(at, row.rec_id, row.product_id)
        self._date(at, "date", row.date, row.date_precision)
        return at.right

    def _product(self, at: _Place, column: str, key: str) -> ProductRow | None:
        products = self._sheets.products
        if products.lacks(key):
            at.wrong(column, f"{shown(key)} is not there", f"a product_id of {products.file}")
        placed = products.rows.get(key)
        return placed.row if placed else None

    def _recommendation(self, at: _Place, key: str, product: str) -> None:
        sheet = self._sheets.recommendations
        if sheet.lacks(key):
            at.wrong("rec_id", f"{shown(key)} is not there", f"a rec_id of {sheet.file}, or empty")
        placed = sheet.rows.get(key)
        if placed and placed.row.product_id != product:
            at.wrong(
                "rec_id",
                f"{shown(key)} is of the product {placed.row.product_id}",
                f"a rec_id of the product {product}, or empty",
            )

    def _force(self, at: _Place, code: str, product: ProductRow | None) -> None:
        if code not in ADDRESSEES:
            wrong, allowed = f"{shown(code)} is no force", f"one of: {', '.join(ADDRESSEES)}"
            at.wrong("force_code", wrong, allowed)
        elif product and code != product.force_code:
            wrong = f"{shown(code)} is not the force of the product {product.product_id}"
            at.wrong("force_code", wrong, product.force_code)

    def _date(self, at: _Place, column: str, cell: str | None, known: Precision | None) -> None:
        if cell is None:
            if known not in (None, "unknown"):
                at.wrong(column, "is empty", f"{_FORMS[known]}, or the precision unknown")
            return
        forms = " or ".join(_FORMS.values() if known is None else [_FORMS.get(known, "empty")])
        because = f", as the precision is {known}" if known else ""
        allowed = f"{forms}{because}"
        try:
            found, first = precision(msgspec.convert(cell, When)), earliest(cell)
        except (msgspec.ValidationError, ValueError):
            at.wrong(column, f"{shown(cell)} is no date", allowed)
            return
        if found == "unknown" or (known and found != known):
            at.wrong(column, f"{shown(cell)} is a date of precision {found}", allowed)
        elif first > self._today:
            at.wrong(column, f"{cell} is in the future", f"{allowed}; up to {self._today}")
