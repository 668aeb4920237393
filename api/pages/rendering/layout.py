"""What several pages have in common."""

from litestar import Response
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import P, Sent
from api.pages.rendering.render import page
from api.request.query_params import AsOfParams, today
from api.v1.lists.register import RegisterParams
from domain.vocabulary.forces import ADDRESSEES, FORCES, NATIONAL, TRAINING
from domain.vocabulary.values import AREAS, Code

OPT = {"public": True}
HOME = {"text": N_("Home"), "href": "/"}
FIELDS = ("q", "force", "area", "stage", "open", "kind", "overdue", "claimed", "product")
TARGETS = {
    **{name: f"{prefix}-day" for name, prefix in query_form.DAYS.items()},
    **{name: name for name in FIELDS},
}
"""Which field a wrong parameter stands in."""


def render_view(
    request: Request, template: str, sent: Sent[P], *, position: int, **shown: object
) -> Response[bytes]:
    """The page that a form asks for, or the form with what is wrong about it."""
    return page(
        request,
        template,
        status=400 if sent.errors else 200,
        headers=None,
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        asof=asof(position),
        **shown,
    )


def areas() -> list[tuple[str, str]]:
    """Every area by name, edition by edition."""
    every = dict.fromkeys(area for edition in AREAS.values() for area in sorted(edition))
    return [(area, labels.AREAS[area]) for area in every]


def forces() -> list[tuple[Code, str]]:
    """Every addressee but the training force, by name."""
    return sorted(
        ((code, ADDRESSEES[code].name) for code in (*FORCES, NATIONAL) if code != TRAINING),
        key=lambda one: one[1],
    )


def as_asked(wanted: RegisterParams, params: AsOfParams) -> RegisterParams:
    """The same recommendations, as at the day and as known at the moment of a page."""
    return replace(wanted, on=params.on, known_at=params.known_at)


def asof(position: int) -> str:
    """What a page is as of."""
    return _(
        "As of %(day)s, and entry %(position)s of the ledger.",
        day=formatting.day(today()),
        position=position,
    )
