"""Minutes of a day as people type them, in UK time.

When clocks go forward an hour does not exist, and when they go back an hour comes twice: a minute
of either is refused, so that nobody has to guess which was meant.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time

from api.pages.forms.typed_dates import WrongDate, whole_date
from api.pages.rendering.language import day_as, moment_as
from api.pages.rendering.language import gettext as _
from domain.vocabulary.dates import LONDON

_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?", re.IGNORECASE)
NOON = 12


def typed_moment(typed: Mapping[str, str], name: str) -> datetime | None:
    """Return the moment of a day and a minute in UK time; None if nothing was typed.

    Raises WrongDate, which names the field of the wrong part.
    """
    day = whole_date(typed, name)
    text = typed.get(f"{name}-time", "").strip()
    if day is None and not text:
        return None
    if day is None:
        raise WrongDate(f"{name}-day", _("enter the day too."))
    minute = _minute(text, f"{name}-time")
    first, second = (datetime.combine(day, minute, LONDON).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        words = _twice if first.astimezone(UTC) < second.astimezone(UTC) else _never
        raise WrongDate(f"{name}-time", words(first))
    return first.astimezone(UTC)


def _minute(text: str, field: str) -> time:
    match = _TIME.fullmatch(text)
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (-1, 0)
    half = (match[3] or "").lower() if match else ""
    if half:
        is_hour = 1 <= hour <= NOON
        hour = hour % NOON + (NOON if half == "pm" else 0)
    else:
        is_hour = bool(match and match[2]) and 0 <= hour < 2 * NOON
    if not is_hour or minute >= 60:  # noqa: PLR2004  minutes
        raise WrongDate(field, _("enter a time, such as 12:01am or 00:01."))
    return time(hour, minute)


def _never(at: datetime) -> str:
    return _(
        "%(time)s on %(day)s does not exist, because the clocks go forward then. Choose a time "
        "before 1am, or from 2am on.",
        time=_shown(at),
        day=day_as(at.date(), "d MMMM y"),
    )


def _twice(at: datetime) -> str:
    return _(
        "%(time)s on %(day)s comes twice, because the clocks go back then. Choose a time before "
        "1am, or from 2am on.",
        time=_shown(at),
        day=day_as(at.date(), "d MMMM y"),
    )


def _shown(at: datetime) -> str:
    return moment_as(at, "h:mma").lower()
