"""Helpers that several pages share: choices, crumbs and the view of a query."""

from litestar import Response
from msgspec.structs import replace

from api.http.moment import today
from api.http.problems import Request
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import P, Query
from api.pages.rendering.render import page
from api.request.published import as_of_moment
from api.request.query_params import AsOfParams
from api.v1.lists.register import RegisterParams
from domain.vocabulary.dates import in_london
from domain.vocabulary.forces import ADDRESSEES, addressees
from domain.vocabulary.values import AREAS, Code

OPT = {"public": True}
HOME = {"text": N_("Home"), "href": "/"}
FIELDS = (
    "q",
    "force",
    "area",
    "stage",
    "judgement",
    "clock",
    "waiting",
    "open",
    "finding",
    "kind",
    "overdue",
    "claimed",
    "product",
)
TARGETS = {
    **query_form.DAY_FIELDS,
    **{name: name for name in FIELDS},
}
"""The id of the field of each parameter, for links from the error summary."""


def render_view(
    request: Request,
    template: str,
    query: Query[P],
    *,
    position: int,
    **shown: object,
) -> Response[bytes]:
    """Render the page of a query, or its form with the errors and status 400.

    A page of lists says when they are behind the record. That of a single stream never is, and has
    an empty `behind`; nor is one as known at a moment, which waits until its lists know it.
    """
    now = not isinstance(query.params, AsOfParams) or query.params.known_at is None
    if now and "behind" not in shown:
        shown["behind"] = behind(request, position)
    return page(
        request,
        template,
        status=400 if query.errors else 200,
        headers=None,
        query=query,
        errors=query.errors,
        targets=TARGETS,
        asof=asof(),
        position=position,
        **shown,
    )


def areas() -> list[tuple[str, str]]:
    """Return every area with its name, edition by edition."""
    every = dict.fromkeys(area for edition in AREAS.values() for area in sorted(edition))
    return [(area, labels.AREAS[area]) for area in every]


def forces(*, training: bool = False) -> list[tuple[Code, str]]:
    """Return every addressee but the training forces, or those alone, sorted by name."""
    names = ((code, ADDRESSEES[code].name) for code in addressees(training=training))
    return sorted(names, key=lambda named: named[1])


def with_as_of(register: RegisterParams, params: AsOfParams) -> RegisterParams:
    """Return a register query as at the day and known moment of a page."""
    return replace(register, on=params.on, known_at=params.known_at)


def asof() -> str:
    """Return the day that a page is as of; auditors read the position too."""
    return _("As at %(day)s.", day=formatting.day(today()))


def behind(request: Request, position: int) -> str:
    """Return until when lists at a position are complete; empty if they show all of the record."""
    moment = as_of_moment(request, position)
    if moment is None:
        return ""
    return _(
        "Figures as of %(time)s on %(day)s. What was recorded since then is not in them yet.",
        time=formatting.time(moment),
        day=formatting.day(in_london(moment).date()),
    )
