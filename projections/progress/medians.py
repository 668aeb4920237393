"""Medians of days, from sorted numbers kept as bytes."""

import sys
from array import array
from bisect import insort
from collections.abc import Mapping


def median(size: int, reach: int, middle: bytes, changes: Mapping[int, int]) -> float | None:
    """Return the median of sorted days after some changes; None if no day is left.

    Needs only the middle of the days: see `middle_from`. There may be at most `reach` changes.
    """
    below, days = middle_from(size, reach), unpacked(middle)
    lowest = days[0] if below else None
    for day, times in changes.items():
        size += times
        for _ in range(times):
            if lowest is not None and day < lowest:
                below += 1
            else:
                insort(days, day)
        for _ in range(-times):
            if day in days:
                days.remove(day)
            elif lowest is not None and day <= lowest:
                below -= 1
    if not size:
        return None
    return (days[(size - 1) // 2 - below] + days[size // 2 - below]) / 2


def middle_from(size: int, reach: int) -> int:
    """Return how many sorted days lie below any possible median after `reach` changes.

    Each change moves the median by half a place, so the highest possible place is
    (size + reach) // 2.
    """
    return max((size - 1 - reach) // 2, 0)


def with_changes(packed: bytes, changes: Mapping[int, int]) -> bytes:
    """Return sorted days with some added or removed.

    Raises ValueError if a day to be removed is missing.
    """
    if not changes:
        return packed
    days = unpacked(packed)
    for day, times in changes.items():
        for _ in range(times):
            insort(days, day)
        for _ in range(-times):
            days.remove(day)
    return _ordered(days).tobytes()


def unpacked(packed: bytes) -> "array[int]":
    """Return the days packed in some bytes."""
    return _ordered(array("i", packed))


def _ordered(days: "array[int]") -> "array[int]":
    """Swap the bytes where the machine's byte order is not that of the table."""
    if sys.byteorder == "big":
        days.byteswap()
    return days
