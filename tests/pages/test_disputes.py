"""Disputes and questions on pages: a force disputes a fact, and everybody reads so beside it."""

import re
from uuid import uuid4

import pytest

from adapters.postgres.database import Database
from domain.access.proposals import NOT_AGREED
from domain.vocabulary.actors import Actor
from tests.pages.test_pages import check
from tests.support.data import tables
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = pytest.mark.slow

SAYS = "The force was first told of this in May 2023."
WHY = "The letter of the chief officer is of May."
PRIVATE = "A private word between us."


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, KENT_BODY, ESSEX, AUDITOR)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


@pytest.fixture
def kents(service: Service) -> Published:
    return published(service, f"kent-{uuid4().hex}")


def disputed(service: Service, stream: str, **more: str) -> int:
    """Dispute a text as its force, and return the position that lists have to reach."""
    fields = {"step": 1, "field": "text", "reasons": WHY, "statement": SAYS, **more}
    made = command(service, stream, KENT, "dispute", **fields)
    assert made.status_code == 201, made.text
    return int(made.json()["position"])


def test_a_force_disputes_a_fact_from_its_row_of_the_history(
    service: Service, signed_in: dict[Actor, Browser], kents: Published
) -> None:
    page, kent = f"/recommendations/{kents.recommendations[0]}", signed_in[KENT]
    history = kent.get(f"{page}/history")
    check(page, history.text)
    assert f'href="{page}/record/dispute/1/text"' in history.text
    assert f'href="{page}/record/dispute/1/on"' in history.text
    assert "/record/dispute/" not in signed_in[INSPECTOR].get(f"{page}/history").text
    form = kent.get(f"{page}/record/dispute/1/text")
    check(page, form.text)
    wrong = send(kent, posted(form), "check", {"reasons": WHY})
    assert wrong.status_code == 400
    assert "Enter an answer: What should everybody read beside it?" in words_of(wrong)
    checked = send(kent, posted(form), "check", {"reasons": WHY, "statement": SAYS})
    assert checked.status_code == 200, words_of(checked)
    assert "You can take the dispute back until it is settled." in words_of(checked)
    assert "It cannot be taken back." not in words_of(checked)
    done = send(kent, posted(checked), "record")
    assert done.status_code == 303
    confirmed = kent.get(done.headers["Location"])
    assert f'href="{page}/disputes"' in confirmed.text
    assert "Take the dispute back" in words_of(kent.get(f"{page}/disputes"))
    shown = service.client.get(page)
    check(page, shown.text)
    words = words_of(shown)
    assert "Kent Police disputes this: text" in words
    assert SAYS in words
    assert "These are its own words." in words
    assert WHY not in shown.text
    assert "1 fact on this page is disputed." in words
    assert "The force disputed step 1" in words
    (dispute,) = service.client.get(f"/v1{page}").json()["disputes"]
    assert dispute["statement"] == SAYS
    assert dispute["settlement"] is None
    assert f'href="{page}/record/dispute/1/text"' not in kent.get(f"{page}/history").text


def test_the_two_sides_talk_agree_to_words_and_settle(
    service: Service, signed_in: dict[Actor, Browser], kents: Published
) -> None:
    stream = kents.recommendations[0]
    page, kent, inspector = f"/recommendations/{stream}", signed_in[KENT], signed_in[INSPECTOR]
    disputed(service, stream)
    thread = inspector.get(f"{page}/disputes")
    check(page, thread.text)
    assert WHY in thread.text
    assert "Waiting for: inspectors" in words_of(thread)
    for person, tag, typed in (
        (inspector, "reply_to_dispute", {"reply": PRIVATE}),
        (inspector, "propose_words", {"words": "The day is disputed."}),
        (kent, "agree_to_words", {}),
    ):
        form = person.get(f"{page}/record/{tag}/2")
        check(page, form.text)
        checked = send(person, posted(form), "check", typed)
        assert checked.status_code == 200, words_of(checked)
        assert send(person, posted(checked), "record").status_code == 303
    words = words_of(service.client.get(page))
    assert "The day is disputed." in words
    assert "Both sides agreed to these words." in words
    assert PRIVATE not in words
    form = signed_in[OTHER_INSPECTOR].get(f"{page}/record/settle_dispute/2")
    check(page, form.text)
    typed = {"result": "not_corrected", "reason": "No letter.", "answer": "It stands."}
    checked = send(signed_in[OTHER_INSPECTOR], posted(form), "check", typed)
    assert checked.status_code == 200, words_of(checked)
    assert send(signed_in[OTHER_INSPECTOR], posted(checked), "record").status_code == 303
    words = words_of(service.client.get(page))
    assert "disputes this:" not in words
    assert "Inspectors let stand what step 2 disputed" in words
    assert "It stands." in words
    assert inspector.get(f"{page}/record/settle_dispute/2").status_code == 409


