"""Errors that name the row and the field, and lead to it: in problems, and on forms."""

import re
from uuid import uuid4

import httpx
import msgspec
import pytest

from adapters.postgres.database import Database
from domain.commands.report import Issue
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR, issue, publish
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import PUBLISHER, Service, command, published

pytestmark = pytest.mark.slow


def errors_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """The links of the error summary: where each leads, and what it says. Each leads somewhere."""
    links = re.findall(r'<a href="#([^"]*)">([^<]*)</a>', answer.text)
    for place, _ in links:
        assert f'id="{place}"' in answer.text, place
    return links


@pytest.fixture(scope="module")
def inspector(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, INSPECTOR)


def twelve(seventh: Issue) -> list[Issue]:
    issues = [issue("kent", ordinal=number) for number in range(1, 13)]
    issues[6] = seventh
    return issues


@pytest.mark.parametrize(
    ("seventh", "place"),
    [
        (issue("kent", ordinal=7, area="initial_response"), "/area"),
        (issue("kent", ordinal=7, time_limit="date:2001-01-01"), "/time_limit"),
        (issue("kent", ordinal=6), "/ordinal"),
        (issue("kent", "atlantis", ordinal=7), "/addressees"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refused_report_points_at_the_recommendation_and_its_field(
    service: Service, seventh: Issue, place: str
) -> None:
    report = publish(*twelve(seventh), reference=f"kent-{uuid4().hex}", force="kent")
    answer = service.post("/v1/reports", msgspec.to_builtins(report), PUBLISHER)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["errors"] == [
        {"detail": problem["detail"], "pointer": f"/recommendations/6{place}"}
    ]


def test_a_refused_batch_points_at_the_command(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    said = {"type": "comment", "comment": "So."}
    comment: dict[str, object] = {"stream": stream, "command": said}
    cases = (
        ({**comment, "stream": str(uuid4())}, 404, "/1"),
        ({**comment, "expected_step": 9}, 412, "/1/expected_step"),
        ({**comment, "command": {**said, "on": "2199-01-01"}}, 409, "/1/command/on"),
        ({**comment, "command": {"type": "reopen", "reason": "So."}}, 409, "/1"),
    )
    for second, status, pointer in cases:
        answer = service.post("/v1/commands", [comment, second, comment])
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


def test_a_refused_command_points_at_its_field(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    cases: dict[str, tuple[str, dict[str, object]]] = {
        "/remarks": ("review_action_plan", {"outcome": "changes_requested"}),
        "/on": ("comment", {"comment": "So.", "on": "2199-01-01"}),
        "/source": ("close", {"reason": "verified", "basis": "So."}),
        "/superseded_by": ("close", {"reason": "superseded", "basis": "So."}),
        "/comment": ("comment", {"comment": "\u202eSo."}),
        "/now": (
            "correct",
            {"step": 1, "field": "area", "was": "leadership", "now": "risk_referral", "why": "So."},
        ),
    }
    for pointer, (tag, fields) in cases.items():
        answer = command(service, stream, INSPECTOR, tag, **fields)
        assert answer.status_code == 409, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer, answer.text


def test_the_error_of_a_refused_report_leads_to_the_row_and_the_field(
    inspector: Browser,
) -> None:
    form = posted(inspector.get("/record/report"))
    for _ in range(2):
        form = posted(send(inspector, form, "add"))
    reference = f"kent-{uuid4().hex}"
    typed = {
        "addressee": "kent",
        "product": "ncpi",
        "edition": "2024",
        "title": "A report",
        "address": "https://example.org/a",
        "reference": reference,
        "on-day": "1",
        "on-month": "July",
        "on-year": "2025",
    }
    for number in (1, 2, 3):
        typed |= {f"r{number}-text": "Do it.", f"r{number}-kind": "recommendation"}
        typed |= {f"r{number}-area": "leadership", f"r{number}-time_limit": "none"}
    before = {"r3-time_limit": "date", "r3-time_limit-day": "1"}
    before |= {"r3-time_limit-month": "June", "r3-time_limit-year": "2025"}
    wrong = send(inspector, form, "check", {**typed, **before})
    assert wrong.status_code == 409
    ((place, text),) = errors_of(wrong)
    assert place.startswith("r3-time_limit")
    assert text.startswith("Recommendation 3: ")
    old = {"r1-area": "initial_contact", "r3-area": "decision_making"}
    both = send(inspector, form, "check", {**typed, **old})
    ended = "is not an area of this edition: 2024 methodology. Choose another area."
    assert errors_of(both) == [
        ("r1-area", f"Recommendation 1: “Initial contact” {ended}"),
        ("r3-area", f"Recommendation 3: “Decision-making” {ended}"),
    ]
    assert 'id="r3-area-error"' in both.text
    missing = send(inspector, form, "check", {**typed, "r2-text": ""})
    assert errors_of(missing) == [
        ("r2-text", "Recommendation 2: Enter an answer: What does it ask for?")
    ]
    check = send(inspector, form, "check", typed)
    assert send(inspector, posted(check), "record").status_code == 303
    again = send(inspector, posted(check), "change")
    assert errors_of(send(inspector, posted(again), "check"))[0][0] == "reference"


def test_the_error_of_a_refused_command_leads_to_its_field(
    service: Service, inspector: Browser
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    review = posted(inspector.get(f"/recommendations/{stream}/record/review_action_plan"))
    refused = send(inspector, review, "check", {"outcome": "changes_requested"})
    assert errors_of(refused)[0][0] == "remarks"
    assert 'id="remarks-error"' in refused.text
    comment = posted(inspector.get(f"/recommendations/{stream}/record/comment"))
    future = {"on-day": "1", "on-month": "1", "on-year": "2199", "comment": "So."}
    assert errors_of(send(inspector, comment, "check", future))[0][0] == "on-day"
    correct = posted(inspector.get(f"/recommendations/{stream}/record/correct/1/area"))
    same = send(inspector, correct, "check", {"now": "leadership", "why": "So."})
    assert errors_of(same)[0][0] == "now"


def test_a_row_overtaken_in_several_reviews_stays_with_what_happened_and_what_was_typed(
    service: Service, inspector: Browser
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    made = command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    inspector.get(f"/v1/worklist?position={made.json()['position']}")
    form = posted(inspector.get("/record/reviews"))
    command(service, stream, OTHER_INSPECTOR, "review_action_plan", outcome="accepted")
    typed = {f"outcome-{stream}": "changes_requested", f"remarks-{stream}": "By when?"}
    late = send(inspector, form, "check", typed)
    assert late.status_code == 409
    ((place, text),) = errors_of(late)
    assert place == f"outcome-{stream}"
    assert "Inspectors accepted the action plan" in text
    assert posted(late).fields[f"remarks-{stream}"] == "By when?"
    open_ = send(inspector, posted(late), "check")
    assert errors_of(open_)[0][0] == f"outcome-{stream}", "it is refused in words, in its place"


def test_a_step_corrected_far_later_leads_to_the_page_of_its_correction(
    service: Service, inspector: Browser
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    remark = {"stream": stream, "command": {"type": "comment", "comment": "So."}}
    assert service.post("/v1/commands", [remark] * 60).status_code == 201
    fix = {"step": 1, "field": "area", "was": "leadership", "now": "investigation", "why": "So."}
    assert command(service, stream, INSPECTOR, "correct", **fix).status_code == 201
    first = inspector.get(f"/recommendations/{stream}/history")
    (link,) = set(re.findall(r'href="([^"]*#step-62)"', first.text))
    assert 'id="step-62"' in inspector.get(link.replace("&amp;", "&").partition("#")[0]).text


def test_an_answer_that_a_choice_makes_needless_is_left_out(
    service: Service, inspector: Browser
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    form = posted(inspector.get(f"/recommendations/{stream}/record/close"))
    typed = {"reason": "not_applicable", "basis": "So.", "superseded_by": "that one"}
    check = send(inspector, form, "check", typed)
    assert check.status_code == 200, words_of(check)
    assert "Superseded by" not in words_of(check)
    assert "Proposed at step" not in words_of(check)
    superseded = send(inspector, form, "check", {**typed, "reason": "superseded"})
    assert errors_of(superseded)[0][0] == "superseded_by"
