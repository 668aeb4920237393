"""The forces and other bodies that a recommendation can be addressed to."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct
from msgspec.structs import asdict

from adapters.corpus.gazetteer.finder import near_leads
from adapters.corpus.gazetteer.names import forces_named, other_names
from adapters.corpus.gazetteer.tables import ForceName
from api.request.query_params import Params
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES, Force, addressees
from domain.vocabulary.values import Code
from projections.filters import Training, Words


class Forces(Struct, frozen=True):
    """All forces and the national addressee, or all training forces."""

    items: tuple[Force, ...]


class ForceView(Force, frozen=True):
    """An addressee, with its present, Welsh and earlier names besides the one shown.

    Each has its source. Where it was another force that policed the area, or a part of it,
    `predecessor` says so.
    """

    names: tuple[ForceName, ...] = ()


class ForcesParams(Params, frozen=True, kw_only=True):
    """Whether to list the training forces, and the name of those to list."""

    training: Training | None = None
    q: Annotated[Words, Meta(description="A name, or the beginnings of its words.")] | None = None

    @property
    def codes(self) -> list[Code]:
        """The codes of the forces to list: those with the name first, or all in order."""
        if self.q is None:
            return addressees(training=bool(self.training))
        return [match.force for match in forces_named(self.q, training=bool(self.training))]

    @property
    def near(self) -> list[Code]:
        """The codes of the forces whose names are spelt nearly as the one to list."""
        leads = near_leads(self.q or "", training=bool(self.training))
        return [match.force for match in leads.forces]


@get("/v1/forces", opt={"public": True}, sync_to_thread=False)
def list_forces(params: NamedDependency[ForcesParams]) -> Forces:
    """List all addressees but the training forces, or those alone; by name, if one is given."""
    return Forces(tuple(ADDRESSEES[code] for code in params.codes))


@get("/v1/forces/{code:str}", opt={"public": True}, sync_to_thread=False)
def get_force(code: FromPath[Code]) -> ForceView:
    """Return one addressee, with its other names."""
    return force_view(code)


def force_view(code: Code) -> ForceView:
    """Return an addressee with its other names. Raises NotFound if there is none."""
    return ForceView(**asdict(named(code)), names=tuple(other_names(code)))


def named(code: Code) -> Force:
    """Return the addressee with a code. Raises NotFound if there is none."""
    if code not in ADDRESSEES:
        raise NotFound("There is no such force; /v1/forces has the codes of all.")
    return ADDRESSEES[code]
