"""Arrays in PostgreSQL's binary form, packed whole: psycopg alone would adapt each element.

A batch has thousands of elements, and a lone command seven arrays.
"""

from collections.abc import Iterable, Sequence
from struct import Struct as Packing
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

_HEAD = Packing("!iiIii")
_LENGTH = Packing("!i")
_INT4 = Packing("!i")
_INT8 = Packing("!q")
_ONE_DIMENSION, _NO_NULLS, _FROM_ONE = 1, 0, 1
_JSONB_VERSION = b"\x01"


class Array(Struct, frozen=True):
    """A one-dimensional array without nulls, as it is sent: the oid of its type, and its bytes."""

    oid: int
    data: bytes


class _ArrayDumper(Dumper):
    """Sends the bytes as they are."""

    format = Format.BINARY

    def get_key(self, obj: Array, format: PyFormat) -> Any:  # noqa: A002, ANN401, ARG002  psycopg's
        """One dumper for each type of array."""
        return (self.cls, obj.oid)

    def upgrade(self, obj: Array, format: PyFormat) -> Dumper:  # noqa: A002, ARG002  psycopg's
        """The dumper of this array's type."""
        dumper = _ArrayDumper(self.cls)
        dumper.oid = obj.oid
        return dumper

    def dump(self, obj: Array) -> bytes:
        """The bytes of the array."""
        return obj.data


psycopg.adapters.register_dumper(Array, _ArrayDumper)


def _array(kind: str, elements: Sequence[bytes]) -> Array:
    info = psycopg.adapters.types[kind]
    head = _HEAD.pack(_ONE_DIMENSION, _NO_NULLS, info.oid, len(elements), _FROM_ONE)
    pack = _LENGTH.pack
    packed = b"".join([part for one in elements for part in (pack(len(one)), one)])
    return Array(info.array_oid, head + packed)


def uuids(values: Iterable[UUID]) -> Array:
    """An array of uuid."""
    return _array("uuid", [value.bytes for value in values])


def integers(values: Iterable[int]) -> Array:
    """An array of integer."""
    return _array("int4", [_INT4.pack(value) for value in values])


def bigints(values: Iterable[int]) -> Array:
    """An array of bigint."""
    return _array("int8", [_INT8.pack(value) for value in values])


def texts(values: Iterable[str]) -> Array:
    """An array of text. A text with a zero byte is refused by PostgreSQL."""
    return _array("text", [value.encode() for value in values])


def byteas(values: Iterable[bytes]) -> Array:
    """An array of bytea."""
    return _array("bytea", list(values))


def jsonbs(values: Iterable[bytes]) -> Array:
    """An array of jsonb, each given as JSON."""
    return _array("jsonb", [_JSONB_VERSION + value for value in values])
