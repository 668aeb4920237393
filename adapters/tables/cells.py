"""The cells of a table, made column by column for some rows at a time.

That is several times as fast as row by row. A few rows at a time, since those of many do not stay
in the processor's cache.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeAlias

from adapters.tables.columns import AS_OF, About, DataColumn, Extract, Read
from adapters.tables.whole import ROWS_AT_ONCE, Rows

Show: TypeAlias = Callable[[Any], Any]
"""Makes a cell of a file from a value."""

KEPT_MAX = 10_000
"""The most values of a column whose cells are kept."""
FEW = frozenset({"boolean", "date", "integer"})
"""The types of which a table has few values that differ."""


def values_of(extract: Extract[Any], size: int = ROWS_AT_ONCE) -> Iterator[list[Sequence[Any]]]:
    """Yield the values of all columns, each as a sequence, a number of rows at a time."""
    made: list[tuple[Read, Sequence[Show]]] = []
    for column in extract.table.columns:
        steps = _steps(extract, column)
        if steps and _is_few(column):
            steps = [_Kept(partial(_after, steps)).__getitem__]
        made.append((column.value, steps))
    as_of = [_value_of(column, extract.about) for column in AS_OF]
    for values in _read(extract, size):
        count = len(values[made[0][0]])
        yield [
            *(list(_in_turn(steps, values[read])) for read, steps in made),
            *([value] * count for value in as_of),
        ]


def lines_of(
    extract: Extract[Any], shown: Callable[[DataColumn[Any]], Show], between: bytes = b""
) -> Iterator[list[bytes]]:
    """Yield the rows in bytes, a number of them at a time.

    `shown` returns the function that makes the cells of a column, in bytes. Those of columns that
    have their value in common, of which few differ, are joined once for each value.
    """
    made: list[tuple[Read, Sequence[Show]]] = []
    for (read, few), group in groupby(extract.table.columns, lambda c: (c.value, _is_few(c))):
        makers = [[*_steps(extract, column), shown(column)] for column in group]
        if few:
            made.append((read, [_Kept(partial(_joined, makers, between)).__getitem__]))
        else:
            made += [(read, steps) for steps in makers]
    as_of = between.join(shown(column)(_value_of(column, extract.about)) for column in AS_OF)
    for values in _read(extract, ROWS_AT_ONCE):
        cells = [_in_turn(steps, values[read]) for read, steps in made]
        end = [as_of] * len(values[made[0][0]])
        yield list(map(between.join, zip(*cells, end, strict=True)))


def _joined(makers: Sequence[Sequence[Show]], between: bytes, value: object) -> bytes:
    return between.join(_after(steps, value) for steps in makers)


def _after(steps: Sequence[Show], value: object) -> Any:  # noqa: ANN401  a value of a row
    """Return a value after all of some functions."""
    return next(_in_turn(steps, [value]))


def _in_turn(steps: Sequence[Show], values: Iterable[Any]) -> Iterator[Any]:
    """Return values after all of some functions, with no more calls of Python than those."""
    return reduce(lambda before, step: map(step, before), steps, iter(values))


def _steps(extract: Extract[Any], column: DataColumn[Any]) -> list[Show]:
    """Return the functions that make the value of a column, one after another, from what is read.

    Addresses are made whole.
    """
    whole = partial(_whole, extract.about.service) if column.datatype == "anyURI" else None
    return [step for step in (column.then, whole) if step]


def _whole(service: str, path: str | None) -> str | None:
    """Return the whole address of a page, given its path."""
    return service + path if path is not None and path.startswith("/") else path


def _is_few(column: DataColumn[Any]) -> bool:
    """Return whether few values of a column differ, so that the cell of each is kept."""
    return column.few or column.datatype in FEW


class _Kept(dict[Any, Any]):
    """The results of a function by its argument, KEPT_MAX of them at most."""

    def __init__(self, function: Show) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: object) -> object:
        if len(self) >= KEPT_MAX:
            self.clear()
        self[argument] = made = self._function(argument)
        return made


def _value_of(column: DataColumn[About], about: About) -> Any:  # noqa: ANN401  a value of a row
    read = column.value
    return attrgetter(read)(about) if isinstance(read, str) else read(about)


def _read(extract: Extract[Any], size: int) -> Iterator[Mapping[Read, Sequence[Any]]]:
    """Yield the values that columns read, a number of rows at a time."""
    items = extract.items
    rows = items if isinstance(items, Rows) else Rows(items, _itself)
    functions: dict[Read, Show] = {
        read: attrgetter(read) if isinstance(read, str) else read
        for read in (column.value for column in extract.table.columns)
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
