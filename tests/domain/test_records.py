"""Released bytes stay readable, and so do the words in them.

Lines and words are added here, and never changed: each is on record somewhere.
"""
# ruff: noqa: E501  a record is one line

from importlib import import_module
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from domain.amendments.redaction import document_of, field_of
from domain.events import access
from domain.events.event import Event
from domain.events.recommendation import RedactionApproved, RedactionRequested
from domain.vocabulary import actors, values

# Every tag with every field filled.
FULL = [
    '{"type":"recommendation.issued","report":"fcdddb20-359d-50e1-8bb7-f7a19c1571f9","reference":"kent-ncpi-2022-r01","addressee":"kent","edition":"pre-2024","kind":"recommendation","text":"Within three months the force should train all officers.","area":"leadership","time_limit":"months:3","ordinal":1,"topic":"missing_children","wording":"paraphrase","sources":["Report, page 9","Annex A"],"confidence":"inferred","register_id":"8796","remark":"Read by hand.","cause":2}',
    '{"type":"recommendation.owner_named","owner":"Head of crime"}',
    '{"type":"recommendation.action_plan_received","cycle":2,"answer":"act","content":"Train all officers by May.","documents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}',
    '{"type":"recommendation.action_plan_waived","reason":"Much to do."}',
    '{"type":"recommendation.action_plan_reviewed","outcome":"accepted","remarks":"Well done."}',
    '{"type":"recommendation.follow_up_assigned","kind":"reinspection","procedure":"2020","window_from":"2023-03","window_to":"2023-06-15","assignee":"inspector-2","reason":"Much to do."}',
    '{"type":"recommendation.follow_up_changed","kind":"light_touch","procedure":"2020","reason":"Much to do.","window_from":"2023-03","window_to":"2023-06-15","assignee":"inspector-2"}',
    '{"type":"recommendation.follow_up_reported","finding":"partly_met","passage":"Half were trained.","source":"Review of 2023, page 9"}',
    '{"type":"recommendation.taken_over","standing":"closed","basis":"A letter of 2022.","source":"Review of 2023, page 9","kind":"reinspection","procedure":"2020","window_from":"2023-03","window_to":"2023-06-15","finding":"partly_met","passage":"Half were trained.","reason":"superseded","superseded_by":"51de85fa-e348-51a4-a567-bc15e54b280e"}',
    '{"type":"recommendation.update_received","content":"Done at once."}',
    '{"type":"recommendation.progress_reported","progress":"Half are trained."}',
    '{"type":"recommendation.completion_claimed","evidence":"All are trained.","documents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}',
    '{"type":"recommendation.claim_returned","reason":"Much to do."}',
    '{"type":"recommendation.section_55_responded","answer":"act","explanation":"We asked the chief constable.","address":"https://example.org/section-55","chief_officer":"I accept it.","copied_on":"2022-10-03"}',
    '{"type":"recommendation.assurance_recorded","level":"partly_assured","reason":"Much to do."}',
    '{"type":"recommendation.closure_proposed","basis":"Seen on the visit.","source":"Review of 2023, page 9","second_reader":"inspector-2"}',
    '{"type":"recommendation.closure_declined","reason":"Much to do."}',
    '{"type":"recommendation.closed","reason":"superseded","basis":"Seen on the visit.","source":"Review of 2023, page 9","superseded_by":"51de85fa-e348-51a4-a567-bc15e54b280e","proposal":8}',
    '{"type":"recommendation.reopened","reason":"Much to do."}',
    '{"type":"recommendation.decision_confirmed","decision":7,"why":"It was known."}',
    '{"type":"recommendation.outcome_noted","reference":"kent-pir-2023-o1","said_by":"inspectorate","text":"Within three months the force should train all officers.","source":"Review of 2023, page 9","reading":"improved","register_status":"being-progressed","reported_in":"kent-pir-2023","confidence":"inferred","remark":"Read by hand."}',
    '{"type":"recommendation.milestone_noted","reference":"kent-s1","milestone":"claim","said_by":"force","text":"Half were trained.","source":"Letter","force":"kent","answer":"act","level":"assured","address":"https://example.org/claim","confidence":"inferred","remark":"Read by hand."}',
    '{"type":"recommendation.time_limit_changed","was":"months:3","now":"months:6","reason":"Much to do."}',
    '{"type":"recommendation.commented","comment":"Noted."}',
    '{"type":"recommendation.corrected","step":1,"field":"time_limit","was":"months:3","now":"months:6","why":"A typing error."}',
    '{"type":"recommendation.withdrawal_requested","steps":[3,4],"why":"A typing error."}',
    '{"type":"recommendation.steps_withdrawn","steps":[3,4],"why":"A typing error.","request":5}',
    '{"type":"recommendation.note_redacted","step":1,"field":"remark","legal_basis":"Data Protection Act 2018, section 47","approved_by":"admin-2"}',
    '{"type":"recommendation.redaction_requested","step":1,"field":"remark","ground":"data_protection"}',
    '{"type":"recommendation.redaction_approved","request":2,"step":1,"field":"remark"}',
    '{"type":"recommendation.suppression_requested","step":1,"field":"text","ground":"safeguarding","why":"It names a child."}',
    '{"type":"recommendation.suppression_approved","request":2,"step":1,"field":"text"}',
    '{"type":"recommendation.disputed","step":1,"field":"text","party":"force","reasons":"The date is wrong.","should_be":"May 2023","statement":"We were told in May."}',
    '{"type":"recommendation.dispute_replied","dispute":2,"party":"force","reply":"Which letter?"}',
    '{"type":"recommendation.words_proposed","dispute":2,"party":"local_policing_body","words":"The date is disputed."}',
    '{"type":"recommendation.words_agreed","dispute":2,"party":"force","proposal":4,"words":"The date is disputed."}',
    '{"type":"recommendation.dispute_settled","dispute":2,"party":"force","result":"corrected","reason":"The letter says so.","correction":6,"answer":"It was in May.","public":true}',
    '{"type":"recommendation.dispute_withdrawn","dispute":2,"party":"force","why":"A typing error.","public":true}',
    '{"type":"recommendation.question_asked","party":"force","question":"When was it sent?","step":1}',
    '{"type":"recommendation.question_answered","question":2,"party":"force","answer":"In May."}',
    '{"type":"report.published","reference":"kent-ncpi-2022","addressee":"kent","product":"ncpi","edition":"pre-2024","title":"National child protection inspection","address":"https://example.org/report","programme":false,"page_date":"2022-09","fieldwork_from":"2022-03-14","fieldwork_to":"2022-03","recommendations_stated":10,"causes_of_concern_stated":0,"cases":{"examined":73,"good":13,"adequate":0,"requires_improvement":34,"inadequate":26},"grades":{"leadership":"good","partnership":"adequate","initial_response":"requires improvement","risk_referral":"inadequate","investigation":"outstanding"},"follows":"kent-ncpi-2018","sources":["Report, page 9","Annex A"],"confidence":"inferred","remark":"Read by hand.","publisher":"The Argus"}',
    '{"type":"report.area_noted","reference":"kent-ncpi-2022-a1","text":"Within three months the force should train all officers.","area":"leadership","source":"Review of 2023, page 9","topic":"missing_children","time_limit":"months:3","wording":"verbatim","confidence":"stated","remark":"Read by hand."}',
    '{"type":"report.outcome_noted","reference":"kent-pir-2023-o2","said_by":"inspectorate","text":"Within three months the force should train all officers.","source":"Review of 2023, page 9","reading":"improved","area":"leadership","topic":"missing_children","register_status":"being-progressed","reported_in":"kent-pir-2023","confidence":"inferred","remark":"Read by hand."}',
    '{"type":"report.milestone_noted","reference":"kent-s2","milestone":"claim","said_by":"force","text":"Half were trained.","source":"Letter","force":"kent","answer":"act","level":"assured","address":"https://example.org/claim","confidence":"inferred","remark":"Read by hand."}',
    '{"type":"report.corrected","step":1,"field":"cases.good","was":13,"now":14,"why":"A typing error."}',
    '{"type":"report.note_redacted","step":1,"field":"remark","legal_basis":"Data Protection Act 2018, section 47","approved_by":"admin-2"}',
    '{"type":"report.redaction_requested","step":1,"field":"remark","ground":"court_order"}',
    '{"type":"report.redaction_approved","request":2,"step":1,"field":"remark"}',
    '{"type":"report.suppression_requested","step":1,"field":"title","ground":"court_order","why":"It names a child."}',
    '{"type":"report.suppression_approved","request":2,"step":1,"field":"title"}',
    '{"type":"report.disputed","step":1,"field":"text","party":"force","reasons":"The date is wrong.","should_be":"May 2023","statement":"We were told in May."}',
    '{"type":"report.dispute_replied","dispute":2,"party":"force","reply":"Which letter?"}',
    '{"type":"report.words_proposed","dispute":2,"party":"local_policing_body","words":"The date is disputed."}',
    '{"type":"report.words_agreed","dispute":2,"party":"force","proposal":4,"words":"The date is disputed."}',
    '{"type":"report.dispute_settled","dispute":2,"party":"force","result":"corrected","reason":"The letter says so.","correction":6,"answer":"It was in May.","public":true}',
    '{"type":"report.dispute_withdrawn","dispute":2,"party":"force","why":"A typing error.","public":true}',
    '{"type":"report.question_asked","party":"force","question":"When was it sent?","step":1}',
    '{"type":"report.question_answered","question":2,"party":"force","answer":"In May."}',
    '{"type":"inspection.planned","reference":"kent-2026","addressee":"kent","product":"ncpi","edition":"2024","fieldwork_from":"2026-01","fieldwork_to":"2026-02-13","remark":"Read by hand."}',
    '{"type":"inspection.plan_changed","product":"ncpi","edition":"2024","fieldwork_from":"2026-01","fieldwork_to":"2026-02-13","remark":"Read by hand."}',
    '{"type":"inspection.fieldwork_begun"}',
    '{"type":"inspection.draft_moderated","remark":"Read by hand.","draft_version":3}',
    '{"type":"inspection.check_begun","reply_by":"2026-03-13","salt":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","salt_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","parts":[{"part":"report","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}',
    '{"type":"inspection.part_sent","part":"r1","facts":"{}","words":"Train all officers."}',
    '{"type":"inspection.check_finished","check":4}',
    '{"type":"inspection.fact_commented","part":"r1","comment":"Half were trained."}',
    '{"type":"inspection.comment_answered","comment":7,"outcome":"accepted","reason":"Much to do."}',
    '{"type":"inspection.comment_withdrawn","comment":7}',
    '{"type":"inspection.embargoed","draft_version":3,"release_at":"2026-03-26T00:01:00Z","parts":[{"part":"report","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}',
    '{"type":"inspection.release_agreed","embargo":9}',
    '{"type":"inspection.deferred","reason":"Much to do.","until":"2026-06"}',
    '{"type":"inspection.resumed"}',
    '{"type":"inspection.report_released","report":"fcdddb20-359d-50e1-8bb7-f7a19c1571f9"}',
    '{"type":"inspection.dropped","reason":"Much to do."}',
    '{"type":"access.signed_in","actor":"p-7f3a","way":"oidc","session":"51de85fa-e348-51a4-a567-bc15e54b280e"}',
    '{"type":"access.signed_out","actor":"p-7f3a","session":"51de85fa-e348-51a4-a567-bc15e54b280e"}',
    '{"type":"access.sessions_ended","actor":"p-7f3a","session":"51de85fa-e348-51a4-a567-bc15e54b280e"}',
    '{"type":"access.role_changed","actor":"p-7f3a","was":"force","now":"local_policing_body","was_force":"kent","now_force":"essex"}',
    '{"type":"access.token_created","actor":"power-bi","token":"51de85fa-e348-51a4-a567-bc15e54b280e","role":"reporting","expires_at":"2027-01-05T12:00:00Z","scopes":["read"],"force":"kent"}',
    '{"type":"access.token_rotated","actor":"power-bi","token":"51de85fa-e348-51a4-a567-bc15e54b280e","successor":"fcdddb20-359d-50e1-8bb7-f7a19c1571f9","ends_at":"2026-01-05T12:00:00Z","expires_at":"2027-01-05T12:00:00Z"}',
    '{"type":"access.token_revoked","actor":"power-bi","token":"51de85fa-e348-51a4-a567-bc15e54b280e"}',
    '{"type":"access.ledger_exported","actor":"auditor-1","head":12}',
    '{"type":"access.history_replayed","actor":"auditor-1","stream":"51de85fa-e348-51a4-a567-bc15e54b280e","as_on":"2024-01-31","known_at":"2024-02-01T09:00:00Z"}',
    '{"type":"access.list_read","actor":"auditor-1","list":"people"}',
]


