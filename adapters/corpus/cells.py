"""What a cell of a file may hold: its field's type says it, and so do the words for it.

White space around a cell means nothing.
"""

import re
from typing import Any

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

SHOWN_MAX = 60
"""The most characters of a cell that are repeated."""
SEPARATOR = " | "
"""What stands between several values in one cell."""


class Column(Struct, frozen=True):
    """One column: the type of its cells, and what is allowed there in words."""

    name: str
    type: Any
    kind: Type
    optional: bool
    many: bool
    allowed: str


def columns_of(kind: type[Struct]) -> list[Column]:
    """The columns of a file: one for each field."""
    return [_column(field) for field in msgspec.structs.fields(kind)]


def value_of(cell: str, column: Column) -> Any:  # noqa: ANN401  it is of the column's type
    """What a cell says. Raises ValueError with what is wrong, in words."""
    cell = cell.strip()
    if wrong := unreadable(cell):
        raise ValueError(wrong)
    if not cell:
        if column.optional:
            return None
        raise ValueError("is empty")
    given: object = cell.split(SEPARATOR) if column.many else cell
    if isinstance(column.kind, IntType):
        if not re.fullmatch(r"[0-9]{1,9}", cell):
            raise ValueError(f"{shown(cell)} is no whole number")
        given = int(cell)
    try:
        return msgspec.convert(given, column.type)
    except msgspec.ValidationError:
        raise ValueError(_why(cell, column)) from None


def unreadable(text: str) -> str:
    """Why a text cannot be read, if so. A byte that is not UTF-8 is in it as a surrogate."""
    for character in () if text.isascii() else text:
        if "\udc80" <= character <= "\udcff":
            return f"holds the byte 0x{ord(character) & 0xFF:02x}, which is not UTF-8"
    return "holds a NUL character" if "\0" in text else ""


def shown(cell: str) -> str:
    """A cell in quotes, cut if it is long, with nothing in it that does not print."""
    return repr(cell if len(cell) <= SHOWN_MAX else f"{cell[:SHOWN_MAX]}…")


def _why(cell: str, column: Column) -> str:
    longest = max(len(item) for item in (cell.split(SEPARATOR) if column.many else [cell]))
    match column.kind:
        case LiteralType() | EnumType():
            return f"{shown(cell)} is not among the words"
        case IntType():
            return f"{cell} is out of range"
        case StrType(max_length=int(most)) if longest > most:
            return f"has {longest} characters"
        case _:
            return f"{shown(cell)} has not the form"


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
        about: dict[str, str] = getattr(kind, "extra_json_schema", None) or {}
        described, kind = about.get("description", "").removesuffix("."), kind.type
    allowed = described or _allowed(kind)
    if many:
        allowed = f"{allowed}; several with {SEPARATOR!r} between them"
    if optional:
        allowed = f"{allowed}, or empty"
    return Column(field.name, field.type, kind, optional, many, allowed)


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
