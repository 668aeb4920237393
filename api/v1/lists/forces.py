"""The forces and other bodies that a recommendation can be addressed to."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.request.query_params import Params
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES, Force, addressees
from domain.vocabulary.values import Code
from projections.filters import Training


class Forces(Struct, frozen=True):
    """All forces and the national addressee, or all training forces."""

    items: tuple[Force, ...]


class ForcesParams(Params, frozen=True, kw_only=True):
    """Whether to list the training forces."""

    training: Training | None = None


@get("/v1/forces", opt={"public": True}, sync_to_thread=False)
def list_forces(params: NamedDependency[ForcesParams]) -> Forces:
    """List all addressees but the training forces, or those alone."""
    codes = addressees(training=bool(params.training))
    return Forces(tuple(ADDRESSEES[code] for code in codes))


@get("/v1/forces/{code:str}", opt={"public": True}, sync_to_thread=False)
def get_force(code: FromPath[Code]) -> Force:
    """Return one addressee."""
    return named(code)


def named(code: Code) -> Force:
    """Return the addressee with a code. Raises NotFound if there is none."""
    if code not in ADDRESSEES:
        raise NotFound("There is no such force.")
    return ADDRESSEES[code]
