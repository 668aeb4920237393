"""The words and dates of pages, in one place: what the record has as codes, in plain English."""

from api.pages.rendering.language import N_, Table

STAGES = Table(
    {
        "issued": "Action plan awaited",
        "plan_received": "Action plan being reviewed",
        "plan_reviewed": "Action plan reviewed",
        "follow_up_assigned": "Follow-up planned",
        "followed_up": "Followed up",
        "closed": "Closed by the inspectorate",
    }
)
STAGES_SHORT = Table(
    {
        "issued": "Plan awaited",
        "plan_received": "Plan in review",
        "plan_reviewed": "Plan reviewed",
        "follow_up_assigned": "Follow-up planned",
        "followed_up": "Followed up",
        "closed": "Closed",
    }
)
"""For the head of a table."""
STAGE_MEANS = Table(
    {
        "issued": "The inspectorate has published it. No action plan is on record yet.",
        "plan_received": "The force has sent its action plan, and inspectors are to review it.",
        "plan_reviewed": "Inspectors have reviewed the action plan.",
        "follow_up_assigned": "Inspectors have decided how they will look again.",
        "followed_up": "Inspectors have looked again and said what they found. It is not closed.",
        "closed": "The inspectorate no longer asks for it.",
    }
)
KINDS = Table(
    {
        "recommendation": "Recommendation",
        "cause_of_concern": "Cause of concern",
        "area_for_improvement": "Area for improvement",
    }
)
AREAS = Table(
    {
        "leadership": "Leadership and governance",
        "initial_contact": "Initial contact",
        "assessment_and_help": "Assessment and help",
        "investigation": "Investigation",
        "decision_making": "Decision-making",
        "managing_risk": "Managing those who pose a risk to children",
        "police_detention": "Police detention",
        "partnership": "Working with partners",
        "initial_response": "Initial response",
        "risk_referral": "Assessing risk and referring children",
        "unknown": "Area not known",
        "n/a": "No one area",
    }
)
PRODUCTS = Table(
    {
        "ncpi": "National child protection inspection",
        "post_inspection_review": "Post-inspection review",
        "reinspection": "Re-inspection",
        "assessment_of_progress": "Assessment of progress",
        "quarterly_update": "Quarterly update",
        "accelerated_cause_of_concern": "Accelerated cause of concern",
        "thematic": "Thematic report",
    }
)
FINDINGS = Table(
    {
        "met": "Met",
        "partly_met": "Partly met",
        "not_met": "Not met",
        "too_early": "Too early to say",
        "narrative": "Described in words, without a verdict",
    }
)
CLOSED = Table(
    {
        "verified": "Inspectors verified that it is done",
        "superseded": "A later recommendation takes its place",
        "not_applicable": "It no longer applies",
        "withdrawn": "The inspectorate withdrew it",
    }
)
EDITIONS = Table({"pre-2024": "Methodology of 2014 to 2023", "2024": "Methodology of 2024"})
CLOCKS = Table(
    {
        "action_plan": "Action plan",
        "section_55": "Comments of the local policing body",
        "time_limit": "Time limit of the recommendation",
    }
)
CLOCK_STATES = Table(
    {
        "running": "Not due yet",
        "overdue": "Overdue, by what is on record",
        "in_time": "In time",
        "late": "Late",
        "stopped": "Received; the dates do not say whether in time",
        "waived": "Not asked for",
        "unknown": "Not known",
        "not_set": "None set",
        "no_rule": "Does not apply",
    }
)
ROLES = Table(
    {
        "inspector": "inspector",
        "publisher": "publisher",
        "auditor": "auditor",
        "admin": "administrator",
        "importer": "import of published sources",
        "reporting": "reporting tool",
        "force": "force liaison",
        "local_policing_body": "local policing body",
    }
)
WORK = Table(
    {
        "review_plan": "Action plans to review",
        "assign_follow_up": "Follow-ups to decide",
        "report_follow_up": "Follow-ups to report",
        "check_claim": "Claims to check",
        "reconsider": "Stale decisions to look at again",
        "chase_overdue": "Overdue by what is on record",
        "due_soon": "Overdue within 14 days, if nothing comes",
    }
)
REMARKS = Table(
    {
        "OwnerNamed": "The force named who answers for it",
        "ProgressReported": "The force reported progress",
        "DecisionConfirmed": "Inspectors confirmed a decision that had become stale",
        "Commented": "A remark was left",
        "Corrected": "An earlier step was corrected",
        "NoteRedacted": "The text of a note was removed",
        "RedactionRequested": "Removal of a note's text was asked for",
        "RedactionApproved": "Removal of a note's text was approved, and it is gone",
        "ReportPublished": "The report was published",
        "AreaNoted": "An area to improve that a source mentions was noted",
        "ReportOutcomeNoted": "What a published source says of an area was noted",
        "ReportCorrected": "An earlier step was corrected",
        "ReportNoteRedacted": "The text of a note was removed",
        "ReportRedactionRequested": "Removal of a note's text was asked for",
        "ReportRedactionApproved": "Removal of a note's text was approved, and it is gone",
    }
)
"""Steps that are not published, by the event's name."""
HANDS = Table(
    {
        "issued": "The force: it is to send its action plan.",
        "plan_received": "Inspectors: they are to review the action plan.",
        "plan_reviewed": "Inspectors: they are to decide how they look again.",
        "follow_up_assigned": "Inspectors: they are to look again, and say what they found.",
        "followed_up": "Inspectors: they are to close it, or to say what comes next.",
        "closed": "Nobody's: it is closed.",
    }
)
SAID_BY = Table(
    {
        "inspectorate": "The inspectorate",
        "force": "The force",
        "local_policing_body": "The local policing body",
    }
)
READINGS = Table(
    {
        "improved": "It has improved",
        "partly_improved": "It has improved in part",
        "not_improved": "It has not improved",
        "too_early": "It is too early to say",
        "claim": "It says that it is done",
        "not_applicable": "It no longer applies",
        "status_change": "Its status changed",
    }
)
WORDINGS = Table(
    {
        "verbatim": "verbatim",
        "paraphrase": "paraphrase",
        "partly seen": "partly seen",
        "not seen": "not seen",
    }
)
GRADES = Table(
    {
        "outstanding": "outstanding",
        "good": "good",
        "adequate": "adequate",
        "requires improvement": "requires improvement",
        "inadequate": "inadequate",
    }
)
CONFIDENCE = Table({"stated": "stated", "inferred": "inferred"})
GROUNDS = Table(
    {
        "data_protection": "Data protection",
        "safeguarding": "Safeguarding",
        "court_order": "An order of a court",
        "recorded_in_error": "It should not have been recorded",
    }
)
FLAGS = Table({"true": "Yes", "false": "No"})
SLIPS = Table(
    {
        "time_limit_changed": "Time limit changed",
        "reopened": "Reopened",
        "closed_without_evidence": "Closed as verified without new evidence",
    }
)
FOLLOW_UPS = Table(
    {
        "light_touch": "A light-touch check",
        "post_inspection_review": "A post-inspection review",
        "reinspection": "A re-inspection",
        "quarterly_updates": "Quarterly updates by the force",
        "assessment_of_progress": "An assessment of progress",
        "monitoring": "Monitoring",
    }
)
LIMITS = Table(
    {
        "immediate": "Immediately",
        "months": "Within a number of months of publication",
        "date": "By a date",
        "none": "None",
    }
)
FIELDS = Table(
    {
        "on": "When it happened",
        "ordinal": "Number in the report",
        "kind": "Kind",
        "text": "Text",
        "area": "Area",
        "time_limit": "Time limit",
        "topic": "Topic",
        "wording": "How the text relates to the published words",
        "register_id": "Number in the withdrawn register",
        "confidence": "Whether a source says it",
        "procedure": "Procedure",
        "window_from": "From",
        "window_to": "Until",
        "assignee": "Assigned to",
        "finding": "Finding",
        "passage": "Passage",
        "source": "Source",
        "answer": "Answer",
        "address": "Published at",
        "level": "View",
        "now": "Time limit",
        "said_by": "Said by",
        "reading": "Reading",
        "register_status": "Status in the withdrawn register",
        "reported_in": "Reported in",
        "product": "Kind of report",
        "title": "Title",
        "programme": "Whether it is one of the programme",
        "page_date": "Date on its page",
        "fieldwork_from": "Fieldwork from",
        "fieldwork_to": "Fieldwork until",
        "recommendations_stated": "Number of recommendations that it states",
        "causes_of_concern_stated": "Number of causes of concern that it states",
        "follows": "Report that it follows",
        "cases.examined": "Cases examined",
        "cases.good": "Cases graded good",
        "cases.adequate": "Cases graded adequate",
        "cases.requires_improvement": "Cases graded requires improvement",
        "cases.inadequate": "Cases graded inadequate",
        "grades.leadership": "Grade for leadership",
        "grades.partnership": "Grade for working with partners",
        "grades.initial_response": "Grade for the initial response",
        "grades.risk_referral": "Grade for assessing risk and referring children",
        "grades.investigation": "Grade for investigation",
    }
)
"""What of a step can be corrected."""
NOTES = Table(
    {
        "owner": "Owner",
        "content": "Plan",
        "reason": "Reason",
        "remarks": "Remarks",
        "progress": "Progress",
        "evidence": "Evidence",
        "explanation": "Comments",
        "basis": "Basis",
        "comment": "Remark",
        "remark": "Compiler's remark",
        "why": "Why",
    }
)
"""The fields of entries that are not published."""
ANSWERS = Table({"act": "It will act", "no_action": "It will take no action, and says why"})
ASSURANCE = Table({"assured": "Satisfied that it is done", "partly_assured": "Satisfied in part"})

NO_DAY = N_("The day must be a real date, such as 31 3 2023.")
WRONG = Table(
    {
        "q": "Enter words of up to 200 characters.",
        "force": "Choose a force from the list.",
        "area": "Choose an area from the list.",
        "stage": "Choose where it stands from the list.",
        "kind": "Choose a kind from the list.",
        "product": "Choose a kind of report from the list.",
        "open": "Choose whether it is open from the list.",
        "overdue": "Choose whether it is overdue from the list.",
        "claimed": "Choose whether the force says done from the list.",
        "on": "The day must be today or in the past, such as 31 3 2023.",
        "known_at": "The day on which it was known must be today or "
        "in the past, such as 31 3 2023.",
        "since": "The earlier day must be before the later one, and "
        "in the past, such as 31 3 2023.",
        "known_by": "The day by which it was known must be today or "
        "in the past, such as 31 3 2023.",
        "cursor": "That page of the list is no more. Begin again at the first.",
    }
)
"""What to do about a field, where a program is told the form of what it sent."""
