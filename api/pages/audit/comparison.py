"""Comparison pages: two days side by side, and the later changes to a past day."""

from typing import TypeVar

from litestar import Response, get

from api.http.problems import Request
from api.pages.audit.comparison_rows import HEADS, differences, lines, moved
from api.pages.forms.paging import orders, paging
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, forces, render_view
from api.pages.rendering.query_form import Query
from api.v1.lists import compare
from api.v1.lists.compare import CompareParams, KnownComparison, RestatementParams

C = TypeVar("C", CompareParams, RestatementParams)


@get("/compare", opt=OPT, sync_to_thread=True)
def show_two_days(request: Request) -> Response[bytes]:
    """Show the changes from one day to another."""
    query = query_form.read_known(request, CompareParams)
    compared = compare.between(request, query.params)
    start, end = formatting.day(compared.before.on), formatting.day(compared.after.on)
    known = query.params.known_at
    return _render_comparison(
        request,
        "pages/audit/compare.html",
        query,
        compared,
        title=_("Compare two days"),
        heads=(start, end),
        summary=(
            _(
                "From the end of %(start)s to the end of %(end)s,"
                " using what was known on %(moment)s.",
                start=start,
                end=end,
                moment=formatting.moment(known),
            )
            if known
            else _(
                "From the end of %(start)s to the end of %(end)s, by what is on record now.",
                start=start,
                end=end,
            )
        ),
    )


@get("/restatement", opt=OPT, sync_to_thread=True)
def show_restatement(request: Request) -> Response[bytes]:
    """Show what was recorded or corrected later about a past day."""
    query = query_form.read_known(request, RestatementParams)
    compared = compare.restated(request, query.params)
    by = formatting.day(query.params.known_by or query.params.day)
    known = query.params.known_at
    return _render_comparison(
        request,
        "pages/audit/restatement.html",
        query,
        compared,
        title=_("What changed about a past day"),
        heads=(
            _("Known by %(day)s", day=by),
            _("Known on %(moment)s", moment=formatting.moment(known)) if known else _("Known now"),
        ),
        summary=_(
            "As at the end of %(day)s: as this service knew it at the end of %(by)s,"
            " and with what was recorded or corrected after that.",
            day=formatting.day(compared.after.on),
            by=by,
        ),
    )


COMPARE_PAGES = (show_two_days, show_restatement)


def _render_comparison(
    request: Request,
    template: str,
    query: Query[C],
    compared: KnownComparison,
    **shown: object,
) -> Response[bytes]:
    path = request.scope["path"]
    return render_view(
        request,
        template,
        query,
        crumbs=[HOME],
        begun=(compared.figures.before.total > 0, compared.figures.after.total > 0),
        lines=lines(compared, query.params.force, training=query.params.training),
        of_forces=[
            (
                formatting.force(code),
                query.link(path, force=code, cursor=None, page=None),
                differences(pair),
            )
            for code, pair in compared.forces.items()
        ],
        columns=[_(head) for head in HEADS],
        moved=[moved(item, (compared.before, compared.after)) for item in compared.items],
        paging=paging(
            query,
            path,
            query.params,
            compare.differing_total(request, query.params),
            len(compared.items),
        ),
        orders=orders(query, path, query.params.order, labels.COMPARED_ORDERS),
        download=query.link(f"/v1{path}"),
        forces=forces(training=query.training),
        position=compared.position,
        **shown,
    )
