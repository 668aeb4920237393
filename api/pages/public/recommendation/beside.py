"""Statements beside a recommendation: of its report, of later reports, and what replaces it."""

from collections.abc import Mapping, Sequence
from datetime import date

from anyio import to_thread
from msgspec import Struct

from adapters.ledger.async_ledger import apart
from adapters.postgres.errors import is_transient
from api.http.problems import Request
from api.pages.record.subject import subject_of
from api.pages.rendering import formatting, labels
from api.pages.rendering.timeline import Happened, timeline
from api.request.query_params import StreamParams
from api.request.services import services
from api.v1.lists.register import RegisterParams, register_page
from api.v1.record.recommendations import RecommendationView
from domain.events.event import Event, History
from domain.events.report import ReportMilestoneNoted, ReportOutcomeNoted
from domain.history import as_at, report_entries
from domain.vocabulary.dates import earliest
from domain.vocabulary.entry import Entry
from domain.vocabulary.forces import NATIONAL, is_training
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Reference


class OfReport(Struct, frozen=True):
    """A statement: what was said, and about which area or force, if it is on the whole report."""

    happened: Happened
    about: str | None = None
    same_area: bool = False
    other_area: bool = False
    """Whether it is about an area that is known, and not that of the recommendation."""
    whole: bool = True


class Linked(Struct, frozen=True):
    """A page that this one leads to: its title and its address."""

    title: str
    href: str


class Beside(Struct, frozen=True):
    """Statements of other streams: the report, later reports, the successor, those replaced."""

    report: Linked | None
    whole: list[OfReport]
    reviews: Mapping[Reference, Linked]
    successor: Linked | None
    replaced: list[Linked]
    """The recommendations that this one replaces."""


async def beside(
    request: Request, shown: RecommendationView, params: StreamParams, published: list[Happened]
) -> Beside:
    """Return what other streams say, as far as the page knows them."""
    ledger = services(request).async_ledger
    history = params.known(report_entries(await ledger.history(shown.report)))
    whole = await apart(history, lambda: _of_report(as_at(history, on=params.on), shown))
    names = {item.reported_in for item in (*published, *(item.happened for item in whole))} - {None}
    reviews = {name: report_id(name) for name in names if name is not None}
    successor = shown.closure.superseded_by if shown.closure else None
    others = [*reviews.values(), *([successor] if successor else [])]
    histories = await ledger.histories(others) if others else {}
    links = {stream: _linked(entries) for stream, entries in histories.items() if entries}
    return Beside(
        report=_linked(history) if history else None,
        whole=whole,
        reviews={name: links[stream] for name, stream in reviews.items() if stream in links},
        successor=links.get(successor) if successor else None,
        replaced=await to_thread.run_sync(_replaced, request, shown, params),
    )


def _replaced(request: Request, shown: RecommendationView, params: StreamParams) -> list[Linked]:
    """Return the recommendations that were closed because this one replaces them.

    There are none while the register is being built: the page itself needs no list.
    """
    former = RegisterParams(
        superseded_by=shown.id,
        training=is_training(shown.addressee) or None,
        on=params.on,
        known_at=params.known_at,
    )
    try:
        items = register_page(request, former).items
    except Exception as error:
        if is_transient(error):
            return []
        raise
    return [
        Linked(formatting.headline(item.standing.text), f"/recommendations/{item.id}")
        for item in items
    ]


def _linked(history: History) -> Linked:
    about = subject_of(history)
    return Linked(formatting.headline(about.text), about.address)


def _of_report(entries: Sequence[Entry[Event]], shown: RecommendationView) -> list[OfReport]:
    """Return what was said of the whole report, and not of another force, oldest first."""
    events = {entry.step: entry.event for entry in entries}
    whole: list[OfReport] = []
    for item in timeline(entries):
        match events[item.step]:
            case ReportOutcomeNoted(area=area):
                other = area not in {shown.area, "unknown", "n/a"}
                same = area == shown.area
                whole.append(OfReport(item, labels.AREAS.get(area), same, other))
            case ReportMilestoneNoted(force=force) if shown.addressee in {force, NATIONAL}:
                whole.append(OfReport(item, formatting.force(force)))
            case _:
                pass
    return sorted(whole, key=lambda item: earliest(item.happened.on))


def latest(published: Sequence[Happened], whole: Sequence[OfReport]) -> OfReport | None:
    """Return what was said last: of the recommendation, or of the whole report if that is later.

    What was said of another area says nothing of this recommendation.
    """
    own = [OfReport(item, whole=False) for item in published if item.step != 1 and not item.reply]
    near = [item for item in whole if not item.other_area]
    return max((*reversed(near), *reversed(own)), key=_lateness, default=None)


def _lateness(item: OfReport) -> tuple[date, bool, bool, bool]:
    """Return the order of what was said; on one day, what is nearer to the recommendation."""
    happened = item.happened
    return earliest(happened.on), not item.whole, item.same_area, happened.party == "inspectorate"
