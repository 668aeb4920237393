"""The language of `$filter` as a condition of SQL over the columns of a view.

Source: OData 4.0, part 2 (URL conventions), sections 5.1.1 and 4.3. Every value that is typed
becomes a parameter, and every name is one of the view's columns: nothing typed becomes SQL. It is
read once, from left to right. What is null compares as false, and `not` of that is true.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import NoReturn

from msgspec import Struct

from projections.reporting.column import ViewColumn
from projections.reporting.filter_tokens import (
    EXAMPLES,
    KINDS,
    LITERALS,
    TYPES,
    FilterError,
    FilterToken,
    Kind,
    tokens_of,
)

DEPTH_MAX = 20
"""How deep brackets, functions and `not` may be in each other."""
LIST_SQL_MAX = 100_000
"""The most SQL, in characters, of a list after `in`: it has its left side for each value."""

_COMPARED: Mapping[str, str] = {
    "eq": "=", "ne": "IS DISTINCT FROM", "gt": ">", "ge": ">=", "lt": "<", "le": "<="
}  # fmt: skip
_FUNCTIONS: Mapping[str, tuple[tuple[Kind, ...], Kind, str]] = {
    "contains": (("text", "text"), "condition", "strpos({0}, {1}) > 0"),
    "startswith": (("text", "text"), "condition", "starts_with({0}, {1})"),
    "endswith": (("text", "text"), "condition", "right({0}, length({1})) = {1}"),
    "tolower": (("text",), "text", "lower({0})"),
    "toupper": (("text",), "text", "upper({0})"),
    "trim": (("text",), "text", "btrim({0})"),
    "concat": (("text", "text"), "text", "({0} || {1})"),
    "length": (("text",), "number", "length({0})"),
    "indexof": (("text", "text"), "number", "(strpos({0}, {1}) - 1)"),
    "date": (("moment",), "day", "({0} AT TIME ZONE 'UTC')::date"),
    "year": (("day",), "number", "extract(year FROM {0})"),
    "month": (("day",), "number", "extract(month FROM {0})"),
    "day": (("day",), "number", "extract(day FROM {0})"),
}
"""Each function: the kinds of its arguments, that of its value, and its SQL."""
FUNCTIONS = tuple(_FUNCTIONS)


class Condition(Struct, frozen=True):
    """A condition of SQL over the rows named `r`, and its parameters."""

    sql: str = "true"
    parameters: Mapping[str, object] = {}


class _Value(Struct, frozen=True):
    """A value of SQL; a typed one has its place, for the words of an error."""

    sql: str
    kind: Kind
    place: int


def read_filter(text: str, columns: Sequence[ViewColumn]) -> Condition:
    """Return the condition of a filter. Raises FilterError."""
    reader = _Reader(text, columns)
    sql = reader.condition(reader.either())
    reader.expect("end")
    return Condition(sql, reader.parameters)


def read_key(text: str, columns: Sequence[ViewColumn], key: Sequence[str]) -> Condition:
    """Return the condition for the row of a key: `'kent'`, or `id=…,step=1`. Raises FilterError."""
    reader = _Reader(text, columns)
    sql = reader.key(key)
    reader.expect("end")
    return Condition(sql, reader.parameters)


def unknown_column(name: str, columns: Sequence[ViewColumn]) -> str:
    """Return what to say about a name that no column has."""
    near = get_close_matches(name, [column.name for column in columns], 1)
    hint = f"did you mean {near[0]}?" if near else "$metadata lists them."
    return f"There is no property {name[:60]}; {hint}"


class _Reader:
    """Reads a filter from left to right: each method reads a part and returns its SQL."""

    def __init__(self, text: str, columns: Sequence[ViewColumn]) -> None:
        self._columns = columns
        self._kinds: dict[str, Kind] = {each.name: KINDS[each.type] for each in columns}
        self._tokens = tokens_of(text)
        self._next, self._depth = 0, 0
        self.parameters: dict[str, object] = {}

    def either(self) -> _Value:
        """Read alternatives: the weakest operator is `or`."""
        return self._joined("or", self._every)

    def _every(self) -> _Value:
        return self._joined("and", self._negated)

    def _joined(self, word: str, part: Callable[[], _Value]) -> _Value:
        first = part()
        if not self._at_word(word):
            return first
        parts = [self.condition(first)]
        while self._take_word(word):
            parts.append(self.condition(part()))
        return _Value(f"({f' {word.upper()} '.join(parts)})", "condition", first.place)

    def _negated(self) -> _Value:
        place = self._token.place
        if not self._take_word("not"):
            return self._comparison()
        with self._deeper():
            value = self._negated()
        return _Value(f"(({self.condition(value)}) IS NOT TRUE)", "condition", place)

    def _comparison(self) -> _Value:
        left, operator = self._value(), self._token
        if self._take_word("in"):
            return self._among(left)
        if operator.kind != "word" or operator.text in {"and", "or"}:
            return left
        if operator.text not in _COMPARED:
            self._fail(
                f"There is no operator {operator.text[:60]} here; there are:"
                f" {', '.join(_COMPARED)}, in, and, or, not."
            )
        self._next += 1
        return self._compared(operator, left, self._value())

    def _compared(self, operator: FilterToken, left: _Value, right: _Value) -> _Value:
        if "null" in {left.kind, right.kind}:
            if operator.text not in {"eq", "ne"}:
                return _Value("false", "condition", left.place)
            distinct = "IS NOT DISTINCT" if operator.text == "eq" else "IS DISTINCT"
            return _Value(f"({left.sql} {distinct} FROM {right.sql})", "condition", left.place)
        left, right = _as_flag(left), _as_flag(right)
        if left.kind != right.kind:
            self._fail(f"Expected {EXAMPLES[left.kind]}.", right)
        sides = [left.sql, right.sql]
        if left.kind == "text" and operator.text not in {"eq", "ne"}:
            sides = [f'{side} COLLATE "C"' for side in sides]
        sql = f"({sides[0]} {_COMPARED[operator.text]} {sides[1]})"
        return _Value(sql, "condition", left.place)

    def _among(self, left: _Value) -> _Value:
        self.expect("mark", "(")
        parts: list[str] = []
        equal = FilterToken("word", "eq", left.place)
        while True:
            parts.append(self._compared(equal, left, self._value()).sql)
            if sum(map(len, parts)) > LIST_SQL_MAX:
                self._fail("This list after in is too long. Ask for a part of it at a time.", left)
            if not self._take_mark(","):
                break
        self.expect("mark", ")")
        return _Value(f"({' OR '.join(parts)})", "condition", left.place)

    def _value(self) -> _Value:
        token = self._token
        if self._take_mark("("):
            with self._deeper():
                inner = self.either()
            self.expect("mark", ")")
            return inner
        if token.kind != "word":
            return self._literal()
        self._next += 1
        if token.text in {"true", "false", "null"}:
            return _Value(token.text, "null" if token.text == "null" else "flag", token.place)
        if self._at_mark("("):
            return self._called(token)
        if token.text not in self._kinds:
            self._fail(unknown_column(token.text, self._columns), token)
        return _Value(f"r.{token.text}", self._kinds[token.text], token.place)

    def _called(self, name: FilterToken) -> _Value:
        if name.text not in _FUNCTIONS:
            self._fail(
                f"There is no function {name.text[:60]} here; there are: {', '.join(FUNCTIONS)}.",
                name,
            )
        kinds, result, sql = _FUNCTIONS[name.text]
        self.expect("mark", "(")
        arguments: list[str] = []
        with self._deeper():
            for number, kind in enumerate(kinds):
                if number:
                    self.expect("mark", ",")
                arguments.append(self._argument(kind))
        self.expect("mark", ")")
        return _Value(sql.format(*arguments), result, name.place)

    def _argument(self, kind: Kind) -> str:
        value = self.either()
        if (value.kind, kind) == ("moment", "day"):
            return _FUNCTIONS["date"][2].format(value.sql)
        if value.kind not in {kind, "null"}:
            self._fail(f"Expected {EXAMPLES[kind]}.", value)
        return value.sql if value.kind == kind else f"null::{TYPES[kind]}"

    def _literal(self) -> _Value:
        token = self._token
        if token.kind not in LITERALS:
            self._fail(f"Expected a property or a value, not {_shown(token)}.")
        self._next += 1
        kind, read = LITERALS[token.kind]
        name = f"v{len(self.parameters)}"
        try:
            self.parameters[name] = read(token.text)
        except ValueError:
            self._fail(f"{token.text} is no date of the calendar.", token)
        return _Value(f"%({name})s::{TYPES[kind]}", kind, token.place)

    def key(self, key: Sequence[str]) -> str:
        """Read the values of a key: each by its name, or the only one alone."""
        if len(key) == 1 and not (self._token.kind == "word" and self._token.text == key[0]):
            return self._key_part(key[0])
        parts: dict[str, str] = {}
        while True:
            name = self._token
            self.expect("word")
            if name.text not in key or name.text in parts:
                self._fail(f"The key is: {', '.join(key)}.", name)
            self.expect("mark", "=")
            parts[name.text] = self._key_part(name.text)
            if not self._take_mark(","):
                break
        if len(parts) < len(key):
            self._fail(f"The key is: {', '.join(key)}.")
        return " AND ".join(parts.values())

    def _key_part(self, name: str) -> str:
        place = self._token.place
        column = _Value(f"r.{name}", self._kinds[name], place)
        return self._compared(FilterToken("word", "eq", place), column, self._literal()).sql

    def condition(self, value: _Value) -> str:
        """Return the SQL of a value that has to be a condition."""
        if value.kind not in {"condition", "flag"}:
            self._fail("Expected a comparison, such as force eq 'kent'.", value)
        return value.sql

    def expect(self, kind: str, text: str = "") -> None:
        """Pass a token. Raises FilterError if another comes."""
        token = self._token
        if token.kind != kind or (text and token.text != text):
            wanted = text or ("the end" if kind == "end" else "a name")
            self._fail(f"Expected {wanted}, not {_shown(token)}.")
        self._next += 1

    @contextmanager
    def _deeper(self) -> Generator[None]:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._fail(f"Brackets, functions and not are at most {DEPTH_MAX} deep in each other.")
        yield
        self._depth -= 1

    @property
    def _token(self) -> FilterToken:
        return self._tokens[min(self._next, len(self._tokens) - 1)]

    def _at_word(self, text: str) -> bool:
        return self._token.kind == "word" and self._token.text == text

    def _at_mark(self, text: str) -> bool:
        return self._token.kind == "mark" and self._token.text == text

    def _take_word(self, text: str) -> bool:
        taken = self._at_word(text)
        self._next += taken
        return taken

    def _take_mark(self, text: str) -> bool:
        taken = self._at_mark(text)
        self._next += taken
        return taken

    def _fail(self, words: str, at: FilterToken | _Value | None = None) -> NoReturn:
        raise FilterError(f"At character {(at or self._token).place + 1}: {words}")


def _as_flag(value: _Value) -> _Value:
    if value.kind != "condition":
        return value
    return _Value(f"(({value.sql}) IS TRUE)", "flag", value.place)


def _shown(token: FilterToken) -> str:
    return "the end" if token.kind == "end" else token.text[:60]
