"""One search over forces, bodies, places, postcodes, reports, recommendations and statements.

Nothing of a question is kept.
"""

from datetime import date
from functools import partial
from typing import Annotated, TypeAlias

from litestar import get
from litestar.di import NamedDependency
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.corpus.gazetteer import finder
from adapters.corpus.gazetteer.names import force_and_rest
from api.http.moment import today
from api.http.problems import Request
from api.request.published import as_published
from api.request.query_params import Params
from api.request.services import services
from api.v1.file_formats import refuse_files
from api.v1.leads import (
    BodyLead,
    ForceLead,
    PlaceLead,
    PostcodeLead,
    body_lead,
    force_lead,
    place_lead,
    postcode_lead,
)
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code
from projections.filters import Training, Words
from projections.search import results, spelling
from projections.search.question import says_something, without_fillers
from projections.search.results import (
    ListsCursor,
    RecommendationResults,
    RecordResults,
    ReportResults,
    StatementResults,
    WordsFilter,
)
from projections.search.topics import Topic, topics_named

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
    the rest of the question, and the recommendations, statements and topics are that force's.
    """

    exact: bool
    """Whether the question is a name, a place, a postcode, a reference or a number."""
    answered: str | None = None
    """The words answered, if nothing has all of the question's, whose filler words are left out."""
    outside: bool
    """Whether the question names a part of the UK, or a force, that is not covered."""
    topics: tuple[Topic, ...]
    """The filters of the register whose words these are."""
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
        leads = (
            *(self.forces, self.places, self.postcode, self.bodies, self.topics),
            *(self.outside, self.is_on_record),
        )
        return not (
            any(leads) or self.recommendations.items or self.statements.items or self.reports.items
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
    """Answer a question as typed, or else without its filler words, or else by what is nearest."""
    answer = _as_typed(cursor, question, training=training, day=day)
    if not answer.is_empty:
        return answer
    if telling := without_fillers(question):
        shorter = _as_typed(cursor, telling, training=training, day=day)
        if not shorter.is_empty:
            return replace(shorter, answered=telling)
        answer = shorter
    filters = WordsFilter(answer.words, answer.of_force, training=training)
    return replace(answer, nearest=_nearest(cursor, filters, telling or question, day))


def _as_typed(cursor: ListsCursor, question: str, *, training: bool, day: date) -> SearchAnswer:
    leads = finder.leads(question, training=training)
    topics = topics_named(question)
    split = None
    if not leads.exact and not any(topic.whole for topic in topics):
        split = force_and_rest(question, training=training)
    if split and not says_something(split[1]):
        split = None
    everything = WordsFilter(question, training=training)
    of_force = WordsFilter(split[1], split[0], training=training) if split else everything
    return SearchAnswer(
        exact=leads.exact,
        outside=leads.outside,
        topics=topics_named(split[1]) if split else topics,
        forces=tuple(map(force_lead, leads.forces)),
        places=tuple(map(place_lead, leads.places)),
        postcode=postcode_lead(leads),
        bodies=tuple(dict.fromkeys(map(body_lead, leads.bodies))),
        records=results.on_record(cursor, question, day),
        of_force=of_force.force,
        words=of_force.question,
        recommendations=results.recommendations(cursor, of_force, day),
        statements=results.said(cursor, of_force, day),
        reports=results.listed(cursor, everything, day),
        nearest=None,
        position=results.position(cursor),
    )


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
        name = ADDRESSEES[filters.force].name
        named = ForceLead(force=filters.force, name=name, kind="name", by=name)
        return NearestLead((named,), (), words, fewer)
    near = finder.near_leads(question, training=filters.training)
    forces = tuple(force_lead(match, near=True) for match in near.forces)
    return NearestLead(forces, near.places, words, fewer)
