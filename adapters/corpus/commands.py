"""The rows of the corpus as commands. Nothing is added to a row."""

from typing import TypeAlias, cast
from uuid import UUID

from adapters.corpus.cells import SEPARATOR
from adapters.corpus.facts.life import is_life
from adapters.corpus.rows import (
    AREA_TO_IMPROVE,
    WORDINGS,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
    Row,
    StepRow,
)
from domain.commands.recommendation import Close, NoteMilestone, NoteOutcome, Reopen
from domain.commands.report import (
    Issue,
    NoteArea,
    NoteReportMilestone,
    NoteReportOutcome,
    PublishReport,
)
from domain.events.report import Cases, TopicGrades
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Origin
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import (
    CloseReason,
    Kind,
    Milestone,
    Reference,
    RegisterStatus,
    When,
)

Statement: TypeAlias = NoteOutcome | NoteReportOutcome | NoteMilestone | NoteReportMilestone

COMPLETE: RegisterStatus = "complete"
"""The only register status that closes a recommendation."""


def published_on(row: ProductRow) -> When:
    """Return the date on which a product came out, as precisely as it is known."""
    return row.first_published or "unknown"


def said_on(row: OutcomeRow | StepRow) -> When:
    """Return the date of an outcome or a step, as precisely as it is known."""
    return row.date or "unknown"


def publication(row: ProductRow) -> PublishReport:
    """Return the publication of a product, without its recommendations."""
    return PublishReport(
        on=published_on(row),
        reference=row.product_id,
        addressee=row.force_code,
        product=row.kind,
        edition=row.edition,
        title=row.title,
        address=row.url or (row.source or ("",))[0],
        programme=row.in_programme == "yes",
        page_date=row.page_date,
        fieldwork_from=row.fieldwork_start,
        fieldwork_to=row.fieldwork_end,
        recommendations_stated=row.recommendations_count,
        causes_of_concern_stated=row.causes_of_concern_count,
        cases=Cases(
            examined=row.cases_examined,
            good=row.cases_good,
            adequate=row.cases_adequate,
            requires_improvement=row.cases_requires_improvement,
            inadequate=row.cases_inadequate,
        ),
        grades=TopicGrades(
            leadership=row.grade_leadership,
            partnership=row.grade_partnership,
            initial_response=row.grade_initial_response,
            risk_referral=row.grade_risk_referral,
            investigation=row.grade_investigation,
        ),
        follows=row.follows_product_id,
        sources=row.source or (),
        confidence=row.confidence,
        remark=row.notes,
        publisher=row.url_publisher,
    )


def issue(row: RecommendationRow) -> Issue:
    """Return the issue of a recommendation; it takes effect when its report is published."""
    return Issue(
        kind=Kind(row.item_type),
        text=row.paraphrase,
        area=row.area,
        time_limit=row.time_limit,
        addressees=(row.force_code,),
        ordinal=row.ordinal,
        reference=row.rec_id,
        topic=row.topic,
        wording=WORDINGS[row.text_seen],
        sources=row.source or (),
        confidence=row.confidence,
        register_id=row.register_id,
        remark=row.notes,
        cause=row.cause,
    )


def area(row: RecommendationRow, published: When) -> NoteArea:
    """Return the note of an area to improve, by default as of the publication of its report."""
    return NoteArea(
        on=row.date or published,
        reference=row.reference or row.rec_id,
        text=row.paraphrase,
        area=row.area,
        source=SEPARATOR.join(row.source or ()),
        topic=row.topic,
        time_limit=row.time_limit,
        wording=WORDINGS[row.text_seen],
        confidence=row.confidence,
        remark=row.notes,
    )


def outcome(
    row: OutcomeRow, named: RecommendationRow | None
) -> tuple[UUID, NoteOutcome | NoteReportOutcome]:
    """Return the note of an outcome, and its stream: the named recommendation, else the report.

    An outcome of an area to improve belongs to the report too; its remark keeps the area's name.
    """
    if named is None or named.item_type == AREA_TO_IMPROVE:
        return report_id(row.product_id), NoteReportOutcome(
            on=said_on(row),
            reference=row.reference or row.outcome_id,
            said_by=row.said_by,
            text=row.reported_progress,
            source=row.source,
            reading=row.derived_code,
            area=row.area,
            topic=row.topic,
            register_status=row.register_status,
            reported_in=row.reported_in_product_id,
            confidence=row.confidence,
            remark=_remark(row, _about(named)),
        )
    about = None
    if (row.area, row.topic) != (named.area, named.topic):
        about = f"Its area and topic: {row.area}, {row.topic or 'none'}."
    return recommendation_id(named.rec_id), NoteOutcome(
        on=said_on(row),
        reference=row.reference or row.outcome_id,
        said_by=row.said_by,
        text=row.reported_progress,
        source=row.source,
        reading=row.derived_code,
        register_status=row.register_status,
        reported_in=row.reported_in_product_id,
        confidence=row.confidence,
        remark=_remark(row, about),
    )


def milestone(
    row: StepRow, named: RecommendationRow | None
) -> tuple[UUID, NoteMilestone | NoteReportMilestone]:
    """Return the note of a step, and its stream: the named recommendation, else the report.

    A step of an area to improve belongs to the report too; its remark keeps the area's name. The
    force is told apart from the addressee only where these are two.
    """
    if row.said_by is None or row.text is None or row.source is None or row.confidence is None:
        raise TypeError("the checks leave out a step that lacks these")
    if named is None or named.item_type == AREA_TO_IMPROVE:
        return report_id(row.product_id), NoteReportMilestone(
            on=said_on(row),
            reference=row.reference or row.step_id,
            milestone=Milestone(row.type),
            said_by=row.said_by,
            text=row.text,
            source=row.source,
            force=row.force_code,
            answer=row.answer,
            level=row.level,
            address=row.address,
            confidence=row.confidence,
            remark=_remark(row, _about(named)),
        )
    return recommendation_id(named.rec_id), NoteMilestone(
        on=said_on(row),
        reference=row.reference or row.step_id,
        milestone=Milestone(row.type),
        said_by=row.said_by,
        text=row.text,
        source=row.source,
        force=row.force_code if row.force_code != named.force_code else None,
        answer=row.answer,
        level=row.level,
        address=row.address,
        confidence=row.confidence,
        remark=row.notes,
    )


def origin(row: Row) -> Origin | None:
    """Return the origin of a row that has a name of its own, or that states its first record."""
    life = isinstance(row, StepRow) and is_life(row)
    named = not isinstance(row, ProductRow) and row.reference is not None
    if not (life or named or row.recorded or row.recorded_by):
        return None
    role = Role(row.recorded_by) if row.recorded_by else None
    return Origin(key_of(row), role, row.recorded)


def key_of(row: Row) -> Reference:
    """Return the name of a row: the value of its first column."""
    return cast("Reference", getattr(row, row.__struct_fields__[0]))


def consequence(
    row: OutcomeRow, status: RegisterStatus, before: RegisterStatus | None
) -> Close | Reopen | None:
    """Return what the inspectorate's literal register status implies, given the one before it."""
    if status == before:
        return None
    words = f"Register status: {status}"
    if status == COMPLETE:
        return Close(on=said_on(row), reason=CloseReason.VERIFIED, basis=words, source=row.source)
    return Reopen(on=said_on(row), reason=words) if before == COMPLETE else None


def _about(area: RecommendationRow | None) -> str | None:
    return f"It names the area to improve {area.rec_id}." if area else None


def _remark(row: OutcomeRow | StepRow, about: str | None) -> str | None:
    return " ".join(filter(None, (row.notes, about))) or None
