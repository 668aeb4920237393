"""The views for tools that read by SQL: everything that the JSON API shows in lists.

A view that was released keeps its columns: another column is another version of the view.
"""

from msgspec.structs import astuple

from domain.events.report import Cases, TopicGrades
from domain.vocabulary import words
from domain.vocabulary.forces import ADDRESSEES
from projections.progress.model import Progress
from projections.register.model import Register
from projections.reporting.column import (
    BY_FORCE,
    OF_FORCE,
    REFERENCE,
    ViewColumn,
    coded,
    dated,
    flag,
    identity,
    number,
    position,
    quoted,
    text,
)
from projections.reporting.figures import BY_FORCE_AND_MONTH, COUNTED, COUNTS, EACH_FORCE, MONTHLY
from projections.reporting.recommendations import CLOCK, RECOMMENDATION, WORK
from projections.reporting.view import View
from projections.reports.model import Reports
from projections.statements.model import Statements
from projections.statements.steps import Steps
from projections.worklist.model import Worklist

READ = (Register, Progress, Worklist, Reports, Statements, Steps)
"""The read models that the views read."""

_AS_KNOWN = "as precisely as it is known: YYYY-MM-DD, YYYY-MM, YYYY or unknown. Null: none."
REPORT = View(
    "report",
    "Each published report.",
    (
        identity("id", "The id of the report, as in its address.", "stream"),
        REFERENCE,
        *OF_FORCE,
        *coded("product", "The kind of report", words.PRODUCTS),
        *coded("edition", "The methodology of the inspection", words.EDITIONS),
        flag("programme", "Whether it is part of the programme of child protection inspections."),
        text("title", "Its title."),
        text("address", "Its address on the web."),
        *dated("published_on", "The date of publication"),
        text("page_date", "The date on its page, as precisely as it is known. Null: none."),
        text("publisher", "Who published that page. Null: not on record."),
        text("follows", "The reference of the report that it follows. Null: it says of none."),
        number(
            "recommendations_stated",
            "How many recommendations it states, causes of concern not counted. Null: none stated.",
            "stated",
        ),
        flag("figures_flagged", "Whether its published figures do not add up.", "flagged"),
        number(
            "causes_of_concern_stated",
            "How many causes of concern it states. Null: none stated.",
            "causes_stated",
        ),
        text("fieldwork_from", f"The first day of fieldwork, {_AS_KNOWN}"),
        text("fieldwork_to", f"The last day of fieldwork, {_AS_KNOWN}"),
        number("cases_examined", "How many cases were examined, as published. Null: not stated."),
        *(
            number(
                f"cases_{grade}",
                f"How many of them were graded {grade.replace('_', ' ')}. Null: not stated.",
            )
            for grade in Cases.__struct_fields__[1:]
        ),
        *(
            text(
                f"grade_{topic}",
                f"Its grade for {topic.replace('_', ' ')}, as published. Null: it has none.",
            )
            for topic in TopicGrades.__struct_fields__
        ),
        *coded(
            "confidence",
            "Whether its source states it, or whoever compiled the record inferred it",
            words.CONFIDENCE,
        ),
        text("source", "The pages that it rests on, separated by ' | '. Null: not on record."),
        position("reports"),
    ),
    f"{Reports.schema}.listing JOIN {BY_FORCE} ON code = force",
    "periods",
    history=True,
)

STATEMENT = View(
    "statement",
    "What published sources said later: outcomes, milestones and areas to improve.",
    (
        identity("id", "The id of the recommendation or the report that it is about.", "stream"),
        number("step", "Its step in the record of that; with the id, it names the statement."),
        REFERENCE,
        flag(
            "about_recommendation",
            "Whether it is about one recommendation; else it is about the report.",
            "recommendation",
        ),
        identity(
            "report_id", "The id of the report, or of that recommendation's report.", "report"
        ),
        *OF_FORCE,
        *coded(
            "what",
            "What it says, as read by the compiler; never the inspectorate's own code",
            {**words.MILESTONES, **words.READINGS, "area": "An area to improve"},
        ),
        *dated("said_on", "The date on which it was said"),
        *coded("said_by", "Who said it", words.SAID_BY, "not on record"),
        *coded("area", "The area that it is about", words.AREAS, "none"),
        text("topic", "A finer topic than the area, by the compiler. Null: none."),
        text("text", "Its words."),
        text("source", "Its source."),
        text("address", "Its address on the web. Null: not on record."),
        text("reported_in", "The reference of the report that said it. Null: none."),
        *coded(
            "register_status",
            "Its status in the inspectorate's withdrawn register",
            words.REGISTER_STATUSES,
            "none",
        ),
        *coded("answer", "What it says will be done", words.ANSWERS, "it does not say"),
        *coded("level", "The local policing body's view", words.ASSURANCE, "it does not say"),
        *coded("confidence", "Whether the source states it, or it was inferred", words.CONFIDENCE),
        position("statements"),
    ),
    f"{Statements.schema}.said JOIN {BY_FORCE} ON code = force",
    "periods",
    history=True,
)

