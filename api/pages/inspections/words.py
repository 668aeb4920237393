"""Words about inspections before publication, and the names of the parts of a draft."""

from api.pages.rendering import labels
from api.pages.rendering.language import N_, Table
from api.pages.rendering.language import gettext as _
from domain.inspection.parts import REPORT_PART
from domain.vocabulary.values import Kind, PartName

INSPECTIONS = {"text": N_("Inspections"), "href": "/inspections"}
"""The breadcrumb of the list."""
STAGES = Table(
    {
        "planned": "Planned",
        "fieldwork": "Fieldwork",
        "moderated": "Moderated",
        "in_check": "Check of facts",
        "embargoed": "Embargoed",
        "agreed": "Release agreed",
        "released": "Published",
        "dropped": "Ended without a report",
    }
)
STEPS = Table(
    {
        "planned": "Inspection planned",
        "fieldwork": "Fieldwork",
        "drafted": "Draft of the report written",
        "moderated": "Draft moderated",
        "in_check": "Facts checked by the force",
        "embargoed": "Text final, under embargo",
        "agreed": "Release agreed by a second person",
        "released": "Report published",
    }
)
"""The steps of the way to publication, in order."""
MOVES = Table(
    {
        "planned": "Inspectors. They record when fieldwork begins.",
        "fieldwork": "Inspectors. They write the draft, and record when it passed moderation.",
        "moderated": "Inspectors. They send the draft to the force, to check its facts.",
        "released": "Nobody. The report is published.",
        "dropped": "Nobody. The inspection ended without a report.",
    }
)
"""Whose move it is and what comes next, by the stages for which that is always the same."""
EVENTS = Table(
    {
        "InspectionPlanned": "The inspection was planned",
        "PlanChanged": "The plan was changed",
        "FieldworkBegun": "Fieldwork began",
        "DraftModerated": "The draft passed moderation",
        "CheckBegun": "The draft was sent to the force, to check its facts",
        "CheckFinished": "The force said that it has no more comments",
        "FactCommented": "The force commented on the draft",
        "CommentAnswered": "Inspectors answered a comment",
        "CommentWithdrawn": "The force took a comment back",
        "ReportEmbargoed": "The text was made final, and the minute of its release was set",
        "ReleaseAgreed": "A second person agreed to the release",
        "PublicationDeferred": "The publication was put off",
        "InspectionResumed": "The publication goes on",
        "ReportReleased": "The report was published",
        "InspectionDropped": "The inspection ended without a report",
    }
)
"""The steps on record, by the name of their event; the parts of a text are not among them."""
OUTCOMES = Table({"accepted": "Accepted", "rejected": "Rejected"})
"""The answers to a comment."""


def part_name(part: PartName, kind: Kind | None = None) -> str:
    """Return the name of a part of a text; without a kind, its number alone is known."""
    if part == REPORT_PART:
        return _("The report")
    number = int(part.removeprefix("r"))
    if kind is None:
        return _("Number %(number)s", number=number)
    return _("%(kind)s %(number)s", kind=labels.KINDS[kind], number=number)