def test_a_dispute_is_settled_by_the_step_that_put_it_right(
    service: Service, signed_in: dict[Actor, Browser], kents: Published
) -> None:
    stream = kents.recommendations[0]
    page, inspector = f"/recommendations/{stream}", signed_in[INSPECTOR]
    disputed(service, stream)
    fields = {"step": 1, "field": "text", "was": "Do it.", "now": "Do it now.", "why": "Typing."}
    assert command(service, stream, INSPECTOR, "correct", **fields).status_code == 201
    form = inspector.get(f"{page}/record/settle_dispute/2")
    typed = {"result": "corrected", "correction": "3", "reason": "A typing error."}
    checked = send(inspector, posted(form), "check", typed)
    assert checked.status_code == 200, words_of(checked)
    assert send(inspector, posted(checked), "record").status_code == 303
    assert "Inspectors put right what step 2 disputed" in words_of(service.client.get(page))


def test_a_fact_is_put_right_and_its_dispute_settled_in_one_submit(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]
    disputed(service, stream)
    correct = {"type": "correct", "step": 1, "field": "text", "was": "Do it.", "now": "Do it now.",
        "why": "Typing."}  # fmt: skip
    settle = {"type": "settle_dispute", "dispute": 2, "result": "corrected", "reason": "Typing."}
    for correction, status in ((4, 409), (3, 201)):
        commands = [correct, settle | {"correction": correction}]
        answer = service.post(
            "/v1/commands", [{"stream": stream, "command": each} for each in commands], INSPECTOR
        )
        assert answer.status_code == status, answer.text
    body = service.client.get(f"/v1/recommendations/{stream}").json()
    assert (body["step"], body["text"]) == (4, "Do it now.")
    (dispute,) = body["disputes"]
    assert (dispute["settlement"]["result"], dispute["settlement"]["correction"]) == (
        "corrected", 3,
    )  # fmt: skip


def test_feeds_tell_of_a_dispute_and_of_no_reason(service: Service, kents: Published) -> None:
    stream = kents.recommendations[0]
    position = disputed(service, stream)
    assert service.get(f"/v1/recommendations?position={position}").is_success
    feed = service.client.get("/feeds/recommendations.atom?force=kent").text
    (entry,) = [part for part in feed.split("<entry>") if stream in part and "isput" in part]
    assert WHY not in entry


def test_what_is_said_between_two_sides_is_read_by_nobody_else(
    service: Service, signed_in: dict[Actor, Browser], kents: Published
) -> None:
    stream = kents.recommendations[0]
    page = f"/recommendations/{stream}"
    disputed(service, stream, reasons=PRIVATE)
    assert command(service, stream, KENT, "ask_question", question=PRIVATE).status_code == 201
    for path in (f"{page}/disputes", f"{page}/history", f"/v1{page}/history"):
        for actor in (KENT, INSPECTOR, AUDITOR):
            assert PRIVATE in signed_in[actor].get(path).text, (path, actor)
        assert PRIVATE not in signed_in[KENT_BODY].get(path).text, path
        assert signed_in[ESSEX].get(path).status_code == 404
    for path in (page, f"/v1{page}", f"/v1{page}/steps.csv"):
        assert PRIVATE not in service.client.get(path).text
    assert service.client.get(f"/v1{page}").json()["step"] == 2


def test_a_body_is_asked_and_answers_and_the_force_does_not_read_it(
    signed_in: dict[Actor, Browser], kents: Published
) -> None:
    page = f"/recommendations/{kents.recommendations[0]}"
    inspector, body = signed_in[INSPECTOR], signed_in[KENT_BODY]
    form = inspector.get(f"{page}/record/ask_question/0")
    check(page, form.text)
    typed = {"party": "local_policing_body", "question": PRIVATE}
    checked = send(inspector, posted(form), "check", typed)
    assert checked.status_code == 200, words_of(checked)
    assert send(inspector, posted(checked), "record").status_code == 303
    form = body.get(f"{page}/record/answer_question/2")
    checked = send(body, posted(form), "check", {"answer": "In May."})
    assert send(body, posted(checked), "record").status_code == 303
    assert "In May." in inspector.get(f"{page}/disputes").text
    assert "In May." not in signed_in[KENT].get(f"{page}/disputes").text


def test_a_report_shows_who_disputes_what_it_says(
    service: Service, signed_in: dict[Actor, Browser], kents: Published
) -> None:
    page = f"/reports/{kents.id}"
    fields = {"step": 1, "field": "cases.good", "reasons": WHY, "statement": SAYS}
    path = f"/v1/reports/{kents.id}/commands"
    made = service.post(path, {"type": "dispute", **fields}, KENT_BODY)
    assert made.status_code == 201, made.text
    shown = service.client.get(page)
    check(page, shown.text)
    assert "The local policing body of Kent Police disputes this: cases graded good" in words_of(
        shown
    )
    assert service.client.get(f"/v1{page}").json()["disputes"][0]["party"] == "local_policing_body"
    assert signed_in[INSPECTOR].get(f"{page}/disputes").status_code == 200


