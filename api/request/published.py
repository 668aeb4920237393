"""Positions in public answers: those of published entries alone (domain/access/published.py)."""

from datetime import datetime
from typing import Protocol, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.codec import moment_of
from adapters.ledger.queries import page, published_through
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.services import services
from domain.vocabulary.actors import Role


class HasPosition(Protocol):
    """An answer as of a position of the ledger."""

    @property
    def position(self) -> int:
        """The position that its read model had reached."""
        ...


V = TypeVar("V", bound=HasPosition)


def is_public(request: Request) -> bool:
    """Return whether a request comes from the public."""
    return current_actor(request).role is Role.PUBLIC


def as_published(request: Request, view: V) -> V:
    """Return an answer for its reader: the public sees the position of the last published entry.

    Nothing that the answer shows was recorded between the two. For threads.
    """
    if not is_public(request):
        return view
    position = services(request).ledger.rows.run(published_through(view.position))
    return cast("V", replace(cast("Struct", view), position=position))


def as_of_moment(request: Request, position: int) -> datetime | None:
    """Return the moment of the last entry that lists at a position show.

    None if they show every entry that the reader may know of, or none at all. For threads.
    """
    ledger = services(request).ledger
    last = ledger.head()
    if is_public(request):
        last = ledger.rows.run(published_through(last))
    if last <= position or not position:
        return None
    return moment_of(ledger.rows.run(page(position - 1, 1)))
