"""Labels: the plain-English words for the codes of the record, in one place."""

from api.pages.rendering.language import N_, Table
from domain.vocabulary import words

STAGES = Table(words.STAGES)
STAGES_SHORT = Table(words.STAGES_SHORT)
STAGE_MEANS = Table(
    {
        "not_known": "It is known from published sources only. Where it stands is not on "
        "record here.",
        "issued": "The inspectorate has published it. No action plan is on record yet, or none is "
        "needed.",
        "plan_received": "The force has sent its action plan. Inspectors need to review it.",
        "plan_reviewed": "Inspectors have reviewed the action plan.",
        "follow_up_assigned": "Inspectors have decided how to follow up.",
        "followed_up": "Inspectors have followed up and reported their findings. It is not closed.",
        "closed": "The inspectorate no longer asks for it.",
    }
)
STEPS = Table(
    {
        "published": "Published",
        "reopened": "Reopened",
        "update": "Update on immediate action",
        "plan": "Action plan",
        "review": "Review of the plan",
        "follow_up": "Follow-up",
        "new_plan": "New action plan",
        "closed": "Closed",
    }
)
"""The steps of a recommendation's page, in their order."""
STEP_STATUSES = Table(
    {
        "done": "Done",
        "now": "Now",
        "not_yet": "Not yet",
        "not_needed": "Not needed",
        "not_recorded": "Not recorded",
        "not_known": "Not known",
    }
)
KINDS = Table(words.KINDS)
AREAS = Table(words.AREAS)
PRODUCTS = Table(words.PRODUCTS)
FINDINGS = Table(words.FINDINGS)
FINDING_COLOURS = {
    "met": "green",
    "partly_met": "yellow",
    "not_met": "orange",
    "too_early": "purple",
    "narrative": "teal",
    "not_known": "grey",
}
"""The colours of tags, each beside its word."""
FINDINGS_SHORT = Table(words.FINDINGS_SHORT)
JUDGEMENTS = Table(
    {
        "verified": "Closed as verified",
        "met": "Found met",
        "partly_met": "Found partly met",
        "not_met": "Found not met",
        "returned": "Returned to the force",
        "closed_otherwise": "Closed for another reason",
    }
)
AGES = Table(
    {
        "6": "Less than 6 months",
        "12": "6 to 12 months",
        "24": "1 to 2 years",
        "48": "2 to 4 years",
        "older": "4 years or more",
    }
)
"""How long a recommendation has been open: the bands of age, by the months they end at."""
CLOSED = Table(words.CLOSED)
BODIES = Table(
    {
        "PCC": "police and crime commissioner",
        "PFCC": "police, fire and crime commissioner",
        "MOPAC": "Mayor's Office for Policing and Crime",
    }
)
EDITIONS = Table(words.EDITIONS)
CLOCKS = Table(words.CLOCKS)
CLOCK_STATES = Table(
    {
        "running": "Not due yet",
        "overdue": "Overdue",
        "in_time": "In time",
        "late": "Late",
        "stopped": "Received, but the dates do not show whether in time",
        "waived": "Waived",
        "ended": "Ended when it was closed",
        "unknown": "Not known",
        "not_set": "None set",
        "no_rule": "No deadline",
    }
)
CLOCK_STOPS = Table(
    {
        "action_plan": "Received",
        "immediate_update": "Received",
        "section_55": "Published",
        "time_limit": "The force said that it was done",
        "closure": "Closed",
    }
)
"""The event that stopped a clock, by its name."""
CLOSED_AS_DONE = Table(
    {
        "in_time": "Closed as done, before the limit",
        "late": "Closed as done, after the limit",
        "stopped": "Closed as done. Whether before the limit is not known",
    }
)
"""The time limit by a closure as verified of what nobody had claimed."""
CLAIMED = Table(
    {
        "in_time": "The force says that it is done, before the limit. This is not verified",
        "late": "The force says that it is done, after the limit. This is not verified",
        "stopped": "The force says that it is done. The dates do not show whether before the "
        "limit, and this is not verified",
    }
)
"""The time limit by a claim alone, which nobody has verified."""
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
WORK = Table(words.WORK)
WORK_IN_FILES = Table({**words.WORK, "due_soon": "Deadline ahead"})
"""One's own deadlines are in a file of work, however far off the last day is."""
TASKS = Table(
    {
        "review_plan": "Review the action plan",
        "revise_plan": "Revise the action plan",
        "new_plan": "Make a new plan after the finding",
        "assign_follow_up": "Decide on a follow-up",
        "report_follow_up": "Report the follow-up",
        "decide_after_follow_up": "Decide after the follow-up: close it, or say what happens next",
        "check_claim": "Check the force's claim that it is done",
        "agree_closure": "Agree to the proposed closure",
        "agree_suppression": "Agree to remove a published text",
        "reconsider": "Look at the latest decision again",
    }
)
CLOCK_TASKS = Table(
    {
        "action_plan": "Provide the action plan",
        "immediate_update": "Give an update on immediate action",
        "section_55": "Publish the local policing body's comments",
        "time_limit": "Complete it within its time limit",
    }
)
PARTIES_NEXT = Table(
    {
        "inspector": "inspectors",
        "force": "the force",
        "local_policing_body": "the local policing body",
    }
)
WORK_ORDERS = Table(
    {
        "urgency": "most urgent first",
        "work": "type of work",
        "force": "force",
        "reference": "reference",
        "next_by": "what waits for inspectors first",
    }
)
REVIEW_ORDERS = Table(
    {
        "urgency": "most urgent first",
        "reference": "reference",
        "force": "force",
    }
)
DATED_ORDERS = Table({"newest": "newest first", "reference": "reference"})
REGISTER_ORDERS = Table(
    {
        "reference": "reference",
        "deadline": "deadline, the longest overdue first",
        "newest": "date of issue, newest first",
        "oldest": "date of issue, oldest first",
        "force": "force",
    }
)
CLAIM_ORDERS = Table(
    {
        "reference": "reference",
        "newest": "date of the claim, newest first",
        "oldest": "date of the claim, oldest first",
        "force": "force",
    }
)
CONTACT_ORDERS = Table(
    {
        "waiting": "waiting first, oldest first; then with an outcome, newest first",
        "newest": "newest first",
    }
)
INSPECTION_ORDERS = Table(
    {
        "planned": "the one planned last first",
        "force": "force",
        "reply": "reply of the force, the next due first",
    }
)
COMPARED_ORDERS = Table(
    {
        "reference": "reference",
        "force": "force",
        "stage": "stage after the change",
    }
)
REPORT_WORK_ORDERS = Table({"reference": "reference", "stage": "stage"})
LATE_ORDERS = Table(
    {
        "longest": "last day, the longest late first",
        "latest": "last day, the latest first",
        "force": "force, the longest late of each first",
    }
)
SLIPPAGE_ORDERS = Table(
    {
        "force": "force",
        "total": "number of recommendations",
        "time_limit_changed": "time limit changed",
        "reopened": "reopened",
        "withdrawn": "a step was withdrawn",
        "closed_without_evidence": "closed as verified without new evidence",
    }
)
REPLY_REMARKS = {
    "Disputed": "A fact was disputed",
    "DisputeReplied": "A reply was given in a dispute",
    "WordsProposed": "Words to stand beside a disputed fact were proposed",
    "WordsAgreed": "Both sides agreed to the words beside a disputed fact",
    "DisputeSettled": "Inspectors settled a dispute",
    "DisputeWithdrawn": "A dispute was taken back",
    "QuestionAsked": "A question was asked",
    "QuestionAnswered": "A question was answered",
}
"""Steps of disputes and questions, which recommendations and reports share."""
REMARKS = Table(
    {
        "ClosureProposed": "An inspector proposed to close it as verified",
        "ClosureDeclined": "Another inspector declined to close it as verified",
        "WithdrawalRequested": "Withdrawal of steps was requested",
        "Withdrawn": "Steps recorded by mistake were withdrawn",
        "OwnerNamed": "The force named the responsible post",
        "ProgressReported": "The force reported progress",
        "DecisionConfirmed": "Inspectors confirmed their decision",
        "Commented": "A remark was added",
        "Corrected": "An earlier step was corrected",
        "NoteRedacted": "The text of a note was removed",
        "RedactionRequested": "Removal of a note's text was requested",
        "RedactionApproved": "Removal of a note's text was approved, and the text is gone",
        "SuppressionRequested": "Removal of a published text was requested",
        **REPLY_REMARKS,
        "ReportPublished": "The report was published",
        "AreaNoted": "An area to improve mentioned in a source was noted",
        "ReportCorrected": "An earlier step was corrected",
        "ReportNoteRedacted": "The text of a note was removed",
        "ReportRedactionRequested": "Removal of a note's text was requested",
        "ReportRedactionApproved": "Removal of a note's text was approved, and the text is gone",
        "ReportSuppressionRequested": "Removal of a published text was requested",
        **{f"Report{name}": remark for name, remark in REPLY_REMARKS.items()},
    }
)
"""Steps that are not published, by the name of their event."""
DOCUMENT_REMARKS = Table(
    {
        "RedactionRequested": "Removal of a document was requested",
        "RedactionApproved": "Removal of a document was approved, and the document is gone",
    }
)
"""The same steps where they are about a document."""
HANDS = Table(
    {
        "not_known": "Not known. Nothing on record says whose turn it is.",
        "issued": "The force. It needs to send its action plan.",
        "immediate": "The force. It needs to give its update on immediate action.",
        "plan_received": "Inspectors. They need to review the action plan.",
        "plan_reviewed": "Inspectors. They need to decide how to follow up.",
        "follow_up_assigned": "Inspectors. They need to follow up and report their findings.",
        "followed_up": "Inspectors. They need to close it or say what happens next.",
        "unmet": "The force. It was not found to be met, so the force needs to say in a new plan "
        "what it will do next. Inspectors decide whether to follow up again.",
        "closed": "Nobody. It is closed.",
    }
)
UNSEEN_MOVES = Table(
    {
        "agree_closure": "Inspectors. One proposed to close it as verified. Another needs to "
        "decide whether to close it.",
        "reconsider": "Inspectors. It is closed, and something was recorded that the decision to "
        "close it does not rest on.",
    }
)
"""The next action by work that only readers of the history may know of."""
SAID_BY = Table(words.SAID_BY)
SAID_BY_ONE = Table(
    {
        "inspectorate": "The inspectorate",
        "force": "One force",
        "local_policing_body": "One local policing body",
    }
)
"""The same, of what was asked of all forces."""
PARTIES = Table(
    {
        "force": "What the force said",
        "local_policing_body": "What the local policing body said",
        "inspectorate": "What inspectors found and decided",
    }
)
"""Headings of what each party said of a recommendation."""
PARTIES_OF_ALL = Table(
    {
        "force": "What single forces said",
        "local_policing_body": "What single local policing bodies said",
        "inspectorate": "What inspectors found and decided",
    }
)
WITH_RIGHT_OF_REPLY = Table(
    {"force": "the force", "local_policing_body": "the local policing body"}
)
SIDES = Table(
    {
        "inspectorate": "inspectors",
        "force": "the force",
        "local_policing_body": "the local policing body",
    }
)
DISPUTE_RESULTS = Table(
    {
        "corrected": "Inspectors put it right",
        "not_corrected": "Inspectors let it stand",
        "withdrawn": "The dispute was taken back",
    }
)
CONTACT_OUTCOMES = Table(
    {
        "no_change": "Nothing needed to change",
        "corrected": "The record was corrected",
        "passed_on": "It was passed on to those whose matter it is",
        "spam": "It was not a message to this service",
    }
)
MILESTONES = Table(words.MILESTONES)
STANDINGS = Table(words.STANDINGS)
PUBLISHED_STEPS = Table(words.STEPS)
READINGS = Table(words.READINGS)
REGISTER_STATUSES = Table(words.REGISTER_STATUSES)
"""The statuses of the inspectorate's withdrawn public register."""
WORDINGS = Table(
    {
        "verbatim": "Word for word as published",
        "paraphrase": "In other words than those published",
        "partly seen": "Only a part of the published words was seen",
        "not seen": "The published words were not seen",
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
CONFIDENCE = Table(words.CONFIDENCE)
CONFIDENT = Table(
    {"stated": "The source states it", "inferred": "It was inferred, not stated by the source"}
)
"""The same in sentences, for a history."""
OUTCOMES = Table({"accepted": "Accepted", "changes_requested": "Changes requested"})
GROUNDS = Table(
    {
        "data_protection": "Data protection",
        "safeguarding": "Safeguarding",
        "court_order": "A court order",
        "recorded_in_error": "It should not have been recorded",
    }
)
DOWNLOADS = Table(
    {
        "csv": "CSV, for any program",
        "xlsx": "Excel spreadsheet (XLSX)",
        "ods": "OpenDocument spreadsheet (ODS)",
        "parquet": "Parquet, for data tools",
        "ndjson": "JSON lines, for programs",
    }
)
"""The formats in which a page offers its list, by ending."""
FLAGS = Table({"true": "Yes", "false": "No"})
SLIPS = Table(
    {
        "time_limit_changed": "Time limit changed",
        "reopened": "Reopened",
        "withdrawn": "A step was withdrawn",
        "closed_without_evidence": "Closed as verified without new evidence",
    }
)
FOLLOW_UPS = Table(words.FOLLOW_UPS)
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
        "on": "Date it happened",
        "ordinal": "Number in the report",
        "cause": "Number of the cause of concern that it belongs to",
        "kind": "Kind",
        "text": "Text",
        "area": "Area",
        "time_limit": "Time limit",
        "topic": "Topic",
        "wording": "How the text relates to the published words",
        "register_id": "Number in the withdrawn register",
        "confidence": "Whether a source states it",
        "procedure": "Procedure",
        "window_from": "Planned from",
        "window_to": "Planned until",
        "assignee": "Assigned to",
        "second_reader": "Asked to agree",
        "finding": "Finding",
        "passage": "Passage",
        "source": "Source",
        "answer": "Answer",
        "address": "Published at",
        "copied_on": "Copied to the Secretary of State",
        "publisher": "Publisher of that page",
        "milestone": "What was done",
        "superseded_by": "Superseded by",
        "level": "View",
        "now": "New value",
        "was": "Previous value",
        "TimeLimitChanged.now": "New time limit",
        "TimeLimitChanged.was": "Previous time limit",
        "request": "Asked for at",
        "report": "Report",
        "reference": "Reference",
        "addressee": "Addressed to",
        "force": "About",
        "edition": "Methodology",
        "sources": "Sources",
        "cycle": "Plan number",
        "outcome": "Outcome",
        "standing": "Where it stood",
        "reason": "Reason",
        "documents": "Documents",
        "proposal": "Proposed at",
        "decision": "Decision confirmed",
        "steps": "Steps",
        "party": "Between inspectors and",
        "statement": "Statement for everybody",
        "words": "Words beside the fact",
        "dispute": "Dispute opened at",
        "result": "Result",
        "public": "Whether the fact is public",
        "correction": "Put right at",
        "QuestionAnswered.question": "Question asked at",
        "ReportQuestionAnswered.question": "Question asked at",
        "step": "Step",
        "field": "Field",
        "ground": "Ground",
        "legal_basis": "Legal basis",
        "approved_by": "Approved by",
        "said_by": "Said by",
        "reading": "Reading",
        "register_status": "Status in the withdrawn register",
        "reported_in": "Reported in",
        "product": "Kind of report",
        "title": "Title",
        "programme": "Whether it is part of the programme",
        "page_date": "Date on its page",
        "fieldwork_from": "Fieldwork from",
        "fieldwork_to": "Fieldwork until",
        "recommendations_stated": "Number of recommendations it states",
        "causes_of_concern_stated": "Number of causes of concern it states",
        "follows": "Report it follows",
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
"""The published fields of a step; an event's own name for one comes before the common name."""
NOTES = Table(
    {
        "owner": "Responsible post",
        "content": "Plan",
        "UpdateReceived.content": "Update",
        "reason": "Reason",
        "remarks": "Remarks",
        "progress": "Progress",
        "evidence": "Evidence",
        "explanation": "Comments",
        "chief_officer": "Chief officer's comments",
        "basis": "Basis",
        "comment": "Remark",
        "remark": "Remark on the source",
        "why": "Reason",
        "reasons": "Why it is disputed",
        "should_be": "What it should say",
        "reply": "Reply",
        "question": "Question",
        "answer": "Answer",
        "facts": "Text besides its words",
        "words": "Words",
        "salt": "Salt of the seals",
    }
)
"""The unpublished fields of entries; an event's own name for one comes before the common name."""
ANSWERS = Table(words.ANSWERS)
ASSURANCE = Table(words.ASSURANCE)

DAYS = Table(
    {
        "on": "As at the end of",
        "known_at": "Using what this service knew at the end of",
        "since": "Earlier day",
        "known_by": "Using what this service knew at the end of",
    }
)
"""The days of a filter, as an error calls them."""
WRONG = Table(
    {
        "q": "Enter words of up to 200 characters.",
        "force": "Choose a force from the list.",
        "area": "Choose an area from the list.",
        "stage": "Choose a stage from the list.",
        "judgement": "Choose what became of it from the list.",
        "clock": "Choose a deadline from the list.",
        "work": "Choose a type of work from the list.",
        "waiting": "Choose waiting or not waiting.",
        "finding": "Choose a finding from the list.",
        "kind": "Choose a kind from the list.",
        "product": "Choose a kind of report from the list.",
        "open": "Choose open or closed from the list.",
        "overdue": "Choose overdue or not overdue from the list.",
        "claimed": "Choose from the list whether the force says done.",
        "on": "The date must be today or in the past, such as 31 3 2023.",
        "known_at": "The date of what this service knew must be today or "
        "in the past, such as 31 3 2023.",
        "since": "The earlier date must be before the later date, and "
        "in the past, such as 31 3 2023.",
        "known_by": "The date of what this service knew must be today or "
        "in the past, such as 31 3 2023.",
        "order": "This list cannot be sorted in that way. Choose another order.",
        "cursor": "That page of the list no longer exists. Start again from the first page.",
    }
)
"""How to put a field right, for a reader; a program gets the rule it broke instead."""
WRONG_TOGETHER = {
    N_("Leave out the date: what changed since a moment is listed as at today only."),
}
"""The words about two fields that exclude each other, the same to readers and to programs."""
