"""The moment of a request: read once from the service's clock, the same all through the request."""

from contextvars import ContextVar
from datetime import date, datetime

from adapters.clock import now
from domain.vocabulary.dates import day_of

_MOMENT: ContextVar[datetime] = ContextVar("moment")


def begin(at: datetime) -> None:
    """Set the moment of the request that is being answered in this context."""
    _MOMENT.set(at)


def moment() -> datetime:
    """Return the moment of the present request; outside a request, of the machine's clock."""
    return _MOMENT.get(None) or now()


def today() -> date:
    """Return the day in London at that moment."""
    return day_of(moment())
