"""Two days side by side, and what was later changed about one: figures, and what is behind them."""

from typing import TypeVar

from litestar import Response, get

from api.http.problems import Request
from api.pages.audit.comparison_rows import HEADS, differences, lines, moved
from api.pages.rendering import formatting, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, forces, render_view
from api.pages.rendering.query_form import Sent
from api.v1.lists import compare
from api.v1.lists.compare import Compared, CompareParams, RestatementParams

C = TypeVar("C", CompareParams, RestatementParams)


@get("/compare", opt=OPT, sync_to_thread=True)
def show_two_days(request: Request) -> Response[bytes]:
    """What changed from one day to another."""
    sent = query_form.read(request, CompareParams)
    found = compare.between(request, sent.params)
    start, end = formatting.day(found.before.on), formatting.day(found.after.on)
    known = sent.params.known_at
    return _render_comparison(
        request,
        "pages/audit/compare.html",
        sent,
        found,
        title=_("Compare two days"),
        heads=(start, end),
        told=(
            _(
                "From the end of %(start)s to the end of %(end)s, as known on %(moment)s.",
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
    """What of a past day was recorded or corrected later."""
    sent = query_form.read(request, RestatementParams)
    found = compare.restated(request, sent.params)
    by = formatting.day(sent.params.known_by or sent.params.day)
    known = sent.params.known_at
    return _render_comparison(
        request,
        "pages/audit/restatement.html",
        sent,
        found,
        title=_("Restatement of a past day"),
        heads=(
            _("Known by %(day)s", day=by),
            _("Known on %(moment)s", moment=formatting.moment(known)) if known else _("Known now"),
        ),
        told=_(
            "How things stood at the end of %(day)s: as this service knew it at the end of %(by)s,"
            " and with what was recorded or corrected after that.",
            day=formatting.day(found.after.on),
            by=by,
        ),
    )


COMPARE_PAGES = (show_two_days, show_restatement)


def _render_comparison(
    request: Request,
    template: str,
    sent: Sent[C],
    found: Compared,
    **shown: object,
) -> Response[bytes]:
    path = request.scope["path"]
    return render_view(
        request,
        template,
        sent,
        crumbs=[HOME],
        found=found,
        lines=lines(found, sent.params.force),
        of_forces=[
            (formatting.force(code), sent.link(path, force=code, cursor=None), differences(pair))
            for code, pair in found.forces.items()
        ],
        columns=[_(head) for head in HEADS],
        moved=[moved(one, found) for one in found.items],
        following=sent.link(path, cursor=found.next) if found.next else None,
        download=sent.link(f"/v1{path}"),
        forces=forces(),
        position=found.position,
        **shown,
    )
