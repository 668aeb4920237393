"""The products and recommendations on record that rows of steps name, as rows of their files.

They are there for the checks of those rows alone, and are not imported again.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct

from adapters.corpus.facts.published import StreamPlace, named_rows
from adapters.corpus.rows import PRODUCTS, ProductRow, RecommendationRow
from adapters.ledger.ledger import Ledger
from domain.events.event import History
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Reference

R = TypeVar("R", bound=Struct)
Names: TypeAlias = Collection[Reference]


class RowsOnRecord(Struct):
    """Products, recommendations and areas to improve that are on record, by their references."""

    products: dict[Reference, ProductRow]
    items: dict[Reference, RecommendationRow]


OnRecord: TypeAlias = Callable[[Names, Names], RowsOnRecord]
"""Returns what is on record of some products and of some recommendations, by reference."""


def nothing_on_record(_products: Names, _recommendations: Names) -> RowsOnRecord:
    """Return nothing: files are read by themselves."""
    return RowsOnRecord({}, {})


def rows_on_record(ledger: Ledger) -> OnRecord:
    """Return what looks up products and recommendations in a ledger."""

    def look_up(products: Names, recommendations: Names) -> RowsOnRecord:
        issued = [
            history
            for history in ledger.histories([*map(recommendation_id, recommendations)]).values()
            if history and isinstance(history[0].event, Issued)
        ]
        streams = {report_id(name) for name in products} | {
            history[0].event.report for history in issued if isinstance(history[0].event, Issued)
        }
        published = [history for history in ledger.histories([*streams]).values() if history]
        rows = RowsOnRecord({}, {})
        for history in (*published, *issued):
            _add(rows, history, published)
        return rows

    return look_up


def _add(rows: RowsOnRecord, history: History, published: Collection[History]) -> None:
    place = next(_places(history, published), None)
    for row in named_rows(history, place) if place else ():
        if row.file == PRODUCTS:
            product = _row(ProductRow, row.cells)
            rows.products[product.product_id] = product
        else:
            item = _row(RecommendationRow, row.cells)
            rows.items[item.rec_id] = item


def _places(history: History, published: Collection[History]) -> Iterator[StreamPlace]:
    """Yield the place of a stream, if it is one of a report or of a recommendation."""
    event = history[0].event
    if isinstance(event, ReportPublished):
        yield StreamPlace(event.reference, event.addressee, event.reference)
    elif isinstance(event, Issued):
        for other in published:
            first = other[0]
            if first.stream == event.report and isinstance(first.event, ReportPublished):
                yield StreamPlace(first.event.reference, event.addressee, event.reference)


def _row(kind: type[R], cells: dict[str, Any]) -> R:
    return kind(**dict.fromkeys(kind.__struct_fields__) | cells)
