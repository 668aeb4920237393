"""Values in PostgreSQL's binary form: psycopg would adapt each element of an array by itself.

A batch has thousands of elements, and a single command has seven arrays.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from struct import Struct as Packing
from uuid import UUID, SafeUUID

import psycopg
from msgspec import Struct
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types import TypeInfo

UUIDS_KEPT = 1_000
"""How many ids that were read are cached."""

_HEAD = Packing("!iiIii")
_LENGTH = Packing("!i")
_INT4 = Packing("!i")
_INT8 = Packing("!q")
_INT4_ELEMENT = Packing("!ii")
_INT8_ELEMENT = Packing("!iq")
_UUID_LENGTH = _LENGTH.pack(16)
_NULL = _LENGTH.pack(-1)
_ONE_DIMENSION, _FROM_ONE = 1, 1
_JSONB_VERSION = b"\x01"
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL counts days and microseconds from here."""
_DAYS = _BEGIN.toordinal()
_MICROSECOND = timedelta(microseconds=1)


_new, _set, _UNKNOWN = UUID.__new__, object.__setattr__, SafeUUID.unknown


class BinaryArray(Struct, frozen=True):
    """A value in the form the server takes: its type's oid, and its bytes.

    The gain over psycopg's lists is the row `connection-append` of `./run bench`; its last
    measure is in the docstring of `LibpqConnection`.
    """

    oid: int
    data: bytes


@lru_cache(UUIDS_KEPT)
def _uuid(data: bytes) -> UUID:
    """Return an id without the checks of its class, which take most of the time."""
    made = _new(UUID)
    _set(made, "int", int.from_bytes(data))
    _set(made, "is_safe", _UNKNOWN)
    return made


class _UUIDLoader(Loader):
    """Loads an id once for all rows: making it costs more than reading a row."""

    format = Format.BINARY

    def load(self, data: Buffer) -> UUID:
        """Return the id in the bytes."""
        return _uuid(bytes(data))


psycopg.adapters.register_loader("uuid", _UUIDLoader)


_UUID, _TEXT, _BYTEA = (psycopg.adapters.types[name] for name in ("uuid", "text", "bytea"))
_DATE, _MOMENT = (psycopg.adapters.types[name] for name in ("date", "timestamptz"))
_INTEGER, _BIGINT, _JSONB = (psycopg.adapters.types[name] for name in ("int4", "int8", "jsonb"))


def bigint(value: int) -> BinaryArray:
    """Encode a bigint."""
    return BinaryArray(_BIGINT.oid, _INT8.pack(value))


def text(value: str) -> BinaryArray:
    """Encode a text. PostgreSQL refuses a text with a zero byte."""
    return BinaryArray(_TEXT.oid, value.encode())


def uuid(value: UUID) -> BinaryArray:
    """Encode a uuid."""
    return BinaryArray(_UUID.oid, value.bytes)


def bytea(value: bytes) -> BinaryArray:
    """Encode a bytea."""
    return BinaryArray(_BYTEA.oid, value)


def moment(value: datetime) -> BinaryArray:
    """Encode a timestamptz."""
    return BinaryArray(_MOMENT.oid, _INT8.pack((value - _BEGIN) // _MICROSECOND))


def on_day(value: date) -> BinaryArray:
    """Encode a date."""
    return BinaryArray(_DATE.oid, _INT4.pack(value.toordinal() - _DAYS))


def _array(kind: TypeInfo, elements: Sequence[bytes], *, nulls: bool = False) -> BinaryArray:
    """Encode an array of elements, each of which begins with its length."""
    head = _HEAD.pack(_ONE_DIMENSION, nulls, kind.oid, len(elements), _FROM_ONE)
    return BinaryArray(kind.array_oid, head + b"".join(elements))


def uuids(values: Iterable[UUID]) -> BinaryArray:
    """Encode an array of uuid."""
    return _array(_UUID, [_UUID_LENGTH + value.bytes for value in values])


def integers(values: Iterable[int]) -> BinaryArray:
    """Encode an array of integer."""
    return _array(_INTEGER, [_INT4_ELEMENT.pack(_INT4.size, value) for value in values])


def bigints(values: Iterable[int]) -> BinaryArray:
    """Encode an array of bigint."""
    return _array(_BIGINT, [_INT8_ELEMENT.pack(_INT8.size, value) for value in values])


def dates(values: Iterable[date]) -> BinaryArray:
    """Encode an array of date."""
    days = [value.toordinal() - _DAYS for value in values]
    return _array(_DATE, [_INT4_ELEMENT.pack(_INT4.size, day) for day in days])


def moments(values: Iterable[datetime]) -> BinaryArray:
    """Encode an array of timestamptz."""
    since = [(value - _BEGIN) // _MICROSECOND for value in values]
    return _array(_MOMENT, [_INT8_ELEMENT.pack(_INT8.size, value) for value in since])


def texts(values: Iterable[str | None]) -> BinaryArray:
    """Encode an array of text; see `text`."""
    encoded = [None if value is None else value.encode() for value in values]
    elements = [_NULL if value is None else _LENGTH.pack(len(value)) + value for value in encoded]
    return _array(_TEXT, elements, nulls=None in encoded)


def byteas(values: Iterable[bytes]) -> BinaryArray:
    """Encode an array of bytea."""
    return _array(_BYTEA, [_LENGTH.pack(len(value)) + value for value in values])


def jsonbs(values: Iterable[bytes]) -> BinaryArray:
    """Encode an array of jsonb, from the JSON of each."""
    versioned = [_JSONB_VERSION + value for value in values]
    return _array(_JSONB, [_LENGTH.pack(len(value)) + value for value in versioned])