# Every tag that has fields that may be missing, without them.
BARE = [
    '{"type":"recommendation.issued","report":"fcdddb20-359d-50e1-8bb7-f7a19c1571f9","reference":"kent-ncpi-2022-r01","addressee":"kent","edition":"pre-2024","kind":"recommendation","text":"Within three months the force should train all officers.","area":"leadership","time_limit":"months:3","ordinal":null,"topic":null,"wording":"verbatim","sources":[],"confidence":"stated","register_id":null,"remark":null,"cause":null}',
    '{"type":"recommendation.action_plan_received","cycle":2,"answer":"act","content":"Train all officers by May.","documents":[]}',
    '{"type":"recommendation.action_plan_reviewed","outcome":"accepted","remarks":null}',
    '{"type":"recommendation.follow_up_assigned","kind":"reinspection","procedure":"2020","window_from":null,"window_to":null,"assignee":null,"reason":null}',
    '{"type":"recommendation.follow_up_changed","kind":"light_touch","procedure":"2020","reason":"Much to do.","window_from":null,"window_to":null,"assignee":null}',
    '{"type":"recommendation.taken_over","standing":"plan_waived","basis":"A letter of 2022.","source":null,"kind":null,"procedure":null,"window_from":null,"window_to":null,"finding":null,"passage":null,"reason":null,"superseded_by":null}',
    '{"type":"recommendation.completion_claimed","evidence":"All are trained.","documents":[]}',
    '{"type":"recommendation.section_55_responded","answer":"act","explanation":"We asked the chief constable.","address":null,"chief_officer":null,"copied_on":null}',
    '{"type":"recommendation.closure_proposed","basis":"Seen on the visit.","source":"Review of 2023, page 9","second_reader":null}',
    '{"type":"recommendation.closed","reason":"withdrawn","basis":"Seen on the visit.","source":null,"superseded_by":null,"proposal":null}',
    '{"type":"recommendation.outcome_noted","reference":"kent-pir-2023-o1","said_by":"inspectorate","text":"Within three months the force should train all officers.","source":"Review of 2023, page 9","reading":"improved","register_status":null,"reported_in":null,"confidence":"stated","remark":null}',
    '{"type":"recommendation.milestone_noted","reference":"kent-s1","milestone":"claim","said_by":"force","text":"Half were trained.","source":"Letter","force":null,"answer":null,"level":null,"address":null,"confidence":"stated","remark":null}',
    '{"type":"recommendation.steps_withdrawn","steps":[3],"why":null,"request":null}',
    '{"type":"recommendation.disputed","step":1,"field":"remark","party":"force","reasons":"The date is wrong.","should_be":null,"statement":null}',
    '{"type":"recommendation.dispute_settled","dispute":2,"party":"force","result":"not_corrected","reason":"The letter says so.","correction":null,"answer":null,"public":false}',
    '{"type":"recommendation.dispute_withdrawn","dispute":2,"party":"force","why":null,"public":false}',
    '{"type":"recommendation.question_asked","party":"local_policing_body","question":"When was it sent?","step":null}',
    '{"type":"report.published","reference":"kent-ncpi-2022","addressee":"kent","product":"ncpi","edition":"pre-2024","title":"National child protection inspection","address":"https://example.org/report","programme":true,"page_date":null,"fieldwork_from":null,"fieldwork_to":null,"recommendations_stated":null,"causes_of_concern_stated":null,"cases":{"examined":null,"good":null,"adequate":null,"requires_improvement":null,"inadequate":null},"grades":{"leadership":null,"partnership":null,"initial_response":null,"risk_referral":null,"investigation":null},"follows":null,"sources":[],"confidence":"stated","remark":null,"publisher":null}',
    '{"type":"report.area_noted","reference":"kent-ncpi-2022-a1","text":"Within three months the force should train all officers.","area":"leadership","source":"Review of 2023, page 9","topic":null,"time_limit":"unknown","wording":"paraphrase","confidence":"inferred","remark":null}',
    '{"type":"report.outcome_noted","reference":"kent-pir-2023-o2","said_by":"inspectorate","text":"Within three months the force should train all officers.","source":"Review of 2023, page 9","reading":"improved","area":"leadership","topic":null,"register_status":null,"reported_in":null,"confidence":"stated","remark":null}',
    '{"type":"report.milestone_noted","reference":"kent-s2","milestone":"claim","said_by":"force","text":"Half were trained.","source":"Letter","force":"kent","answer":null,"level":null,"address":null,"confidence":"stated","remark":null}',
    '{"type":"report.disputed","step":1,"field":"remark","party":"force","reasons":"The date is wrong.","should_be":null,"statement":null}',
    '{"type":"report.dispute_settled","dispute":2,"party":"force","result":"not_corrected","reason":"The letter says so.","correction":null,"answer":null,"public":false}',
    '{"type":"report.dispute_withdrawn","dispute":2,"party":"force","why":null,"public":false}',
    '{"type":"report.question_asked","party":"local_policing_body","question":"When was it sent?","step":null}',
    '{"type":"inspection.planned","reference":"kent-2026","addressee":"kent","product":"ncpi","edition":"2024","fieldwork_from":null,"fieldwork_to":null,"remark":null}',
    '{"type":"inspection.plan_changed","product":"ncpi","edition":"2024","fieldwork_from":null,"fieldwork_to":null,"remark":null}',
    '{"type":"inspection.draft_moderated","remark":null,"draft_version":null}',
    '{"type":"inspection.part_sent","part":"report","facts":"{}","words":null}',
    '{"type":"inspection.deferred","reason":"Much to do.","until":null}',
    '{"type":"access.sessions_ended","actor":"p-7f3a","session":null}',
    '{"type":"access.role_changed","actor":"p-7f3a","was":"inspector","now":"auditor","was_force":null,"now_force":null}',
    '{"type":"access.token_created","actor":"power-bi","token":"51de85fa-e348-51a4-a567-bc15e54b280e","role":"reporting","expires_at":"2027-01-05T12:00:00Z","scopes":["read","write"],"force":null}',
    '{"type":"access.history_replayed","actor":"auditor-1","stream":"51de85fa-e348-51a4-a567-bc15e54b280e","as_on":null,"known_at":null}',
]

