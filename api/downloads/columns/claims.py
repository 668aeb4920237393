"""The columns of claims of completion, and of how those of each force were judged."""

from adapters.tables.columns import DataTable
from api.downloads.columns.parts import counted, dated, force, plain, recommendation, worded
from api.pages.rendering import labels
from projections.progress.claims import Accuracy, ClaimItem

CLAIMS: DataTable[ClaimItem] = DataTable(
    "claims",
    "Claims",
    "Claims of forces that a recommendation is done, one row for each, and how each was judged "
    "first. A claim closes nothing.",
    (
        *recommendation(reference="claimed.reference"),
        plain("step", "Step", "The step that recorded the claim.", "integer", of="claimed.step"),
        *force("claimed.force"),
        *worded(
            "area",
            "Area",
            "The area of the inspection that it is about.",
            labels.AREAS,
            of="claimed.area",
        ),
        *dated("claimed_on", "Claimed on", "When the force said so.", of="claimed.claimed_on"),
        *worded(
            "judgement",
            "First judgement",
            "What inspectors recorded about it first; none while it waits.",
            labels.JUDGEMENTS,
            of="claimed.judgement",
            absent="[z]",
        ),
        *dated(
            "judged_on",
            "Judged on",
            "When they did; none while it waits.",
            of="claimed.judged_on",
            absent="[z]",
        ),
        plain(
            "days",
            "Days until judged",
            "The days from claim to judgement; none unless both are known to the day.",
            "integer",
            of="claimed.days",
        ),
    ),
    ("id", "step"),
)

ACCURACY: DataTable[Accuracy] = DataTable(
    "claim-accuracy",
    "Claim accuracy",
    "How the claims of each force that made any were judged, each by its first judgement.",
    (
        *force("force"),
        counted("claims", "Claims", "How many claims are on record."),
        counted("waiting", "Waiting", "How many wait for a judgement."),
        *(
            counted(code, title, "How many were judged so first.")
            for code, title in labels.JUDGEMENTS.items()
        ),
        plain(
            "days",
            "Median days until judged",
            "Of those whose claim and judgement are known to the day.",
            "number",
        ),
    ),
    ("force",),
)
