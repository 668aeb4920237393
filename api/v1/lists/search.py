"""One search over forces, bodies, places, postcodes, reports, recommendations and statements.

Nothing of a question is kept.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, Any, TypeAlias

from litestar import get
from litestar.di import NamedDependency
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.corpus.gazetteer import finder
from adapters.corpus.gazetteer.names import force_and_rest, forces_of_name
from adapters.corpus.gazetteer.outside import is_outside_within
from adapters.corpus.gazetteer.within import named_within
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
from projections.search.synonyms import either, in_other_words
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

    If a question of several words names a force, or a place in the area of one, `of_force` is that
    force and `words` the rest of the question, and what has these words is that force's.
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
    also: tuple[str, ...] = ()
    """The words in others that may mean the same; the results are for these too."""
    recommendations: RecommendationResults
    statements: StatementResults
    reports: ReportResults
    not_on_record: Code | None = None
    """The only force that the question leads to, if nothing here is about it."""
    nearest: NearestLead | None
    position: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing matches."""
        leads = (
            *(self.forces, self.places, self.postcode, self.bodies, self.topics),
            *(self.outside, self.is_on_record),
        )
        return not (any(leads) or self.has_words)

    @property
    def has_words(self) -> bool:
        """Whether something has the words of the question."""
        return bool(self.recommendations.items or self.statements.items or self.reports.items)

    @property
    def only_force(self) -> Code | None:
        """The force that the question leads to, if it is one."""
        forces = {*(lead.force for lead in self.forces), *(lead.force for lead in self.places)}
        return next(iter(forces)) if len(forces) == 1 else None

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
    """Answer a question as typed, or else without its filler words, or else by a name within it.

    What still has no results by words is answered by what is nearest.
    """
    answer = _as_typed(cursor, question, training=training, day=day)
    telling = without_fillers(question) if answer.is_empty else None
    if telling:
        answer = _as_typed(cursor, telling, training=training, day=day)
    if answer.is_empty:
        answer = _by_name_within(cursor, answer, question, training=training, day=day)
    silent = answer.of_force and not answer.has_words and not answer.topics
    if telling and not answer.is_empty and not silent:
        answer = replace(answer, answered=telling)
    answer = replace(answer, not_on_record=_not_on_record(cursor, answer))
    if answer.is_empty or (answer.of_force and not answer.has_words):
        plain = answer.words.partition(" or ")[0] if answer.also else answer.words
        filters = WordsFilter(plain, answer.of_force, training=training)
        answer = replace(answer, nearest=_nearest(cursor, filters, question, telling, day))
    return answer


def _as_typed(cursor: ListsCursor, question: str, *, training: bool, day: date) -> SearchAnswer:
    leads = finder.leads(question, training=training)
    topics = topics_named(question)
    split = None
    if not leads.exact and not any(topic.whole for topic in topics):
        split = force_and_rest(question, training=training)
    if split and not says_something(split[1]):
        split = None
    force, words = split or (None, question)
    answer = SearchAnswer(
        exact=leads.exact,
        outside=leads.outside,
        topics=topics_named(words) if split else topics,
        forces=tuple(map(force_lead, leads.forces)),
        places=tuple(map(place_lead, leads.places)),
        postcode=postcode_lead(leads),
        bodies=tuple(dict.fromkeys(map(body_lead, leads.bodies))),
        records=results.on_record(cursor, question, day),
        nearest=None,
        position=results.position(cursor),
        **_by_words(cursor, words, force, training=training, day=day),
    )
    if split and not answer.is_empty:
        name = " ".join(question.split()).removeprefix(words).removesuffix(words)
        answer = replace(
            answer, forces=tuple(map(force_lead, forces_of_name(name, training=training)))
        )
    return answer


def _by_name_within(
    cursor: ListsCursor, answer: SearchAnswer, question: str, *, training: bool, day: date
) -> SearchAnswer:
    """Return the force or places that a question names within, with the other words of one force.

    An answer without results stays as it is if the question has no name; a name may be outside.
    """
    named = named_within(question, training=training)
    if named is None:
        outside = not training and is_outside_within(question)
        return replace(answer, forces=_force_itself(answer.of_force), outside=outside)
    forces = tuple(map(force_lead, named.forces))
    places = tuple(map(place_lead, named.places))
    answer = replace(answer, forces=forces, places=places, of_force=None)
    force = answer.only_force
    rest = without_fillers(named.rest) or named.rest
    if force is None or not says_something(rest):
        return answer
    of_words = _by_words(cursor, rest, force, training=training, day=day)
    return replace(answer, topics=topics_named(rest), **of_words)


def _by_words(
    cursor: ListsCursor, words: str, force: Code | None, *, training: bool, day: date
) -> dict[str, Any]:
    """Return the fields of an answer that come of words, of one force or of all.

    They are asked for in other words too.
    """
    also = in_other_words(words)
    filters = WordsFilter(either(words, also), force, training=training)
    return {
        "of_force": force,
        "words": filters.question,
        "also": also,
        "recommendations": results.recommendations(cursor, filters, day),
        "statements": results.said(cursor, filters, day),
        "reports": results.listed(cursor, filters, day),
    }


def _force_itself(force: Code | None) -> tuple[ForceLead, ...]:
    if force is None:
        return ()
    name = ADDRESSEES[force].name
    return (ForceLead(force=force, name=name, kind="name", by=name),)


def _not_on_record(cursor: ListsCursor, answer: SearchAnswer) -> Code | None:
    force = answer.only_force
    return force if force and not results.is_about(cursor, force) else None


def _nearest(
    cursor: ListsCursor, filters: WordsFilter, question: str, telling: str | None, day: date
) -> NearestLead:
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
        return NearestLead((), (), words, fewer)
    if telling is None:
        near = finder.near_leads(question, training=filters.training)
        return NearestLead(tuple(_near(near)), near.places, words, fewer)
    near = finder.near_within(question, telling)
    whole = tuple(question.replace(telling, place) for place in near.places)
    return NearestLead(tuple(_near(near)), (), words or next(iter(whole), None), fewer)


def _near(near: finder.NearLeads) -> Iterator[ForceLead]:
    return (force_lead(match, near=True) for match in near.forces)
