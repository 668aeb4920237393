"""Positions in public answers: those of published entries alone (domain/access/published.py)."""

from typing import Protocol, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.queries import published_through
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
