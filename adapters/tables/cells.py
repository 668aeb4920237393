"""The cells of a table, made column by column for some rows at a time.

That is several times as fast as row by row. A few rows at a time, since those of many do not stay
in the processor's cache.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeAlias

from adapters.tables.columns import AS_OF, About, DataColumn, Extract, Read
from adapters.tables.whole import ROWS_AT_ONCE, Rows

Show: TypeAlias = Callable[[Any], Any]
"""Makes a cell of a file from a value."""

FEW = frozenset({"boolean", "date", "integer"})
"""The types of which a table has few values that differ."""


def values_of(extract: Extract[Any], size: int = ROWS_AT_ONCE) -> Iterator[list[Sequence[Any]]]:
    """Yield the values of all columns, each as a sequence, a number of rows at a time."""
    made = [(column.value, _maker(extract, column)) for column in extract.table.columns]
    as_of = [_value_of(column, extract.about) for column in AS_OF]
    for values in _read([read for read, _ in made], extract.items, size):
        yield [
            *(list(map(make, values[read])) if make else values[read] for read, make in made),
            *([value] * len(values[made[0][0]]) for value in as_of),
        ]


def lines_of(
    extract: Extract[Any], shown: Callable[[DataColumn[Any]], Show], between: str = ""
) -> Iterator[list[str]]:
    """Yield the rows as texts, a number of them at a time.

    `shown` returns the function that makes the cells of a column, as texts. Those of columns that
    have their value in common, of which few differ, are joined once for each value.
    """
    made: list[tuple[Read, Show]] = []
    for (read, few), group in groupby(extract.table.columns, lambda c: (c.value, c.few)):
        makers = [_maker(extract, column, shown(column)) or str for column in group]
        if few:
            made.append((read, _Kept(partial(_joined, makers, between)).__getitem__))
        else:
            made += [(read, maker) for maker in makers]
    as_of = between.join(shown(column)(_value_of(column, extract.about)) for column in AS_OF)
    for values in _read([read for read, _ in made], extract.items, ROWS_AT_ONCE):
        cells = [map(make, values[read]) for read, make in made]
        end = [as_of] * len(values[made[0][0]])
        yield list(map(between.join, zip(*cells, end, strict=True)))


def _joined(makers: Sequence[Show], between: str, value: object) -> str:
    return between.join(make(value) for make in makers)


class _Kept(dict[Any, Any]):
    """The results of a function, by its argument."""

    def __init__(self, function: Show) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: object) -> object:
        self[argument] = made = self._function(argument)
        return made


def _maker(extract: Extract[Any], column: DataColumn[Any], show: Show | None = None) -> Show | None:
    """Return the function that makes the cells of a column from its values, if there is one."""
    whole = partial(_whole, extract.about.service) if column.datatype == "anyURI" else None
    steps = [step for step in (column.then, whole, show) if step]
    if not steps:
        return None
    make = reduce(_composed, steps)
    return _Kept(make).__getitem__ if column.few or column.datatype in FEW else make


def _composed(first: Show, second: Show) -> Show:
    return lambda value: second(first(value))


def _whole(service: str, path: str | None) -> str | None:
    """Return the whole address of a page, given its path."""
    return service + path if path is not None and path.startswith("/") else path


def _value_of(column: DataColumn[About], about: About) -> Any:  # noqa: ANN401  a value of a row
    read = column.value
    return attrgetter(read)(about) if isinstance(read, str) else read(about)


def _read(
    reads: Iterable[Read], items: Iterable[Any], size: int
) -> Iterator[dict[Read, Sequence[Any]]]:
    """Yield the values that columns read, a number of items at a time."""
    rows = items if isinstance(items, Rows) else Rows(items, _itself)
    functions = {
        read: attrgetter(read) if isinstance(read, str) else read
        for read in reads
        if read not in rows.fields
    }
    every = iter(rows.rows)
    while chunk := list(islice(every, size)):
        columns = list(zip(*chunk, strict=True)) if rows.fields else []
        values: dict[Read, Sequence[Any]] = {
            path: columns[place] for path, place in rows.fields.items()
        }
        if functions:
            made = list(map(rows.item, chunk))
            values |= {read: list(map(function, made)) for read, function in functions.items()}
        yield values


def _itself(item: Any) -> Any:  # noqa: ANN401  an item of any list
    return item