# Lines released before their event was given another field.
FORMER = [
    '{"type":"recommendation.issued","report":"fcdddb20-359d-50e1-8bb7-f7a19c1571f9","reference":"kent-ncpi-2022-r01","addressee":"kent","edition":"pre-2024","kind":"recommendation","text":"Within three months the force should train all officers.","area":"leadership","time_limit":"months:3","ordinal":null,"topic":null,"wording":"verbatim","sources":[],"confidence":"stated","register_id":null,"remark":null}',
    '{"type":"recommendation.action_plan_received","cycle":2,"answer":"act","content":"Train all officers by May."}',
    '{"type":"recommendation.section_55_responded","answer":"act","explanation":"We asked the chief constable.","address":"https://example.org/section-55"}',
    '{"type":"recommendation.section_55_responded","answer":"act","explanation":"We asked the chief constable.","address":null}',
    '{"type":"recommendation.closure_proposed","basis":"Seen on the visit.","source":"Review of 2023, page 9"}',
    '{"type":"recommendation.closed","reason":"superseded","basis":"Seen on the visit.","source":"Review of 2023, page 9","superseded_by":"51de85fa-e348-51a4-a567-bc15e54b280e"}',
    '{"type":"recommendation.closed","reason":"withdrawn","basis":"Seen on the visit.","source":null,"superseded_by":null}',
    '{"type":"report.published","reference":"kent-ncpi-2022","addressee":"kent","product":"ncpi","edition":"pre-2024","title":"National child protection inspection","address":"https://example.org/report","programme":false,"page_date":"2022-09","fieldwork_from":"2022-03-14","fieldwork_to":"2022-03","recommendations_stated":10,"causes_of_concern_stated":0,"cases":{"examined":73,"good":13,"adequate":0,"requires_improvement":34,"inadequate":26},"grades":{"leadership":"good","partnership":"adequate","initial_response":"requires improvement","risk_referral":"inadequate","investigation":"outstanding"},"follows":"kent-ncpi-2018","sources":["Report, page 9","Annex A"],"confidence":"inferred","remark":"Read by hand."}',
    '{"type":"report.published","reference":"kent-ncpi-2022","addressee":"kent","product":"ncpi","edition":"pre-2024","title":"National child protection inspection","address":"https://example.org/report","programme":true,"page_date":null,"fieldwork_from":null,"fieldwork_to":null,"recommendations_stated":null,"causes_of_concern_stated":null,"cases":{"examined":null,"good":null,"adequate":null,"requires_improvement":null,"inadequate":null},"grades":{"leadership":null,"partnership":null,"initial_response":null,"risk_referral":null,"investigation":null},"follows":null,"sources":[],"confidence":"stated","remark":null}',
]

