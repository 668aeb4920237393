"""The English words for the codes of the record; pages translate them."""

STAGES = {
    "not_known": "Not known where it stands",
    "issued": "No action plan yet",
    "plan_received": "Action plan being reviewed",
    "plan_reviewed": "Action plan reviewed",
    "follow_up_assigned": "Follow-up planned",
    "followed_up": "Followed up",
    "closed": "Closed by the inspectorate",
}

STAGES_SHORT = {
    "not_known": "Not known",
    "issued": "No plan yet",
    "plan_received": "Plan in review",
    "plan_reviewed": "Plan reviewed",
    "follow_up_assigned": "Follow-up planned",
    "followed_up": "Followed up",
    "closed": "Closed",
}
"""Shorter names of stages, for table headings and charts."""

PLANS = {
    "not_known": "Not known",
    "awaited": "Awaited",
    "received": "Received",
    "changes_requested": "Changes requested",
    "accepted": "Accepted",
    "waived": "Waived",
}

KINDS = {
    "recommendation": "Recommendation",
    "cause_of_concern": "Cause of concern",
    "area_for_improvement": "Area for improvement",
}

AREAS = {
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
    "n/a": "No single area",
}

PRODUCTS = {
    "ncpi": "National child protection inspection",
    "post_inspection_review": "Post-inspection review",
    "reinspection": "Re-inspection",
    "assessment_of_progress": "Assessment of progress",
    "quarterly_update": "Quarterly update",
    "accelerated_cause_of_concern": "Accelerated cause of concern",
    "thematic": "Thematic report",
    "commissioned_inspection": "Commissioned inspection",
    "revisit": "Revisit",
    "peel": "PEEL inspection",
}

FINDINGS = {
    "met": "Met",
    "partly_met": "Partly met",
    "not_met": "Not met",
    "too_early": "Too early to say",
    "narrative": "Described in words, without a verdict",
}

FINDINGS_SHORT = {
    "met": "Met",
    "partly_met": "Partly met",
    "not_met": "Not met",
    "too_early": "Too early to say",
    "narrative": "Described in words",
    "not_known": "Not known",
}
"""Shorter names of the latest finding; `not_known` where no follow-up is recorded here."""

CLOSED = {
    "verified": "Inspectors verified that it is done",
    "superseded": "A later recommendation replaces it",
    "not_applicable": "It no longer applies",
    "withdrawn": "The inspectorate withdrew it",
}

EDITIONS = {
    "pre-2024": "2014 to 2023 methodology",
    "2024": "2024 methodology",
    "n/a": "Outside the programme",
}

CLOCKS = {
    "action_plan": "Action plan",
    "immediate_update": "Update on immediate action",
    "section_55": "Local policing body's comments",
    "time_limit": "Time limit to act",
}

SAID_BY = {
    "inspectorate": "The inspectorate",
    "force": "The force",
    "local_policing_body": "The local policing body",
}

MILESTONES = {
    "section_55_response": "The local policing body published its comments",
    "claim": "The force said what it did",
    "assurance": "The local policing body gave its own view",
    "action_plan_received": "The inspectorate received an action plan",
    "follow_up_announced": "A follow-up was announced",
    "follow_up_held": "A follow-up was held",
    "closed_by_inspectorate": "The inspectorate marked it complete",
}

READINGS = {
    "improved": "It has improved",
    "partly_improved": "It has improved in part",
    "not_improved": "It has not improved",
    "too_early": "It is too early to say",
    "claim": "Claimed, not verified",
    "not_applicable": "It no longer applies",
    "status_change": "Its status was stated",
}

REGISTER_STATUSES = {
    "awaiting-review": "Awaiting review",
    "will-be-progressed": "Will be progressed",
    "being-progressed": "Being progressed",
    "complete": "Complete",
}

WORDINGS = {
    "verbatim": "verbatim",
    "paraphrase": "paraphrase",
    "partly seen": "partly seen",
    "not seen": "not seen",
}

CONFIDENCE = {"stated": "stated", "inferred": "inferred"}

