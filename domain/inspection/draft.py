"""The draft of a report, as inspectors work on it: anything may be missing until it is sent.

A draft is no part of the record. What becomes of it is: the seals of its text, and the report.
"""

from typing import Annotated

from msgspec import Meta, Struct

from domain.commands.report import Issue, PublishReport
from domain.events.inspection import InspectionPlanned
from domain.events.report import Cases, TopicGrades
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import (
    ADDRESSEES_MAX,
    LIST_MAX,
    RECOMMENDATIONS_MAX,
    Area,
    Code,
    Count,
    Kind,
    Line,
    Ordinal,
    Reference,
    Text,
    TimeLimit,
    Topic,
    When,
)


class DraftRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recommendation, a cause of concern or an area for improvement of a draft.

    Without addressees it is for the force that was inspected.
    """

    text: Text | None = None
    kind: Kind = Kind.RECOMMENDATION
    area: Area | None = None
    time_limit: TimeLimit | None = None
    addressees: Annotated[tuple[Code, ...], Meta(max_length=ADDRESSEES_MAX)] = ()
    topic: Topic | None = None
    under: Ordinal | None = None
    """The number of the cause of concern of the same draft that it belongs to."""


class ReportDraft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The draft of a report; the force, the product and the edition are those of its inspection."""

    reference: Reference | None = None
    title: Line | None = None
    address: Line | None = None
    """Where it is going to be published; it may still change when the text is final."""
    fieldwork_from: When | None = None
    fieldwork_to: When | None = None
    recommendations_stated: Count | None = None
    causes_of_concern_stated: Count | None = None
    cases: Cases = Cases()
    grades: TopicGrades = TopicGrades()
    follows: Reference | None = None
    sources: Annotated[tuple[Line, ...], Meta(max_length=LIST_MAX)] = ()
    recommendations: Annotated[tuple[DraftRequest, ...], Meta(max_length=RECOMMENDATIONS_MAX)] = ()


def missing_from(draft: ReportDraft) -> list[str]:
    """Return the places of a draft that still have to be filled in, as JSON Pointers."""
    missing = [f"/{name}" for name in ("reference", "title", "address") if not getattr(draft, name)]
    for number, request in enumerate(draft.recommendations):
        missing += [
            f"/recommendations/{number}/{name}"
            for name in ("text", "area", "time_limit")
            if not getattr(request, name)
        ]
    return missing


def text_of(draft: ReportDraft, planned: InspectionPlanned) -> PublishReport:
    """Return the report that a whole draft makes. Raises Refused, naming all that is missing."""
    if missing := missing_from(draft):
        raise Refused(f"The draft is not complete. Fill in: {', '.join(missing)}.", missing[0])
    return PublishReport(
        reference=draft.reference or "",
        addressee=planned.addressee,
        product=planned.product,
        edition=planned.edition,
        title=draft.title or "",
        address=draft.address or "",
        fieldwork_from=draft.fieldwork_from,
        fieldwork_to=draft.fieldwork_to,
        recommendations_stated=draft.recommendations_stated,
        causes_of_concern_stated=draft.causes_of_concern_stated,
        cases=draft.cases,
        grades=draft.grades,
        follows=draft.follows,
        sources=draft.sources,
        recommendations=tuple(
            _issue(number, request, planned)
            for number, request in enumerate(draft.recommendations, 1)
        ),
    )


def _issue(number: int, request: DraftRequest, planned: InspectionPlanned) -> Issue:
    return Issue(
        kind=request.kind,
        text=request.text or "",
        area=request.area or "unknown",
        time_limit=request.time_limit or "unknown",
        addressees=request.addressees or (planned.addressee,),
        ordinal=number,
        topic=request.topic,
        cause=request.under,
    )
