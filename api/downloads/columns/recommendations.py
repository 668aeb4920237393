"""The columns of the register of recommendations."""

from adapters.tables.columns import DataColumn, DataTable
from api.downloads.columns.parts import dated, force, plain, recommendation, text, worded
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import Table
from projections.register.listing import RegisterItem

PLANS = Table(
    {
        "not_known": "Not known",
        "awaited": "Awaited",
        "received": "Received, not reviewed yet",
        "accepted": "Accepted",
        "changes_requested": "Changes requested",
        "waived": "Waived by inspectors",
    }
)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


_SILENT = "none where nothing on record says where it stands, or that it was"
RECOMMENDATIONS: DataTable[RegisterItem] = DataTable(
    "recommendations",
    "Recommendations",
    "Recommendations of HMICFRS about child protection, one row for each addressee, and where each "
    "of them stands by what is on record.",
    (
        *recommendation(reference="standing.reference"),
        *force("standing.force"),
        DataColumn(
            "report_page",
            "Report",
            "The page of the report that made the recommendation.",
            "anyURI",
            "standing.report",
            then=lambda report: f"/reports/{report}",
            few=True,
        ),
        *worded(
            "edition",
            "Methodology",
            "The edition of the inspection methodology.",
            labels.EDITIONS,
            of="standing.edition",
        ),
        *worded("kind", "Kind", "What it is.", labels.KINDS, of="standing.kind"),
        plain(
            "ordinal",
            "Number in the report",
            "Its number in the report, where it has one.",
            "integer",
            of="standing.ordinal",
        ),
        plain(
            "cause",
            "Cause of concern",
            "The number of the cause of concern in the same report that it belongs to, if to one.",
            "integer",
            of="standing.cause",
        ),
        *worded(
            "area",
            "Area",
            "The area of the inspection that it is about.",
            labels.AREAS,
            of="standing.area",
        ),
        text(
            "topic",
            "Topic",
            "The topic that it was filed under by whoever compiled the record.",
            of="standing.topic",
            few=True,
        ),
        text("text", "Text", "The text on record; see its wording.", of="standing.text"),
        plain(
            "wording",
            "Wording",
            "How the text relates to the published one: verbatim, paraphrase, partly seen or not "
            "seen.",
            of="standing.wording",
            few=True,
        ),
        *worded(
            "confidence",
            "Confidence",
            "Whether its source states it, or whoever compiled the record inferred it.",
            labels.CONFIDENCE,
            of="standing.confidence",
        ),
        text(
            "source",
            "Source",
            "The pages that it rests on; several are separated by ' | '.",
            of="standing.source",
            few=True,
        ),
        plain(
            "time_limit",
            "Time limit (code)",
            "immediate, months:N, date:YYYY-MM-DD, none or unknown.",
            of="standing.time_limit",
            few=True,
        ),
        DataColumn(
            "time_limit_words",
            "Time limit",
            "The time limit that the inspectorate set, in words.",
            "string",
            "standing.time_limit",
            then=formatting.limit,
            few=True,
        ),
        *dated("issued_on", "Issued on", "When it was published.", of="standing.issued_on"),
        *worded(
            "stage",
            "Status",
            "Where it stands by what is on record. Only the inspectorate closes it.",
            labels.STAGES,
            of="standing.stage",
        ),
        *dated(
            "stage_since",
            "Status since",
            "Since when it is at that stage.",
            of="standing.stage_since",
        ),
        *worded(
            "plan",
            "Action plan",
            "The action plan by what is on record; of one whose stage is not known, none of it is.",
            PLANS,
            of="standing.plan",
        ),
        plain(
            "plan_owed",
            "Action plan owed",
            "Whether an action plan, or a new one, is owed by what is on record; none where it is "
            "not known how its plan stands.",
            "boolean",
            of="standing.plan_owed",
        ),
        plain(
            "cycle",
            "Round",
            "The round of action plan and follow-up that it is in; none where it is not known "
            "where it stands.",
            "integer",
            of="standing.cycle",
        ),
        *dated(
            "claimed_on",
            "Force says done on",
            "When the force said that it is done, while that claim stands; a claim closes nothing, "
            "and none stands after it was returned or the recommendation was closed.",
            of="standing.claimed_on",
        ),
        *dated(
            "updated_on",
            "Update received on",
            "When the force gave its update on what is to be done immediately.",
            of="standing.updated_on",
            absent="[z]",
        ),
        *worded(
            "follow_up",
            "Follow-up",
            "The follow-up that is planned; none once its finding is on record.",
            labels.FOLLOW_UPS,
            of="standing.follow_up",
        ),
        *worded(
            "finding",
            "Latest finding",
            "The finding of the latest follow-up on record.",
            labels.FINDINGS,
            of="standing.finding",
        ),
        *worded(
            "section_55",
            "Section 55 response",
            "What the local policing body answered under section 55 of the Police Act 1996.",
            labels.ANSWERS,
            of="standing.section_55",
        ),
        *worded(
            "assurance",
            "Local policing body's view",
            "Whether the local policing body is satisfied that it is done; it closes nothing.",
            labels.ASSURANCE,
            of="standing.assurance",
        ),
        *dated(
            "closed_on",
            "Closed on",
            "When the inspectorate closed it.",
            of="standing.closed_on",
        ),
        *worded(
            "closed_reason",
            "Reason for closure",
            "Why the inspectorate closed it.",
            labels.CLOSED,
            of="standing.closed_reason",
        ),
        DataColumn(
            "superseded_by",
            "Replaced by",
            "The id of the recommendation that replaces it.",
            "string",
            "standing.superseded_by",
            then=_text,
        ),
        plain(
            "due",
            "Last day",
            "The last day of its time limit, the latest possible one where the start is not known "
            "to the day; none where nothing on record says whether the limit still counts.",
            "date",
            of="standing.due",
        ),
        plain(
            "overdue",
            "Overdue",
            "Whether it is certainly past its time limit, by what is on record; none where nothing "
            "on record says which limit counts, and whether it still does.",
            "boolean",
        ),
        *dated(
            "taken_over_on",
            "Taken over on",
            "When inspectors or the force said here where it stood; published sources go before.",
            of="standing.taken_over_on",
            absent="[z]",
        ),
        plain(
            "time_limit_changes",
            "Changes of the time limit",
            f"How often its time limit was changed; {_SILENT}.",
            "integer",
            of="standing.time_limit_changes",
        ),
        plain(
            "reopenings",
            "Reopened",
            f"How often it was reopened; {_SILENT}.",
            "integer",
            of="standing.reopenings",
        ),
        plain(
            "withdrawals",
            "Withdrawn steps",
            f"How many recordings about it were withdrawn that had moved it; {_SILENT}.",
            "integer",
            of="standing.withdrawals",
        ),
        plain(
            "closed_without_evidence",
            "Closed without new evidence",
            "Whether it was closed as verified although the record held no evidence of completion,"
            f" or only what inspectors had judged insufficient; {_SILENT}.",
            "boolean",
            of="standing.closed_without_evidence",
        ),
        plain(
            "disputed",
            "Disputed",
            "Whether a force or local policing body disputes a public fact about it, and inspectors"
            " have not settled that yet; its page has the words.",
            "boolean",
            of="standing.disputed",
        ),
        plain(
            "register_id",
            "Number in the old register",
            "Its number in the inspectorate's register, which was withdrawn.",
            of="standing.register_id",
        ),
    ),
    ("id",),
)
