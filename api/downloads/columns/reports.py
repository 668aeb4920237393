"""The columns of the list of reports."""

from adapters.tables.columns import DataColumn, DataTable
from api.downloads.columns.parts import dated, force, plain, text, worded
from api.pages.rendering import labels
from domain.events.report import Cases, TopicGrades
from domain.vocabulary.ids import report_id
from projections.reports.listing import ReportItem

REPORTS: DataTable[ReportItem] = DataTable(
    "reports",
    "Reports",
    "Published reports on record, one row for each.",
    (
        DataColumn("id", "Id", "The id of the report.", "string", lambda item: str(item.id)),
        plain(
            "reference",
            "Reference",
            "A readable name of the report, which never changes.",
            of="listing.reference",
        ),
        DataColumn(
            "page", "Page", "The page of the report.", "anyURI", lambda item: f"/reports/{item.id}"
        ),
        *force("listing.force"),
        *worded("product", "Kind of report", "What it is.", labels.PRODUCTS, of="listing.product"),
        *worded(
            "edition",
            "Methodology",
            "The edition of the inspection methodology.",
            labels.EDITIONS,
            of="listing.edition",
        ),
        plain(
            "programme",
            "In the programme",
            "Whether it is part of the National Child Protection Inspections.",
            "boolean",
            of="listing.programme",
        ),
        text("title", "Title", "Its title.", of="listing.title"),
        text("address", "Address", "Where it is published, or was read of.", of="listing.address"),
        text("publisher", "Publisher", "The publisher of that address.", of="listing.publisher"),
        *dated("published_on", "Published on", "When it was published.", of="listing.published_on"),
        *dated(
            "page_date", "Date on its page", "The date that its page shows.", of="listing.page_date"
        ),
        plain(
            "follows",
            "Follows",
            "The reference of the report that it follows, if it says so.",
            of="listing.follows",
        ),
        DataColumn(
            "follows_page",
            "Page of the report that it follows",
            "The page of that report.",
            "anyURI",
            lambda item: _page_of(item.listing.follows),
        ),
        plain(
            "stated",
            "Recommendations stated",
            "How many recommendations it states that it makes, causes of concern not counted.",
            "integer",
            of="listing.stated",
        ),
        plain(
            "flagged",
            "Figures that do not add up",
            "Whether the case figures that it published do not add up.",
            "boolean",
            of="listing.flagged",
        ),
        plain(
            "causes_stated",
            "Causes of concern stated",
            "How many causes of concern it states.",
            "integer",
            of="listing.causes_stated",
        ),
        *dated(
            "fieldwork_from",
            "Fieldwork from",
            "The first day of inspectors' fieldwork.",
            of="listing.fieldwork_from",
        ),
        *dated(
            "fieldwork_to",
            "Fieldwork to",
            "The last day of inspectors' fieldwork.",
            of="listing.fieldwork_to",
        ),
        *(
            plain(
                f"cases_{name}",
                labels.FIELDS[f"cases.{name}"],
                f"{labels.FIELDS[f'cases.{name}']}, how many, as published.",
                "integer",
                of=f"listing.cases_{name}",
            )
            for name in Cases.__struct_fields__
        ),
        *(
            plain(
                f"grade_{name}",
                labels.FIELDS[f"grades.{name}"],
                f"{labels.FIELDS[f'grades.{name}']}, as published; not comparable across editions.",
                of=f"listing.grade_{name}",
                few=True,
            )
            for name in TopicGrades.__struct_fields__
        ),
        *worded(
            "confidence",
            "Confidence",
            "Whether its source states it, or whoever compiled the record inferred it.",
            labels.CONFIDENCE,
            of="listing.confidence",
        ),
        text(
            "source",
            "Source",
            "The pages that it rests on; several are separated by ' | '.",
            of="listing.source",
        ),
    ),
    ("id",),
)


def _page_of(reference: str | None) -> str | None:
    return None if reference is None else f"/reports/{report_id(reference)}"
