"""The search page: the answer of /v1/search by kind, the surest first, each with its reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

from litestar import Response, get

from api.http.problems import Request
from api.pages.public.about.directory import PageLink, fictional_forces, pages_named
from api.pages.public.statements import reports_named
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.formatting import day
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import number
from api.pages.rendering.layout import HOME, OPT, TARGETS, asof, behind
from api.pages.rendering.render import page
from api.request.query_params import Params, StreamParams
from api.v1.leads import ForceLead, PlaceLead, ShareLead
from api.v1.lists.search import Question, SearchAnswer, answer_of
from domain.vocabulary.values import Code
from projections.filters import Training
from projections.search.results import COUNTED_MAX
from projections.search.topics import TopicFilter


class SearchPageParams(Params, frozen=True, kw_only=True):
    """The parameters of a search; without a question, only its form is shown."""

    training: Training | None = None
    q: Question | None = None


Section = tuple[str, str]
"""The id of a section of the page, and its heading."""


_TOPICS: Mapping[TopicFilter, Callable[[str], str]] = {
    "area": lambda area: _("Area: %(area)s", area=labels.AREAS[area]),
    "kind": lambda kind: _("Kind: %(kind)s", kind=labels.KINDS[kind]),
    "finding": lambda finding: _(
        "Latest finding: %(finding)s", finding=labels.FINDINGS_SHORT[finding].lower()
    ),
    "stage": lambda stage: _("Stage: %(stage)s", stage=labels.STAGES[stage]),
    "overdue": lambda value: _("Overdue") if value == "true" else _("Not overdue"),
    "claimed": lambda _value: _("Force says done, not closed"),
    "open": lambda _value: _("Open"),
}

_COUNTRIES: Mapping[str, Callable[[], str]] = {
    "England": lambda: _("One of the 39 forces of England."),
    "Wales": lambda: _("One of the four forces of Wales."),
}
"""Why a country leads to each of its forces."""


@get("/search", opt=OPT, sync_to_thread=True)
def search(request: Request) -> Response[bytes]:
    """Show the forces, places, reports, recommendations and statements that a question leads to."""
    query = query_form.read_known(request, SearchPageParams)
    q = query.params.q
    results: dict[str, object] = {}
    if q is not None:
        answer = answer_of(request, q, training=bool(query.params.training))
        said = (*answer.records.statements, *answer.statements.items)
        pages = pages_named(q) or ([] if answer.has_words else pages_named(answer.words))
        fictional = [] if query.params.training else fictional_forces(q)
        results = {
            "answer": answer,
            "pages": pages,
            "fictional": fictional,
            "sections": list(_sections(answer, pages, fictional)),
            "known": reports_named(request, said, StreamParams()),
            "asof": asof(),
            "position": answer.position,
            "behind": behind(request, answer.position),
        }
    return page(
        request,
        "pages/public/search.html",
        status=400 if query.errors else 200,
        headers=None,
        title=_("Search for “%(words)s”", words=q) if q else _("Search"),
        crumbs=[HOME],
        query=query,
        errors=query.errors,
        targets=TARGETS,
        force_reason=force_reason,
        place_reason=place_reason,
        share=share,
        topics=topics,
        counted_most=COUNTED_MAX,
        **results,
    )


SEARCH_PAGES = (search,)


def force_reason(lead: ForceLead) -> str:
    """Return why a question leads to a force, in words that claim no more than is known."""
    words = {"name": lead.matched or "", "when": _span(lead.since, lead.until), "by": lead.by}
    match lead.kind, lead.predecessor:
        case "term", _predecessor:
            text = _("Found by “%(by)s”.", **words)
        case "country", _predecessor:
            text = _COUNTRIES[lead.by]()
        case "welsh", _predecessor:
            text = _("Its name in Welsh: %(name)s.", **words)
        case "former", "part":
            text = _("%(name)s%(when)s policed a part of its area before it.", **words)
        case "former", "whole":
            text = _("%(name)s%(when)s policed its area before it.", **words)
        case "former", _predecessor:
            text = _("Formerly %(name)s%(when)s.", **words)
        case _:
            named = lead.matched in {lead.name, None}
            text = "" if named else _("Also named %(name)s%(when)s.", **words)
    return text


def place_reason(lead: PlaceLead) -> str:
    """Return why a question leads to the force of a place."""
    if lead.place is None:
        return _("Found by “%(by)s”", by=lead.by)
    words = {"place": lead.place, "district": lead.district or ""}
    where = (
        _("%(place)s, in %(district)s", **words)
        if lead.district and lead.district != lead.place
        else lead.place
    )
    if lead.near:
        border = formatting.force(lead.near)
        return _("%(where)s, near the area of %(force)s", where=where, force=border)
    return where


def topics(answer: SearchAnswer, *, training: bool = False) -> list[PageLink]:
    """Return the areas, kinds, findings and stages that a question names, each with its list."""
    links: list[PageLink] = []
    for topic in answer.topics:
        label = _TOPICS[topic.filter](topic.value)
        filters = {topic.filter: topic.value, "force": answer.of_force}
        path = "/recommendations"
        if topic.filter == "area" and not answer.of_force:
            path, filters = f"/areas/{topic.value.replace('/', '-')}", {}
        shown = {**filters, "training": "true" if training else None}
        query = urlencode({name: value for name, value in shown.items() if value})
        href = f"{path}?{query}" if query else path
        if answer.of_force:
            force = formatting.force(answer.of_force)
            label = _("%(label)s: %(force)s", label=label, force=force)
        links.append(PageLink(label, href))
    return links


def share(of: ShareLead) -> str:
    """Return the share of postcodes that lie in the area of a force."""
    if of.share < 1:
        return _("less than 1% of its postcodes")
    if 99 < of.share < 100:  # noqa: PLR2004  per cent
        return _("more than 99% of its postcodes")
    return _("%(share)s%% of its postcodes", share=number(round(of.share)))


def _span(since: str | None, until: str | None) -> str:
    """Return in brackets the days between which something was so, as far as they are known."""
    if since and until:
        return _(" (%(since)s to %(until)s)", since=day(since), until=day(until))
    if since:
        return _(" (from %(since)s)", since=day(since))
    return _(" (until %(until)s)", until=day(until)) if until else ""


def _sections(
    answer: SearchAnswer, pages: Sequence[PageLink], fictional: Sequence[Code]
) -> Iterator[Section]:
    """Yield the sections that have results: names and numbers first, and words after them."""
    whole = answer.exact and answer.forces and answer.forces[0].kind != "beginning"
    forces: Section = ("forces", _counted(_("Forces"), len(answer.forces)))
    postcode = answer.postcode.postcode if answer.postcode else ""
    sections: list[tuple[object, Section]] = [
        (fictional, ("fictional", _("Training"))),
        (answer.is_on_record, ("records", _("By its reference or number"))),
        (answer.outside, ("outside", _("Not covered by this service"))),
        (answer.forces and whole, forces),
        (answer.topics, ("topics", _("Recommendations by filter"))),
        (postcode, ("postcode", _("Postcode %(postcode)s", postcode=postcode))),
        (answer.places, ("places", _counted(_("Places"), len(answer.places)))),
        (answer.bodies, ("bodies", _counted(_("Other bodies"), len(answer.bodies)))),
        (answer.forces and not whole, forces),
        (pages, ("pages", _("Pages of this service"))),
    ]
    lists = (
        ("recommendations", _("Recommendations"), answer.recommendations.count),
        ("statements", _("What published sources say"), answer.statements.count),
        ("reports", _("Reports"), answer.reports.count),
    )
    sections += [(count, (name, _counted(text, count))) for name, text, count in lists]
    yield from (section for has_results, section in sections if has_results)


def _counted(heading: str, count: int) -> str:
    many = (
        _("%(most)s or more", most=number(COUNTED_MAX)) if count >= COUNTED_MAX else number(count)
    )
    return _("%(heading)s (%(count)s)", heading=heading, count=many)
