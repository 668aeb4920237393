"""Clock of the service, and source of entry ids."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


def new_entry_id() -> UUID:
    """Return a UUID version 7 (RFC 9562): ordered by time, with 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(secrets.token_bytes(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def made_at(entry: UUID) -> datetime:
    """Return the moment in an entry id: when the entry was drafted, to the millisecond."""
    return datetime.fromtimestamp((entry.int >> 80) / 1000, UTC)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)