def test_a_dispute_is_shown_on_the_days_on_which_it_was_open(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]
    before = service.client.get(f"/v1/recommendations/{stream}?on=2024-01-01").json()
    disputed(service, stream)
    after = service.client.get(f"/v1/recommendations/{stream}?on=2024-01-01").json()
    assert before["disputes"] == after["disputes"] == []
    assert (
        "disputes this" not in service.client.get(f"/recommendations/{stream}?on=2024-01-01").text
    )


def test_what_waits_is_listed_to_both_sides_and_nobody_else(
    service: Service, signed_in: dict[Actor, Browser], kents: Published
) -> None:
    stream = kents.recommendations[0]
    disputed(service, stream)
    link = f'href="/recommendations/{stream}/disputes#thread-2"'
    for actor in (KENT, INSPECTOR, AUDITOR):
        shown = signed_in[actor].get("/disputes")
        check("/disputes", shown.text)
        assert link in shown.text, actor
    for actor in (KENT_BODY, ESSEX):
        assert link not in signed_in[actor].get("/disputes").text, actor
    assert service.client.get("/disputes").status_code == 401
    line = re.compile(r">\d+ disputes? or questions? waits? for your side<")
    assert line.search(signed_in[INSPECTOR].get("/work").text)
    assert not line.search(signed_in[ESSEX].get("/work").text)
    withdrawn = command(service, stream, KENT, "withdraw_dispute", dispute=2)
    assert withdrawn.status_code == 201
    assert link not in signed_in[INSPECTOR].get("/disputes").text
    assert 'href="/disputes"' in signed_in[INSPECTOR].get("/work").text


def test_lists_and_files_say_which_recommendations_are_disputed(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]

    def listed(position: int) -> list[str]:
        at = f"report={kents.id}&position={position}"
        page = service.client.get(f"/recommendations?{at}")
        filtered = service.client.get(f"/v1/recommendations?{at}&disputed=true").json()["items"]
        (row,) = tables.read_csv(service.client.get(f"/v1/recommendations.csv?{at}").content)
        assert row["disputed"] == str(bool(filtered)).lower()
        assert (">Disputed<" in "".join(page.text.split())) is bool(filtered)
        return [item["id"] for item in filtered]

    assert listed(kents.position) == []
    assert listed(disputed(service, stream)) == [stream]
    withdrawn = command(service, stream, KENT, "withdraw_dispute", dispute=2)
    assert listed(withdrawn.json()["position"]) == []


@pytest.mark.parametrize("kind", ["recommendations", "reports"])
def test_words_are_read_by_two_sides_alone_until_both_agree(
    service: Service, signed_in: dict[Actor, Browser], kents: Published, kind: str
) -> None:
    stream = kents.recommendations[0] if kind == "recommendations" else kents.id
    page, commands = f"/{kind}/{stream}", f"/v1/{kind}/{stream}/commands"

    def give(actor: Actor, tag: str, **fields: str | int) -> None:
        made = service.post(commands, {"type": tag, **fields}, actor)
        assert made.status_code == 201, made.text

    field = "text" if kind == "recommendations" else "title"
    give(KENT, "dispute", step=1, field=field, reasons=WHY, statement=SAYS)
    give(INSPECTOR, "propose_words", dispute=2, words=PRIVATE)
    places = [f"{page}/disputes", f"{page}/history", f"/v1{page}/history"]
    if kind == "recommendations":
        places.append(f"/v1{page}/history.csv")
    for path in places:
        for actor in (KENT, INSPECTOR, AUDITOR):
            assert PRIVATE in signed_in[actor].get(path).text, (path, actor)
        others = signed_in[KENT_BODY].get(path)
        assert others.status_code == 200, path
        assert PRIVATE not in others.text, path
        assert NOT_AGREED in others.text, path
    question = {"type": "ask_question", "question": WHY}
    for actor, reads in ((KENT_BODY, False), (KENT, True)):
        stale = service.post(commands, question, actor, If_Match='"1"')
        assert stale.status_code == 412
        assert (PRIVATE in stale.text) is reads
        assert [entry["step"] for entry in stale.json()["since"]] == [2, 3]
    give(KENT, "agree_to_words", dispute=2, proposal=3)
    for path in places:
        assert PRIVATE in signed_in[KENT_BODY].get(path).text, path
        assert NOT_AGREED not in signed_in[KENT_BODY].get(path).text, path
