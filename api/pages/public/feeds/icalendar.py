"""Calendars in the form of RFC 5545: days with a summary, for programs that subscribe to them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from msgspec import Struct

CALENDAR = "text/calendar"
LINE_OCTETS_MAX = 75
"""A longer line goes on in the next one, after a space."""
REFRESH = "PT6H"
"""How often a program may read the calendar again."""
_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


class CalendarDay(Struct, frozen=True):
    """One day of a calendar, and what falls on it."""

    id: UUID
    day: date
    summary: str
    description: str
    address: str
    changes: int
    """How often the day has changed."""
    changed_at: datetime


def calendar(name: str, description: str, days: Sequence[CalendarDay]) -> bytes:
    """Return a calendar; the same days give the same bytes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Recommendation Tracker//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"DESCRIPTION:{_text(description)}",
        f"X-WR-CALDESC:{_text(description)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        *(line for day in days for line in _event(day)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event(of: CalendarDay) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{of.id}"
    yield f"DTSTAMP:{_moment(of.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(of.changed_at)}"
    yield f"SEQUENCE:{of.changes}"
    yield f"DTSTART;VALUE=DATE:{of.day:%Y%m%d}"
    yield f"SUMMARY:{_text(of.summary)}"
    yield f"DESCRIPTION:{_text(of.description)}"
    yield f"URL:{of.address}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(text: str) -> str:
    """Return a text as a value: nothing in it ends the line, and no character controls anything."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines.replace("\n", "").isprintable():
        lines = "".join(c if c == "\n" or c.isprintable() else " " for c in lines)
    for character, escaped in _ESCAPED.items():  # the backslash first, which the others bring
        lines = lines.replace(character, escaped)
    return lines


def _folded(line: str) -> bytes:
    """Return a line in parts of at most LINE_OCTETS_MAX octets, none within a character."""
    octets, parts = line.encode(), list[bytes]()
    start, end = 0, LINE_OCTETS_MAX
    while end < len(octets):
        while octets[end] & 0xC0 == 0x80:  # noqa: PLR2004  an octet that goes on with a character
            end -= 1
        parts.append(octets[start:end])
        start, end = end, end + LINE_OCTETS_MAX - 1  # the next one begins with a space
    return b"\r\n ".join([*parts, octets[start:]]) + b"\r\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