# Fields that name what is beside the ledger.
NAMING = [
    '{"type":"recommendation.redaction_requested","step":10,"field":"documents.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","ground":"safeguarding"}',
    '{"type":"recommendation.redaction_approved","request":11,"step":10,"field":"documents.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}',
]

WORDS = {
    "Party": "force, local_policing_body",
    "DisputeResult": "corrected, not_corrected",
    "Edition": "pre-2024, 2024, n/a",
    "Area": "leadership, initial_contact, assessment_and_help, investigation, decision_making, managing_risk, police_detention, partnership, initial_response, risk_referral, unknown, n/a",
    "Grade": "outstanding, good, adequate, requires improvement, inadequate",
    "Confidence": "stated, inferred",
    "Wording": "verbatim, paraphrase, partly seen, not seen",
    "SaidBy": "inspectorate, force, local_policing_body",
    "RegisterStatus": "awaiting-review, will-be-progressed, being-progressed, complete",
    "Reading": "improved, partly_improved, not_improved, too_early, claim, not_applicable, status_change",
    "Kind": "recommendation, cause_of_concern, area_for_improvement",
    "Product": "ncpi, post_inspection_review, reinspection, assessment_of_progress, quarterly_update, accelerated_cause_of_concern, thematic, commissioned_inspection, revisit, peel",
    "FollowUpKind": "light_touch, post_inspection_review, reinspection, quarterly_updates, assessment_of_progress, monitoring",
    "Finding": "met, partly_met, not_met, too_early, narrative",
    "Milestone": "section_55_response, claim, assurance, action_plan_received, follow_up_announced, follow_up_held, closed_by_inspectorate",
    "StoodAt": "plan_awaited, plan_received, plan_accepted, plan_waived, follow_up_assigned, followed_up, closed",
    "CloseReason": "verified, superseded, not_applicable, withdrawn",
    "Answer": "act, no_action",
    "ReviewOutcome": "accepted, changes_requested",
    "CommentOutcome": "accepted, rejected",
    "AssuranceLevel": "assured, partly_assured",
    "Role": "inspector, publisher, force, local_policing_body, auditor, reporting, admin, importer, public",
    "Scope": "read, write",
    "Way": "oidc, link",
    "RedactionGround": "data_protection, safeguarding, court_order, recorded_in_error",
}
KINDS = {**vars(values), **vars(actors), **vars(access)}
ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "domain").rglob("[a-z]*.py")
)


