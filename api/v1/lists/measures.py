"""Measures of how claims held, how soon work was done, and what is open at a time."""

from datetime import date, datetime
from functools import partial
from typing import ClassVar

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import replace

from api.http.moment import today
from api.http.problems import Request
from api.request.pagination import paged, read_page, total_of
from api.request.published import as_published
from api.request.query_params import ForceParams, PageParams
from api.request.services import services
from api.request.waiting import kept_level
from api.v1.file_formats import refuse_files
from projections.filters import ForceFilter
from projections.progress import claims
from projections.progress.accuracy import Accuracy, read_accuracy
from projections.progress.claims import ClaimsFilter, ClaimsMade, ClaimsPage
from projections.register.measures.ages import OpenAges, StageAges, open_ages, read_ages
from projections.register.measures.cohorts import Cohort, read_cohorts
from projections.register.measures.demands import Demands, read_load
from projections.register.model import Register
from projections.runtime.read_model import ReadModel


class MeasuresParams(ForceParams, frozen=True, kw_only=True):
    """The day, the moment, and the force; all but the training forces by default."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register, ClaimsMade)


class ClaimsParams(ClaimsFilter, PageParams, frozen=True, kw_only=True):
    """The claims to list; without a force, all but the training force's."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (ClaimsMade,)


class MeasuresView(Struct, frozen=True, kw_only=True):
    """The measures of all forces together or of one, as of a ledger position.

    What nobody recorded is in none of them as an outcome: it counts as not known, or not at all.
    """

    accuracy: tuple[Accuracy, ...]
    """Of the forces that made claims, in order of their codes."""
    cohorts: tuple[Cohort, ...]
    """By year of issue, the oldest first."""
    load: tuple[Demands, ...]
    """Of each force with anything that is not closed, followed by its areas."""
    ages: tuple[StageAges, ...]
    """By stage, and by whose move it is."""
    position: int
    on: date
    known_at: datetime | None


@get("/v1/measures", opt={"public": True}, sync_to_thread=True)
def get_measures(request: Request, params: NamedDependency[MeasuresParams]) -> MeasuresView:
    """Measure how claims held, how soon work was done, and how much is open, for how long."""
    refuse_files(
        request,
        "/v1/measures/claim-accuracy.csv, /v1/measures/cohorts.csv, /v1/measures/ages.csv and "
        "/v1/measures/load.csv",
    )
    return measures_view(request, params)


def measures_view(request: Request, params: MeasuresParams) -> MeasuresView:
    """Return the measures, all of them as of one position.

    Raises ProblemError if the read models stay apart.
    """
    lists = services(request).lists
    key = "measures", params.day, params.known_at, params.force, bool(params.training)
    read = partial(
        lists.at_once,
        lambda: (
            lists.read(lambda c: read_accuracy(c, params, today())),
            lists.read(lambda c: read_cohorts(c, params, today())),
            lists.read(lambda c: read_load(c, params, today())),
            lists.read(lambda c: read_ages(c, params, today())),
        ),
    )
    accuracy, cohorts, load, ages = kept_level(
        request,
        params.read_models,
        key,
        read,
        lambda counted: (
            ""
            if counted[0][1] == counted[1][1]
            else f"The claims have come to {counted[0][1]}, the register to {counted[1][1]}."
        ),
    )
    view = MeasuresView(
        accuracy=accuracy[0],
        cohorts=cohorts[0],
        load=load[0],
        ages=ages[0],
        position=cohorts[1],
        on=params.day,
        known_at=params.known_at,
    )
    return as_published(request, view)


@get("/v1/claims", opt={"public": True}, sync_to_thread=True)
def list_claims(request: Request, params: NamedDependency[ClaimsParams]) -> Response[ClaimsPage]:
    """List claims of completion, each with its first judgement."""
    return paged("/v1/claims", params, claims_page(request, params))


def claims_page(request: Request, params: ClaimsParams) -> ClaimsPage:
    """Return one page of claims."""
    return read_page(request, params, claims.page)


def claims_total(request: Request, params: ClaimsParams) -> int:
    """Return how many claims are on all pages."""
    return total_of(request, replace(params, order=None), claims.count)


def ages_of(request: Request, params: ForceFilter) -> OpenAges:
    """Return how long the open recommendations have been open."""
    opened, day = services(request), params.day_at(today())
    return opened.answers.kept(
        opened.lists,
        (Register,),
        ("ages", day, params.known_at, params.force, bool(params.training)),
        lambda: opened.lists.read(lambda cursor: open_ages(cursor, params, today())),
    )
