"""The forces and other bodies that a recommendation can be addressed to."""

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES, Force
from domain.vocabulary.values import Code


class Forces(Struct, frozen=True):
    """All forces, the national addressee and the training force."""

    items: tuple[Force, ...]


@get("/v1/forces", opt={"public": True}, sync_to_thread=False)
def list_forces() -> Forces:
    """List all addressees."""
    return Forces(tuple(ADDRESSEES.values()))


@get("/v1/forces/{code:str}", opt={"public": True}, sync_to_thread=False)
def get_force(code: FromPath[Code]) -> Force:
    """Return one addressee."""
    return named(code)


def named(code: Code) -> Force:
    """Return the addressee with a code. Raises NotFound if there is none."""
    if code not in ADDRESSEES:
        raise NotFound("There is no such force.")
    return ADDRESSEES[code]
