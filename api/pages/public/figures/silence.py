"""The recommendations that a list leaves out, as it is not known where they stand."""

from msgspec import Struct
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.rendering.query_form import P, Query
from api.v1.lists import register
from api.v1.lists.register import RegisterParams
from domain.recommendation.state import Stage
from projections.filters import ForceFilter

OF_STANDING = (
    "stage", "open", "reason", "limited", "superseded_by", "overdue", "plan_owed", "plan_overdue",
    "due_before", "claimed", "closed_from", "closed_to", "slip", "done_within", "ended",
)  # fmt: skip
"""The filters that ask where a recommendation stands, or what became of it."""


class Silence(Struct, frozen=True):
    """How many recommendations are not known to belong to a list or not, and their list."""

    many: int
    href: str


def of_register(request: Request, query: Query[RegisterParams]) -> Silence | None:
    """Return how many with the other filters are left out, as it is not known where they stand."""
    params = query.params
    without = {name: None for name in OF_STANDING if getattr(params, name) is not None}
    if not without or params.stage is Stage.NOT_KNOWN:
        return None
    silent = replace(params, **{**without, "stage": Stage.NOT_KNOWN})
    many = register.register_total(request, silent)
    if many and params.stage is None:
        many -= register.register_total(request, replace(params, stage=Stage.NOT_KNOWN))
    changed = {**without, "stage": str(Stage.NOT_KNOWN), "cursor": None, "page": None}
    return Silence(many, query.link("/recommendations", **changed)) if many else None


def of_force(request: Request, query: Query[P], params: ForceFilter) -> Silence | None:
    """Return of how many recommendations to the force of a list it is not known."""
    silent = RegisterParams(
        stage=Stage.NOT_KNOWN,
        force=params.force,
        training=params.training,
        on=params.on,
        known_at=params.known_at,
    )
    many = register.register_total(request, silent)
    changed = {"stage": str(Stage.NOT_KNOWN), "cursor": None, "page": None, "order": None}
    left_out = {"clock": None, "since": None, "judgement": None, "waiting": None}
    href = query.link("/recommendations", **changed, **left_out)
    return Silence(many, href) if many else None
