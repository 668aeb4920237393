"""One search over forces, bodies, places, postcodes, reports, recommendations and statements.

Nothing of a question is kept.
"""

from datetime import date
from functools import partial
from typing import Annotated, Literal, TypeAlias

from litestar import get
from litestar.di import NamedDependency
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.corpus.gazetteer import finder
from adapters.corpus.gazetteer.names import NameMatch, force_and_rest
from adapters.corpus.gazetteer.tables import NamedPlace, PolicingBody, PostcodeArea, Predecessor
from api.http.moment import today
from api.http.problems import Request
from api.request.published import as_published
from api.request.query_params import Params
from api.request.services import services
from api.v1.file_formats import refuse_files
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code
from projections.filters import Training, Words
from projections.search import results, spelling
from projections.search.results import (
    ListsCursor,
    RecommendationResults,
    RecordResults,
    ReportResults,
    StatementResults,
    WordsFilter,
)

MatchKind: TypeAlias = Literal["name", "welsh", "former", "term", "beginning", "near"]


Question: TypeAlias = Annotated[
    Words,
    Meta(
        description="A name, a former or short name, a place, a postcode, a reference, an id, a"
        ' register number, or words: all of them, "a phrase", -without, this or that.'
    ),
]


class SearchParams(Params, frozen=True, kw_only=True):
    """The words to search for, and whether in training."""

    training: Training | None = None
    q: Question


class ForceLead(Struct, frozen=True, kw_only=True):
    """A force that the question leads to; `matched` is a name for which there is evidence."""

    force: Code
    name: str
    kind: MatchKind
    matched: str | None = None
    since: str | None = None
    until: str | None = None
    predecessor: Predecessor | None = None


class PlaceLead(Struct, frozen=True, kw_only=True):
    """A place of the name typed, in the area of a force; `place` is None without evidence."""

    force: Code
    name: str
    place: str | None
    district: str | None
    near: Code | None
    """Another force to whose area it is near."""


class ShareLead(Struct, frozen=True):
    """A force in whose area a postcode lies, and the share of its postcodes there, in per cent."""

    force: Code
    name: str
    share: float


class SectorLead(Struct, frozen=True):
    """A sector of a postcode district, and its forces."""

    postcode: str
    forces: tuple[ShareLead, ...]


class PostcodeLead(Struct, frozen=True):
    """The forces in whose areas a postcode lies, as far as it tells; `sectors` tell more."""

    postcode: str
    forces: tuple[ShareLead, ...]
    few: tuple[Code, ...]
    """Other forces in whose areas a few of its postcodes lie."""
    scotland: bool
    sectors: tuple[SectorLead, ...]


class BodyLead(Struct, frozen=True, kw_only=True):
    """A body besides forces, with the addressee whose page shows it; None without evidence."""

    force: Code
    name: str
    body: str | None
    status: Literal["past", "current", "planned"] | None
    until: str | None


class FewerWords(Struct, frozen=True):
    """The words of a question but one, and how many recommendations have all of these."""

    words: str
    count: int


class NearestLead(Struct, frozen=True):
    """The nearest to a question without results: forces, places, and words on record.

    `fewer` has what is left when one word is dropped, of the same force if it names one.
    """

    forces: tuple[ForceLead, ...] = ()
    places: tuple[str, ...] = ()
    words: str | None = None
    fewer: tuple[FewerWords, ...] = ()


