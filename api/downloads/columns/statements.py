"""The columns of what published sources say, and of every published step."""

from typing import ClassVar

from adapters.tables.columns import DataColumn, DataTable
from api.downloads.columns.parts import dated, force, plain, recommendation, text, worded
from api.pages.rendering import formatting, labels, reading
from api.request.query_params import ForceParams
from domain.vocabulary.ids import report_id
from domain.vocabulary.words import RESULTS
from projections.runtime.read_model import ReadModel
from projections.statements.every_step import StepItem
from projections.statements.listing import StatementItem
from projections.statements.steps import Steps


def _page(item: StatementItem) -> str:
    return f"/{'recommendations' if item.said.recommendation else 'reports'}/{item.id}"


def _area(area: str | None) -> str | None:
    return None if area is None else labels.AREAS.get(area, area)


def _report(reference: str | None) -> str | None:
    return None if reference is None else f"/reports/{report_id(reference)}"


STATEMENTS: DataTable[StatementItem] = DataTable(
    "statements",
    "Statements",
    "What published sources say of recommendations, of reports and of areas to improve, summed up "
    "by whoever compiled the record. No status and no last day depends on it.",
    (
        DataColumn(
            "id",
            "Id",
            "The id of the recommendation or the report that it is about.",
            "string",
            lambda item: str(item.id),
        ),
        plain("step", "Step", "The step that recorded it, of that one.", "integer", of="said.step"),
        plain("reference", "Reference", "A readable name of the statement.", of="said.reference"),
        plain(
            "recommendation",
            "About a recommendation",
            "Whether it is about one recommendation; else it is about a report.",
            "boolean",
            of="said.recommendation",
        ),
        DataColumn("page", "Page", "The page of what it is about.", "anyURI", _page),
        DataColumn(
            "report_page",
            "Report",
            "The page of the report that it is about, or that made the recommendation.",
            "anyURI",
            lambda item: f"/reports/{item.said.report}",
        ),
        *force("said.force"),
        plain(
            "what",
            "Kind of statement (code)",
            "An area to improve, the reading of an outcome, or the kind of a milestone.",
            of="said.what",
        ),
        DataColumn(
            "what_words",
            "Kind of statement",
            "What it is, or how it is read here, in words.",
            "string",
            lambda item: reading.read_as(item.said),
        ),
        *dated("said_on", "Said on", "When it was said.", of="said.said_on"),
        *worded(
            "said_by",
            "Said by",
            "Who said it; nobody did of an area to improve, which was read in a source.",
            labels.SAID_BY,
            of="said.said_by",
            absent="[z]",
        ),
        plain(
            "area", "Area (code)", "The area of the inspection that it is about.", of="said.area"
        ),
        DataColumn(
            "area_words",
            "Area",
            "The area in words, or as the source calls it.",
            "string",
            lambda item: _area(item.said.area),
        ),
        text("topic", "Topic", "The topic that it was filed under.", of="said.topic"),
        text("text", "Text", "What was said, summed up.", of="said.text"),
        text(
            "source", "Source", "Where it is published; several are parted by |.", of="said.source"
        ),
        text(
            "address", "To be read at", "Where the matter itself is published.", of="said.address"
        ),
        plain(
            "reported_in",
            "Reported in",
            "The reference of the later report that says so.",
            of="said.reported_in",
            absent="[z]",
        ),
        DataColumn(
            "reported_in_page",
            "Page of that report",
            "The page of the later report that says so.",
            "anyURI",
            lambda item: _report(item.said.reported_in),
            "[z]",
        ),
        *worded(
            "register_status",
            "Status in the old register",
            "The status that the inspectorate's register gave it, which was withdrawn.",
            labels.REGISTER_STATUSES,
            of="said.register_status",
            absent="[z]",
        ),
        *worded(
            "answer",
            "Answer",
            "What the local policing body answered.",
            labels.ANSWERS,
            of="said.answer",
            absent="[z]",
        ),
        *worded(
            "level",
            "View",
            "Whether the local policing body is satisfied.",
            labels.ASSURANCE,
            of="said.level",
            absent="[z]",
        ),
        *worded(
            "confidence",
            "Stated or inferred",
            "Whether the source states it.",
            labels.CONFIDENCE,
            of="said.confidence",
        ),
    ),
    ("id", "step"),
)


class StepsFileParams(ForceParams, frozen=True, kw_only=True):
    """The steps to save; without a force, those of all but the training forces."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Steps,)


def _result(item: StepItem) -> str | None:
    """Return what a step says, in words."""
    what, code = item.step.what, item.step.result
    if code is None:
        return None
    if what == "recommendation.time_limit_changed":
        return formatting.limit(code)
    return RESULTS[what][code]


EVERY_STEP: DataTable[StepItem] = DataTable(
    "published-steps",
    "Steps",
    "The published steps of every recommendation, by reference and number. The comments of a local "
    "policing body are at the page of the recommendation.",
    (
        *recommendation(reference="step.reference"),
        plain(
            "number",
            "Number",
            "The place of the step among those of the recommendation that are published.",
            "integer",
            of="step.number",
        ),
        DataColumn(
            "report_page",
            "Report",
            "The page of the report that made the recommendation.",
            "anyURI",
            lambda item: f"/reports/{item.step.report}",
        ),
        *force("step.force"),
        *worded("what", "What happened", "What happened.", labels.PUBLISHED_STEPS, of="step.what"),
        *dated("happened_on", "Date", "When it happened.", of="step.happened_on"),
        plain(
            "recorded_at", "Recorded at", "When it was recorded.", "dateTime", of="step.recorded_at"
        ),
        *worded(
            "party",
            "Party",
            "The party that acted, or that spoke in a source.",
            labels.SAID_BY,
            of="step.party",
        ),
        plain(
            "result",
            "Result (code)",
            "What it says: an answer, a finding, a reason, or a time limit.",
            of="step.result",
            absent="[z]",
        ),
        DataColumn("result_words", "Result", "What it says, in words.", "string", _result, "[z]"),
        text(
            "text",
            "Text",
            "What was published with it.",
            of="step.text",
            absent="[z]",
        ),
        text(
            "source", "Source", "Where it is published; several are parted by |.", of="step.source"
        ),
        plain(
            "reported_in",
            "Reported in",
            "The reference of the later report that says so.",
            of="step.reported_in",
            absent="[z]",
        ),
        DataColumn(
            "reported_in_page",
            "Page of that report",
            "The page of the later report that says so.",
            "anyURI",
            lambda item: _report(item.step.reported_in),
            "[z]",
        ),
    ),
    ("id", "number"),
)