_RESULTS = " ".join(
    f"WHEN {quoted(f'{what} {code}')} THEN {quoted(of)}"
    for what, results in words.RESULTS.items()
    for code, of in results.items()
)
STEP = View(
    "step",
    "Each published step of each recommendation.",
    (
        identity("id", "The id of the recommendation, as in its address.", "stream"),
        number(
            "number",
            "The place of the step among those that are published; with the id, it names the step.",
        ),
        REFERENCE,
        identity("report_id", "The id of the report that made the recommendation.", "report"),
        *OF_FORCE,
        *coded("what", "What happened", words.STEPS),
        *dated("happened_on", "The date on which it happened"),
        ViewColumn(
            "recorded_at", "timestamptz", "recorded_at", "The moment at which it was recorded."
        ),
        *coded("party", "The party that acted, or that spoke in a source", words.SAID_BY),
        text(
            "result",
            "What it says: the code of an answer, a finding, a reason, or a time limit. Null: it"
            " has none.",
        ),
        text(
            "result_words",
            "What it says, in words. Null: it has none.",
            f"CASE what || ' ' || result {_RESULTS} ELSE result END",
        ),
        text(
            "text",
            "The text that was published with it, without the comments of a local policing body."
            " Null: none.",
        ),
        text("source", "Where it is published, parted by ' | '. Null: not on record."),
        text("reported_in", "The reference of the later report that says so. Null: none."),
        position("steps"),
    ),
    f"{Steps.schema}.step JOIN {BY_FORCE} ON code = force",
    "periods",
)

FORCE = View(
    "force",
    "Each police force, and the national addressee.",
    (
        text("force", "Its code."),
        text("force_name", "Its name."),
        text("country", "The country."),
        text("region", "The region. Null: none.", "NULLIF(region, '')"),
        text("ons_code", "Its code by the Office for National Statistics. Null: it has none."),
        text("local_policing_body", "Its local policing body. Null: none."),
    ),
    "(VALUES "
    + ", ".join(
        f"({', '.join(map(quoted, astuple(force)[:-1]))})"
        for force in ADDRESSEES.values()
        if not force.training
    )
    + ") AS f (force, force_name, country, region, ons_code, local_policing_body)",
    "constant",
)

PROGRESS = View(
    "progress",
    "The counts of all forces together. The stages add up to the total, and so do the findings.",
    (*COUNTS, position("progress")),
    COUNTED,
    "sums",
)
PROGRESS_BY_FORCE = View(
    "progress_by_force",
    "The counts of each force. Their medians do not add up: progress_v1 has those of all together.",
    (*OF_FORCE, *COUNTS, position("progress")),
    EACH_FORCE,
    "sums",
)
PROGRESS_BY_MONTH = View(
    "progress_by_month",
    "The counts of each force at the end of each month, from its first recommendation on.",
    (*OF_FORCE, *MONTHLY, position("progress")),
    BY_FORCE_AND_MONTH,
    "sums",
)

CATALOGUE = View(
    "catalogue",
    "Each column of each view that the login may read, with its comment.",
    (
        text("view", "The name of the view.", "c.relname"),
        text("about_view", "What the view holds.", "obj_description(c.oid, 'pg_class')"),
        number("number", "The place of the column, from 1.", "a.attnum"),
        text("name", "The name of the column.", "a.attname"),
        text("type", "Its type in PostgreSQL.", "format_type(a.atttypid, a.atttypmod)"),
        text("about", "What it holds.", "col_description(c.oid, a.attnum)"),
    ),
    "pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0",
    "constant",
    condition="c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'v'"
    " AND has_table_privilege(c.oid, 'SELECT')",
)

AS_OF_VIEW = View(
    "as_of",
    "How far each list has come. A question about a moment up to recorded_at has its final answer.",
    (
        text("list", "The list: a read model of the service."),
        ViewColumn(
            "as_of_position",
            "bigint",
            "reporting.position_v1(list)",
            "The number of the last record that it takes into account.",
        ),
        ViewColumn(
            "recorded_at",
            "timestamptz",
            "reporting.recorded_at_v1(list)",
            "The moment of that record. Null: there is none.",
        ),
    ),
    f"(VALUES {', '.join(f'({quoted(model.name)})' for model in READ)}) AS lists (list)",
    "constant",
)

VIEWS = (
    RECOMMENDATION,
    CLOCK,
    WORK,
    REPORT,
    STATEMENT,
    STEP,
    FORCE,
    PROGRESS,
    PROGRESS_BY_FORCE,
    PROGRESS_BY_MONTH,
    AS_OF_VIEW,
    CATALOGUE,
)