@pytest.mark.parametrize("line", [*FULL, *BARE, *NAMING])
def test_a_released_line_reads_and_writes_the_same(line: str) -> None:
    assert msgspec.json.encode(msgspec.json.decode(line, type=Event)).decode() == line


@pytest.mark.parametrize("line", FORMER)
def test_a_line_released_before_a_field_was_added_loses_nothing(line: str) -> None:
    event = msgspec.json.decode(line, type=Event)
    written = msgspec.json.decode(msgspec.json.encode(event), type=dict[str, object])
    former = msgspec.json.decode(line, type=dict[str, object])
    assert {name: written[name] for name in former} == former
    assert all(written[name] in (None, []) for name in written.keys() - former.keys())


@pytest.mark.parametrize("line", NAMING)
def test_a_released_redaction_names_its_document(line: str) -> None:
    event = msgspec.json.decode(line, type=Event)
    assert isinstance(event, RedactionRequested | RedactionApproved)
    assert document_of(event.field) == event.field.removeprefix("documents.")
    assert field_of(event.field.removeprefix("documents.")) == event.field


@pytest.mark.parametrize("line", BARE)
def test_a_field_missing_from_an_older_line_is_read_as_its_default(line: str) -> None:
    event = msgspec.json.decode(line, type=Event)
    optional = {field.name for field in msgspec.structs.fields(event) if not field.required}
    written = msgspec.json.decode(line, type=dict[str, object])
    assert optional <= written.keys()
    earlier = {name: value for name, value in written.items() if name not in optional}
    assert msgspec.convert(earlier, Event) == event