class SearchAnswer(Struct, frozen=True, kw_only=True):
    """The results of a search by kind, as of a position of the ledger.

    If the question begins or ends with the name of a force, `of_force` is that force and `words`
    the rest of the question, and the recommendations and statements are that force's.
    """

    exact: bool
    """Whether the question is a name, a place, a postcode, a reference or a number."""
    forces: tuple[ForceLead, ...]
    places: tuple[PlaceLead, ...]
    postcode: PostcodeLead | None
    bodies: tuple[BodyLead, ...]
    records: RecordResults
    of_force: Code | None
    words: str
    recommendations: RecommendationResults
    statements: StatementResults
    reports: ReportResults
    nearest: NearestLead | None
    position: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing matches."""
        leads = self.forces or self.places or self.postcode or self.bodies or self.is_on_record
        return not (
            leads or self.recommendations.items or self.statements.items or self.reports.items
        )

    @property
    def is_on_record(self) -> bool:
        """Whether the question is a reference, an id or a number on record."""
        records = self.records
        return bool(records.recommendations or records.reports or records.statements)


@get("/v1/search", opt={"public": True}, sync_to_thread=True)
def search_everything(request: Request, params: NamedDependency[SearchParams]) -> SearchAnswer:
    """Search forces, bodies, places, postcodes, reports, recommendations and statements."""
    refuse_files(
        request,
        "those of a list with its q: /v1/recommendations.csv, /v1/reports.csv, /v1/statements.csv "
        "and /v1/forces.csv",
    )
    return answer_of(request, params.q, training=bool(params.training))


def answer_of(request: Request, question: str, *, training: bool) -> SearchAnswer:
    """Return the results of a search, or what is nearest."""
    lists = services(request).lists
    answer = lists.read(partial(_answer, question=question, training=training, day=today()))
    return as_published(request, answer)


def _answer(cursor: ListsCursor, *, question: str, training: bool, day: date) -> SearchAnswer:
    leads = finder.leads(question, training=training)
    split = force_and_rest(question, training=training) if not leads.exact else None
    everything = WordsFilter(question, training=training)
    of_force = WordsFilter(split[1], split[0], training=training) if split else everything
    records = results.on_record(cursor, question, day)
    answer = SearchAnswer(
        exact=leads.exact,
        forces=tuple(map(_force_lead, leads.forces)),
        places=tuple(map(_place_lead, leads.places)),
        postcode=_postcode_lead(leads),
        bodies=tuple(dict.fromkeys(map(_body_lead, leads.bodies))),
        records=records,
        of_force=of_force.force,
        words=of_force.question,
        recommendations=results.recommendations(cursor, of_force, day),
        statements=results.said(cursor, of_force, day),
        reports=results.listed(cursor, everything, day),
        nearest=None,
        position=results.position(cursor),
    )
    if not answer.is_empty:
        return answer
    return replace(answer, nearest=_nearest(cursor, of_force, question, day))


def _nearest(cursor: ListsCursor, filters: WordsFilter, question: str, day: date) -> NearestLead:
    """Return what is nearest to a question, of which a filter has the words besides a force."""
    fewer = tuple(
        FewerWords(words, count)
        for words in spelling.with_one_less(filters.question)
        if (count := results.recommendations(cursor, replace(filters, question=words), day).count)
    )
    words = spelling.respelt(cursor, filters.question, training=filters.training)
    if not words and filters.force:
        words = filters.question
    if words:
        elsewhere = WordsFilter(words, training=filters.training)
        words = words if results.recommendations(cursor, elsewhere, day).items else None
    if filters.force:
        named = ForceLead(force=filters.force, name=ADDRESSEES[filters.force].name, kind="name")
        return NearestLead((named,), (), words, fewer)
    near = finder.near_leads(question, training=filters.training)
    forces = tuple(_force_lead(match, near=True) for match in near.forces)
    return NearestLead(forces, near.places, words, fewer)


def _force_lead(match: NameMatch, *, near: bool = False) -> ForceLead:
    matched = match.name
    kind: MatchKind = (
        "near"
        if near
        else "term"
        if not matched.source
        else "former"
        if matched.kind == "former"
        else "welsh"
        if matched.kind == "welsh"
        else "name"
        if match.whole
        else "beginning"
    )
    evident = kind in {"former", "welsh", "name", "beginning"}
    return ForceLead(
        force=match.force,
        name=ADDRESSEES[match.force].name,
        kind=kind,
        matched=matched.name if evident else None,
        since=matched.since if evident else None,
        until=matched.until if evident else None,
        predecessor=matched.predecessor if evident else None,
    )


def _place_lead(place: NamedPlace) -> PlaceLead:
    return PlaceLead(
        force=place.force,
        name=ADDRESSEES[place.force].name,
        place=None if place.evidence else place.name,
        district=place.district,
        near=place.near,
    )


def _postcode_lead(leads: finder.Leads) -> PostcodeLead | None:
    match = leads.postcode
    if match is None:
        return None
    sectors = tuple(SectorLead(area.postcode, _shares(area)) for area in match.narrower)
    area = match.area
    return PostcodeLead(area.postcode, _shares(area), area.few, area.scotland, sectors)


def _shares(area: PostcodeArea) -> tuple[ShareLead, ...]:
    return tuple(
        ShareLead(force, ADDRESSEES[force].name, share)
        for force, share in zip(area.forces, area.shares, strict=True)
    )


def _body_lead(body: PolicingBody) -> BodyLead:
    return BodyLead(
        force=body.force,
        name=ADDRESSEES[body.force].name,
        body=body.name if body.source else None,
        status=body.status if body.source else None,
        until=body.until if body.source else None,
    )