FOLLOW_UPS = {
    "light_touch": "A light-touch check",
    "post_inspection_review": "A post-inspection review",
    "reinspection": "A re-inspection",
    "quarterly_updates": "Quarterly updates by the force",
    "assessment_of_progress": "An assessment of progress",
    "monitoring": "Monitoring",
}

ANSWERS = {"act": "It will act", "no_action": "It will take no action, and explains why"}

ASSURANCE = {"assured": "Satisfied that it is done", "partly_assured": "Partly satisfied"}

WORK = {
    "review_plan": "Action plans to review",
    "revise_plan": "Action plans to revise",
    "await_plan": "Action plans awaited, without a last day",
    "new_plan": "New plans after a finding",
    "assign_follow_up": "Follow-ups to decide",
    "report_follow_up": "Follow-ups to report",
    "decide_after_follow_up": "Decisions after a follow-up",
    "check_claim": "Claims to check",
    "agree_closure": "Proposed closures to agree to",
    "agree_suppression": "Requests to remove a published text",
    "reconsider": "Decisions to look at again",
    "await_update": "Updates awaited on immediate action",
    "chase_overdue": "Overdue",
    "due_soon": "Due within 14 days",
}

STANDINGS = {
    "plan_awaited": "No action plan had come",
    "plan_received": "The action plan had come and awaited review",
    "plan_accepted": "The action plan had been accepted",
    "plan_waived": "The action plan had been waived",
    "follow_up_assigned": "A follow-up had been assigned",
    "followed_up": "A follow-up had been reported",
    "closed": "It had been closed",
}

STEPS = {
    "recommendation.issued": "Issued in the inspection report",
    "recommendation.action_plan_received": "The force answered",
    "recommendation.action_plan_waived": "Inspectors waived the action plan",
    "recommendation.action_plan_reviewed": "Inspectors reviewed the action plan",
    "recommendation.follow_up_assigned": "Inspectors decided how to follow up",
    "recommendation.follow_up_changed": "Inspectors changed how they will follow up",
    "recommendation.follow_up_reported": "Followed up",
    "recommendation.completion_claimed": "The force said that it is done",
    "recommendation.claim_returned": "Inspectors did not accept that it is done",
    "recommendation.section_55_responded": "The local policing body commented",
    "recommendation.assurance_recorded": "The local policing body gave its own view",
    "recommendation.taken_over": "Inspectors said where it stood",
    "recommendation.update_received": "The force gave its update",
    "recommendation.milestone_noted": "A published source said what was done",
    "recommendation.outcome_noted": "A published source, as read by the compiler",
    "recommendation.closed": "Closed",
    "recommendation.reopened": "The inspectorate reopened it",
    "recommendation.time_limit_changed": "The time limit changed",
    "recommendation.suppression_approved": "A text was removed from publication",
    "recommendation.disputed": "A public fact was disputed",
    "recommendation.words_agreed": "Both sides agreed to words on a dispute",
    "recommendation.dispute_settled": "Inspectors settled a dispute",
    "recommendation.dispute_withdrawn": "A dispute was taken back",
}
"""The steps that anybody may read of, by the tags of their events."""

RESULTS = {
    "recommendation.action_plan_received": ANSWERS,
    "recommendation.action_plan_reviewed": PLANS,
    "recommendation.follow_up_assigned": FOLLOW_UPS,
    "recommendation.follow_up_changed": FOLLOW_UPS,
    "recommendation.follow_up_reported": FINDINGS,
    "recommendation.section_55_responded": ANSWERS,
    "recommendation.assurance_recorded": ASSURANCE,
    "recommendation.taken_over": STANDINGS,
    "recommendation.milestone_noted": MILESTONES,
    "recommendation.outcome_noted": READINGS,
    "recommendation.closed": CLOSED,
    "recommendation.dispute_settled": {
        "corrected": "Put right",
        "not_corrected": "It stands",
    },
}
"""The words for what a step says, by the tag of its event and its code."""