def test_every_event_tag_has_released_lines() -> None:
    kinds = get_args(Event)
    assert [type(msgspec.json.decode(line, type=Event)) for line in FULL] == [*kinds]
    assert [type(msgspec.json.decode(line, type=Event)) for line in BARE] == [
        kind for kind in kinds if not all(field.required for field in msgspec.structs.fields(kind))
    ]


@pytest.mark.parametrize("line", FULL)
def test_a_full_line_fills_every_field(line: str) -> None:
    event = msgspec.json.decode(line, type=Event)
    assert all(
        getattr(event, field.name) != field.default for field in msgspec.structs.fields(event)
    )


@pytest.mark.parametrize("name", WORDS)
def test_a_released_word_is_never_taken_back(name: str) -> None:
    for word in WORDS[name].split(", "):
        assert msgspec.to_builtins(msgspec.convert(word, KINDS[name])) == word


@pytest.mark.parametrize("name", WORDS)
def test_every_released_word_is_listed_here(name: str) -> None:
    match msgspec.inspect.type_info(KINDS[name]):
        case msgspec.inspect.LiteralType(values=words):
            known = [str(word) for word in words]
        case msgspec.inspect.EnumType(cls=kind):
            known = [str(word.value) for word in kind]
        case other:
            pytest.fail(f"{other} is no list of words")
    assert sorted(known) == sorted(WORDS[name].split(", "))


@pytest.mark.parametrize("name", MODULES)
def test_recorded_values_are_frozen_in_memory(name: str) -> None:
    kinds = [
        kind
        for kind in vars(import_module(name)).values()
        if isinstance(kind, type)
        and issubclass(kind, msgspec.Struct)
        and kind is not msgspec.Struct
    ]
    assert all(kind.__struct_config__.frozen for kind in kinds)
