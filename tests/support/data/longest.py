"""Recommendations whose every text is as long as the record takes, in one unbroken word."""

from collections.abc import Mapping

from domain.vocabulary.actors import Actor
from tests.support.data.documents import PDF
from tests.support.data.examples import ESSEX, INSPECTOR, OTHER_INSPECTOR
from tests.support.served.serving import ESSEX_BODY, Service, command

WORD = "Kinderschutzleitstelle" * 181 + "n" * 18
LINE = f"{WORD[:300]}"
ADDRESS = f"https://www.{'safeguarding-' * 15}board.example.org/{'a' * 70}"
FILE = f"{'Audit_of_calls_' * 13}.pdf"
REFERENCE = "essex-" + "a" * 60
Step = tuple[Actor, str, Mapping[str, object]]
ANSWERED, CLOSED, OPEN, DECIDED, REVIEWED = range(5)
"""The recommendations, by what was recorded of each."""


def record_longest(service: Service) -> list[str]:
    """Record a report and its recommendations to Essex; return the ids of these."""
    sources = (ADDRESS, f"{LINE[:140]} | {ADDRESS[:150]}")
    of_report = {"title": LINE, "address": ADDRESS, "publisher": LINE, "sources": sources}
    issues = [
        {"type": "issue", "kind": "recommendation", "text": WORD, "area": "leadership",
         "time_limit": "months:3", "addressees": ["essex"], "ordinal": ordinal,
         "sources": sources, "remark": WORD}
        for ordinal in (1, 2, 3, 4, 5)
    ]  # fmt: skip
    report = service.post("/v1/reports", {
        "type": "publish_report", "reference": REFERENCE, "addressee": "essex",
        "product": "ncpi", "edition": "pre-2024",
        "on": "2022-08-05", "recommendations": issues, "remark": WORD, **of_report,
    })  # fmt: skip
    assert report.status_code == 201, report.text
    streams: list[str] = report.json()["recommendations"]
    named = {"Content-Disposition": f"attachment; filename={FILE}"}
    path = f"/v1/recommendations/{streams[ANSWERED]}/documents"
    headers = {**service.headers(ESSEX), **named, "Content-Type": "application/pdf"}
    document = service.client.post(path, content=PDF, headers=headers).json()["sha256"]
    said = {"text": WORD, "source": ADDRESS, "reference": f"{REFERENCE}-said",
            "said_by": "inspectorate", "reading": "partly_improved"}  # fmt: skip
    plan: Step = (ESSEX, "receive_action_plan", {"answer": "act", "content": WORD})
    accepted: Step = (INSPECTOR, "review_action_plan", {"outcome": "accepted", "remarks": WORD})
    follow_up = {"kind": "monitoring", "procedure": LINE, "assignee": "a" * 80, "reason": WORD}
    assigned: Step = (INSPECTOR, "assign_follow_up", follow_up)
    lives: dict[int, list[Step]] = {
        ANSWERED: [plan, accepted, assigned,
            (ESSEX, "name_owner", {"owner": WORD}),
            (ESSEX_BODY, "respond_under_section_55",
             {"answer": "act", "explanation": WORD, "address": ADDRESS}),
            (ESSEX, "claim_completion", {"evidence": WORD, "documents": [document]}),
            (ESSEX_BODY, "record_assurance", {"level": "assured", "reason": WORD}),
            (INSPECTOR, "note_outcome", said),
            (INSPECTOR, "report_follow_up", {"finding": "partly_met", "passage": WORD,
                                             "source": LINE})],
        CLOSED: [plan, accepted, assigned,
            (INSPECTOR, "report_follow_up", {"finding": "met", "passage": WORD, "source": LINE}),
            (INSPECTOR, "close", {"reason": "verified", "basis": WORD, "source": LINE})],
        OPEN: [plan],
        DECIDED: [plan, accepted,
            (INSPECTOR, "correct", {"step": 1, "field": "text", "was": WORD,
                                    "now": WORD[::-1], "why": WORD})],
        REVIEWED: [plan,
            (INSPECTOR, "review_action_plan", {"outcome": "changes_requested", "remarks": WORD}),
            (OTHER_INSPECTOR, "comment", {"comment": WORD})],
    }  # fmt: skip
    recorded = ""
    for number, steps in lives.items():
        for actor, tag, fields in steps:
            answer = command(service, streams[number], actor, tag, **fields)
            assert answer.status_code == 201, (tag, answer.text)
            recorded = f"position={answer.json()['position']}"
    for path in ("/v1/recommendations", "/v1/worklist", "/v1/progress", "/v1/reports"):
        assert service.get(f"{path}?{recorded}", INSPECTOR).is_success
    return streams
