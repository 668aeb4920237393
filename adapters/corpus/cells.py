"""Reader of a single cell: its field's type says what is allowed, in words too.

White space around a cell means nothing, nor does the form of its accents and line ends.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.inspect import (
    EnumType,
    IntType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    Type,
    UnionType,
    VarTupleType,
)

from domain.commands.tidy import tidy_text

SHOWN_MAX = 60
"""The most characters of a cell that a message repeats."""
SEPARATOR, ESCAPED = " | ", r" \| "
"""Separates the values of a cell that holds several; and the same signs within a value."""


class Column(Struct, frozen=True):
    """One column: the type of its cells, and the allowed values in words.

    A file may lack a column that is not required; its cells then have the field's default.
    """

    name: str
    required: bool
    decode: Callable[[bytes], Any]
    """Returns the value in some JSON: many times as fast as to convert it to a type by itself."""
    kind: Type
    optional: bool
    many: bool
    allowed: str
    known: dict[str, Any]
    """Values that were read before, by their cells: most columns have few."""


def columns_of(kind: type[Struct]) -> list[Column]:
    """Return the columns of a file, one for each field."""
    return [_column(field) for field in msgspec.structs.fields(kind)]


def value_of(cell: str, column: Column) -> Any:  # noqa: ANN401  it is of the column's type
    """Return the value of a cell. Raises ValueError with the mistake, in words."""
    cell = tidy_text(cell.strip())
    if mistake := unreadable(cell):
        raise ValueError(mistake)
    if not cell:
        if column.optional:
            return None
        raise ValueError("is empty")
    value: object = split(cell) if column.many else cell
    if isinstance(column.kind, IntType):
        if not re.fullmatch(r"[0-9]{1,9}", cell):
            raise ValueError(f"{shown(cell)} is not a whole number")
        value = int(cell)
    try:
        return column.decode(msgspec.json.encode(value))
    except msgspec.ValidationError:
        raise ValueError(_mistake(cell, column)) from None


def split(cell: str) -> list[str]:
    """Return the values of a cell that holds several."""
    return [value.replace(ESCAPED, SEPARATOR) for value in cell.split(SEPARATOR)]


def cell_of(value: object) -> str:
    """Return a value as the cell that `value_of` reads: nothing for None or no values."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case tuple():
            values = cast("tuple[str, ...]", value)
            return SEPARATOR.join(item.replace(SEPARATOR, ESCAPED) for item in values)
        case _:
            return str(value)


def unreadable(text: str) -> str:
    """Return why a text cannot be read, or nothing.

    A byte that is not UTF-8 is in the text as a surrogate.
    """
    for character in () if text.isascii() else text:
        if "\udc80" <= character <= "\udcff":
            return f"holds the byte 0x{ord(character) & 0xFF:02x}, which is not UTF-8"
    return "holds a NUL character" if "\0" in text else ""


def shown(cell: str) -> str:
    """Return a cell in quotes, cut if it is long, unprintable characters escaped."""
    return repr(cell if len(cell) <= SHOWN_MAX else f"{cell[:SHOWN_MAX]}…")


def _mistake(cell: str, column: Column) -> str:
    longest = max(len(item) for item in (split(cell) if column.many else [cell]))
    match column.kind:
        case LiteralType() | EnumType():
            return f"{shown(cell)} is not an allowed word"
        case IntType():
            return f"{cell} is out of range"
        case StrType(max_length=int(most)) if longest > most:
            return f"has {longest} characters"
        case _:
            return f"{shown(cell)} has the wrong form"


def _column(field: msgspec.structs.FieldInfo) -> Column:
    kind = msgspec.inspect.type_info(field.type)
    optional = isinstance(kind, UnionType)
    if isinstance(kind, UnionType):
        (kind,) = (member for member in kind.types if not isinstance(member, NoneType))
    many = isinstance(kind, VarTupleType)
    if isinstance(kind, VarTupleType):
        kind = kind.item_type
    described = ""
    if isinstance(kind, Metadata):
        schema: dict[str, str] = getattr(kind, "extra_json_schema", None) or {}
        described, kind = schema.get("description", "").removesuffix("."), kind.type
    allowed = described or _allowed(kind)
    if many:
        allowed = f"{allowed}; several are separated by {SEPARATOR!r}"
    if optional:
        allowed = f"{allowed}, or empty"
    decode = msgspec.json.Decoder(field.type).decode
    known: dict[str, Any] = {"": None} if optional else {}
    return Column(field.name, field.required, decode, kind, optional, many, allowed, known)


def _allowed(kind: Type) -> str:
    match kind:
        case LiteralType(values=values):
            return f"one of: {', '.join(map(str, values))}"
        case EnumType(cls=words):
            return f"one of: {', '.join(str(word.value) for word in words)}"
        case IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case StrType(min_length=least, max_length=most) if most is not None:
            return f"{least} to {most} characters"
        case _:
            return "text"
