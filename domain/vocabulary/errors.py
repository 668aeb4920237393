"""The three outcomes of the rules other than success, and where in a command they are about."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import date

from domain.vocabulary.actors import Role


class RuleError(Exception):
    """An outcome of the rules other than success.

    `place` is the part of the command that it is about, as a JSON Pointer (RFC 6901); empty if it
    is about the whole. `number` is the index of the command, where several were given together.
    """

    def __init__(self, words: str = "", place: str = "") -> None:
        super().__init__(words)
        self.place = place
        self.number: int | None = None


class Refused(RuleError):  # noqa: N818  an answer of the rules, not a fault
    """The rules do not allow a well-formed request now; the message says why."""


class TooEarly(Refused):
    """A step is dated before the earliest possible day of its track.

    `published` says that this is the day on which the report was published.
    """

    def __init__(self, words: str, place: str, earliest: date, *, published: bool) -> None:
        super().__init__(words, place)
        self.earliest = earliest
        self.published = published


class Forbidden(RuleError):  # noqa: N818  an answer of the rules, like Refused
    """The role may not do this; `roles` are those that may, if it is a matter of roles."""

    def __init__(self, words: str, roles: Iterable[Role] = ()) -> None:
        super().__init__(words)
        self.roles = sorted(roles)


class NotFound(RuleError):  # noqa: N818  an answer of the rules, like Refused
    """Nothing of that name exists, as far as the actor may know."""


@contextmanager
def inside(place: str) -> Generator[None]:
    """Put a place before that of any outcome that the rules raise within."""
    try:
        yield
    except RuleError as error:
        error.place = place + error.place
        raise


@contextmanager
def at(place: str) -> Generator[None]:
    """Give any outcome that the rules raise within this place, whichever it had."""
    try:
        yield
    except RuleError as error:
        error.place = place
        raise
