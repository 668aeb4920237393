"""The options of a request: those of OData, which begin with `$`, and `on` and `known_at`.

An option that is unknown, repeated or malformed is an error, so a typing mistake never widens a
list unnoticed.
"""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote

from msgspec import Struct

from api.http.problems import Request, invalid
from api.request.query_params import ReadModelParams, parse_params
from api.v1.odata.entity_sets import EntitySet
from projections.reporting.filter_tokens import FilterError
from projections.reporting.filtering import (
    Condition,
    read_filter,
    unknown_column,
)
from projections.reporting.rows import Order, RowsAsOf
from projections.reporting.views import READ
from projections.runtime.read_model import ReadModel

ROWS_MAX = 1_000
"""The most rows of a page; a link leads to the next."""
TOP_MAX = 1_000_000
SKIP_MAX = 10_000_000
ORDER_MAX = 8
"""The most columns to order by."""
OF_A_SET = ("$select", "$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken", "$format")
OF_A_COUNT = ("$filter", "$format")
OF_A_ROW = ("$select", "$format")
OF_A_DOCUMENT = ("$format",)


class ODataParams(ReadModelParams, frozen=True, kw_only=True):
    """The day and moment that rows are as of, and a position to wait for."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = READ


class TypedOptions(Struct, frozen=True):
    """The options as they were typed: those of OData by name, and the others read."""

    system: Mapping[str, str]
    params: ODataParams

    def next_page(self, rows: int, as_of: RowsAsOf, *, is_history: bool) -> str:
        """Return the query of the page after some rows, as of the same day and moment."""
        query = {name: text for name, text in self.system.items() if name != "$count"}
        query["$skiptoken"] = str(rows)
        if not is_history:
            query["on"] = as_of.day.isoformat()
        if as_of.known_at:
            query["known_at"] = as_of.known_at.isoformat()
        return "&".join(f"{name}={quote(text, safe='')}" for name, text in query.items())


class Options(Struct, frozen=True, kw_only=True):
    """The options of an entity set."""

    columns: tuple[str, ...]
    """The columns to show, all by default."""
    condition: Condition
    order: tuple[Order, ...]
    rows: int
    """How many rows may be on this page; more follow on the next, unless `top` are reached."""
    before: int
    """How many rows came on the pages before."""
    skip: int
    is_last: bool
    """Whether the page has the last of the rows that `$top` allows."""
    count: bool


def typed(request: Request, of: EntitySet | None, allowed: tuple[str, ...]) -> TypedOptions:
    """Return the options of a request. Raises ProblemError ("invalid")."""
    if request.headers.get("OData-MaxVersion", "4")[:1] < "4":
        raise invalid("This service speaks OData 4.0 only.", parameter="OData-MaxVersion")
    system: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    for name, text in request.query_params.multi_items():
        if not name.startswith("$"):
            if f"${name}" in allowed:
                raise invalid(f"The options of OData begin with $: say ${name}.", parameter=name)
            others.append((name, text))
            continue
        if name not in allowed:
            raise invalid(f"Leave it out; there are: {', '.join(allowed)}.", parameter=name)
        if name in system:
            raise invalid("It is given more than once.", parameter=name)
        system[name] = text
    params = parse_params(ODataParams, others)
    if of and of.view.is_history and params.on:
        raise invalid("A history has every day: leave it out.", parameter="on")
    return TypedOptions(system, params)


def options_of(query: TypedOptions, of: EntitySet) -> Options:
    """Return the options of an entity set. Raises ProblemError ("invalid")."""
    system = query.system
    top = _number(system, "$top", TOP_MAX, TOP_MAX)
    before = min(_number(system, "$skiptoken", SKIP_MAX, 0), top)
    count = system.get("$count", "false")
    if count not in {"true", "false"}:
        raise invalid("It is true or false.", parameter="$count")
    return Options(
        columns=selected(system, of),
        condition=condition_of(system, of),
        order=_ordered(system, of),
        rows=min(ROWS_MAX, top - before),
        before=before,
        skip=_number(system, "$skip", SKIP_MAX, 0),
        is_last=top - before <= ROWS_MAX,
        count=count == "true",
    )


def condition_of(system: Mapping[str, str], of: EntitySet) -> Condition:
    """Return the condition of `$filter`. Raises ProblemError ("invalid")."""
    if "$filter" not in system:
        return Condition()
    try:
        return read_filter(system["$filter"], of.view.columns)
    except FilterError as error:
        raise invalid(str(error), parameter="$filter") from None


def selected(system: Mapping[str, str], of: EntitySet) -> tuple[str, ...]:
    """Return the columns of `$select` in the order of the view. Raises ProblemError ("invalid")."""
    every = tuple(column.name for column in of.view.columns)
    names = [name.strip() for name in system.get("$select", "*").split(",")]
    for name in names:
        if name not in {*every, "*"}:
            raise invalid(unknown_column(name, of.view.columns), parameter="$select")
    return tuple(name for name in every if name in names or "*" in names)


def _ordered(system: Mapping[str, str], of: EntitySet) -> tuple[Order, ...]:
    """Return the order that is asked for. Raises ProblemError ("invalid")."""
    parts = [part.split() for part in system.get("$orderby", "").split(",") if part.strip()]
    if len(parts) > ORDER_MAX:
        raise invalid(f"Order by {ORDER_MAX} properties at most.", parameter="$orderby")
    names = {column.name for column in of.view.columns}
    orders: list[Order] = []
    for name, *direction in parts:
        if name not in names:
            raise invalid(unknown_column(name, of.view.columns), parameter="$orderby")
        if direction not in ([], ["asc"], ["desc"]):
            raise invalid(f"After {name} comes asc, desc or a comma.", parameter="$orderby")
        orders.append(Order(name, direction == ["desc"]))
    return tuple(orders)


def _number(system: Mapping[str, str], name: str, most: int, default: int) -> int:
    text = system.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))) or int(text) > most:
        raise invalid(f"It is a whole number from 0 to {most}.", parameter=name)
    return int(text)
