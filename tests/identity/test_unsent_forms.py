"""What a person types outlives their session: held for them alone, encrypted, and for an hour."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psycopg
import pytest

from adapters.identity.held_forms import FORMS_EACH_MAX, HeldForm
from adapters.identity.sessions import SessionLimits, Sessions
from adapters.ledger.async_ledger import AsyncLedger
from adapters.postgres.database import APP, OWNER, Database
from adapters.postgres.query import QuerySteps
from api.http.cookies import SESSION, UNSENT
from api.http.rate_limits import FORMS_AT_ONCE
from api.pages.forms.typed_answers import typed_answers
from api.pages.record.form_fields import QUESTIONS
from domain.vocabulary.actors import Actor
from tests.support.data.documents import PDF
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR
from tests.support.served.browser import OURS, Browser, Clock, set_cookies
from tests.support.served.forms import XHTML, Form, forms, main_of, posted, send, words_of
from tests.support.served.serving import Served, Service, published

pytestmark = pytest.mark.slow

T = TypeVar("T")
TEXT = "We have looked at forty cases, and it took all morning to type this."
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def served(clock: Clock) -> Served:
    return Served(keep=False, clock=clock)


@pytest.fixture(autouse=True)
def empty(make_database: Database, clock: Clock) -> None:
    # Never back: a sign-in is a step of its person, and no step is before the last one.
    clock.at = max(clock.at, datetime.now(UTC))
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("TRUNCATE form_tokens, held_forms, sessions")


@pytest.fixture
def path(service: Service) -> str:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    return f"/recommendations/{stream}/record/comment"


def typed(browser: Browser, path: str) -> Form:
    """The form of a remark, filled in."""
    form = posted(browser.get(path))
    form.fields["comment"] = TEXT
    return form


def sent(browser: Browser, form: Form, then: str = "check") -> httpx.Response:
    return browser.post(form.action, {**form.fields, "then": then}, OURS | PAGE)


def ended(
    service: Service, database: Database, clock: Clock, path: str, actor: Actor = INSPECTOR
) -> tuple[Browser, httpx.Response]:
    """A browser whose session ended while its person typed, and the answer to the form."""
    browser = Browser(service).sign_in(database, actor)
    form = typed(browser, path)
    clock.forward(minutes=31)
    return browser, sent(browser, form)


def kept(database: Database) -> list[Any]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        return connection.execute("SELECT h::text FROM held_forms h").fetchall()


def test_a_person_whose_session_ended_signs_in_and_goes_on_with_what_they_typed(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser, answer = ended(service, make_database, clock, path)
    assert answer.status_code == 401
    assert "Nothing that you typed is lost." in words_of(answer)
    assert "token" not in words_of(answer).lower()
    assert "/sign-in?return=/record/unsent" in answer.text
    browser.follow_link(make_database, INSPECTOR)
    resumed = browser.get("/record/unsent")
    assert TEXT in words_of(resumed)
    again = sent(browser, posted(resumed), "change")
    assert again.status_code == 200, again.text
    assert posted(again).action == path
    assert posted(again).fields["comment"] == TEXT
    check = send(browser, posted(again), "check")
    assert send(browser, posted(check), "record").status_code == 303
    assert not kept(make_database), "it is gone after use"
    assert not forms(browser.get("/record/unsent"))


def test_a_held_form_can_be_read_neither_in_the_database_nor_by_scripts(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser, answer = ended(service, make_database, clock, path)
    morsel = set_cookies(answer)[UNSENT]
    assert (morsel["secure"], morsel["httponly"], morsel["path"]) == (True, True, "/")
    assert (morsel["samesite"], morsel["max-age"], morsel["domain"]) == ("lax", "3600", "")
    (row,) = kept(make_database)
    for secret in (TEXT, TEXT.encode().hex(), browser.cookies[UNSENT], path):
        assert secret not in row[0]


def test_signing_in_leads_back_to_what_was_typed_by_itself(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser, _answer = ended(service, make_database, clock, path)
    signed_in = browser.follow_link(make_database, INSPECTOR)
    assert signed_in.headers["Location"] == "/record/unsent"


def test_a_held_form_is_for_its_person_and_its_browser_alone(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser, _answer = ended(service, make_database, clock, path)
    for other, actor, is_shown in (
        (browser, OTHER_INSPECTOR, False),
        (Browser(service), INSPECTOR, False),
        (Browser(service, {UNSENT: "x" * 43}), INSPECTOR, False),
        (browser, INSPECTOR, True),
    ):
        other.follow_link(make_database, actor)
        assert (TEXT in other.get("/record/unsent").text) is is_shown


def test_a_held_form_is_gone_after_an_hour(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser, _answer = ended(service, make_database, clock, path)
    clock.forward(minutes=61)
    browser.follow_link(make_database, INSPECTOR)
    assert TEXT not in browser.get("/record/unsent").text
    form = typed(browser, path)
    clock.forward(minutes=31)
    sent(browser, form)
    assert len(kept(make_database)) == 1, "the old one went with the next"


def test_no_more_than_a_few_forms_are_held_for_one_person(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form = typed(browser, path)
    clock.forward(minutes=31)
    for number in range(FORMS_EACH_MAX + 2):
        form.fields["comment"] = f"{TEXT} {number}"
        assert sent(browser, form).status_code == 401
    assert len(kept(make_database)) == FORMS_EACH_MAX
    browser.follow_link(make_database, INSPECTOR)
    text = browser.get("/record/unsent").text
    assert f"{TEXT} 1" not in text
    assert f"{TEXT} {FORMS_EACH_MAX + 1}" in text


def test_a_form_of_an_earlier_session_is_sent_on_by_the_same_person_only(
    service: Service, make_database: Database, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form = typed(browser, path)
    browser.sign_in(make_database, INSPECTOR)
    answer = sent(browser, form, "record")
    assert answer.status_code == 403
    check = sent(browser, posted(answer), "change")
    assert posted(check).fields["comment"] == TEXT
    browser.sign_in(make_database, OTHER_INSPECTOR)
    answer = sent(browser, form, "record")
    assert answer.status_code == 403
    assert not forms(answer), "it was typed by somebody else"
    assert TEXT in words_of(answer)


def test_a_form_whose_token_is_nobodys_is_shown_to_be_copied_and_not_held(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form, cookies = typed(browser, path), dict(browser.cookies)
    token, _dot, person = form.fields["_csrf"].partition(".")
    clock.forward(hours=9, minutes=1)  # an hour after the session could have lasted
    planted = ("", f"{'x' * 43}.{person}", f"{token}x.{person}", person, f".{person}", token)
    for text in planted:
        form.fields["_csrf"] = text
        for sender in ({}, cookies, {SESSION: "x" * 43}):
            answer = sent(Browser(service, sender), form)
            assert answer.status_code == 401
            assert TEXT in words_of(answer)
            assert "copy it before you leave" in words_of(answer)
    assert not kept(make_database)


@pytest.mark.parametrize("minutes", [0, 31], ids=["alive", "ended"])
def test_a_form_is_held_though_the_browser_has_dropped_its_session_cookie(
    service: Service, make_database: Database, clock: Clock, path: str, minutes: int
) -> None:
    form = typed(Browser(service).sign_in(make_database, INSPECTOR), path)
    clock.forward(minutes=minutes)
    browser = Browser(service)
    answer = sent(browser, form)
    assert answer.status_code == 401
    assert "Nothing that you typed is lost." in words_of(answer)
    assert TEXT not in answer.text
    browser.follow_link(make_database, OTHER_INSPECTOR)
    assert TEXT not in browser.get("/record/unsent").text
    browser.follow_link(make_database, INSPECTOR)
    again = sent(browser, posted(browser.get("/record/unsent")), "change")
    assert posted(again).fields["comment"] == TEXT


@pytest.mark.parametrize("way", ["here", "everywhere", "by an administrator"])
def test_a_form_is_held_though_its_session_was_ended_elsewhere(
    service: Service, make_database: Database, path: str, way: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form = typed(browser, path)
    if way == "by an administrator":
        with psycopg.connect(make_database.conninfo(OWNER)) as connection:
            connection.execute("DELETE FROM sessions")
    else:
        fields = {"everywhere": "yes"} if way == "everywhere" else {}
        Browser(service, dict(browser.cookies)).post("/sign-out", {"_csrf": browser.csrf, **fields})
    answer = sent(browser, form)
    assert answer.status_code == 401
    assert "Nothing that you typed is lost." in words_of(answer)
    browser.follow_link(make_database, INSPECTOR)
    assert TEXT in browser.get("/record/unsent").text


def test_nobody_plants_a_form_for_another_person(
    service: Service, make_database: Database, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, OTHER_INSPECTOR)
    form = typed(browser, path)
    token = form.fields["_csrf"].partition(".")[0]
    form.fields["_csrf"] = f"{token}.{INSPECTOR.id}"
    victim = Browser(service)
    sent(victim, form)
    victim.follow_link(make_database, INSPECTOR)
    assert TEXT not in victim.get("/record/unsent").text
    victim.follow_link(make_database, OTHER_INSPECTOR)
    assert TEXT in victim.get("/record/unsent").text, "it is held for whoever has its token"


def test_the_forms_of_a_token_take_the_place_of_no_other_session(
    service: Service, make_database: Database, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form = typed(browser, path)
    del browser.cookies[SESSION]
    sent(browser, form)
    leaked = typed(Browser(service).sign_in(make_database, INSPECTOR), path)
    leaked.fields["comment"] = "Planted, over and over."
    answers = [sent(Browser(service), leaked) for _time in range(FORMS_AT_ONCE + 1)]
    assert all(answer.status_code == 401 for answer in answers)
    assert len(kept(make_database)) == 1 + FORMS_EACH_MAX
    assert "It is not kept" in words_of(answers[-1]), "too many came with one token"
    browser.follow_link(make_database, INSPECTOR)
    assert TEXT in browser.get("/record/unsent").text


def test_tokens_are_known_by_their_hash_alone_and_go_with_time(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    form = typed(Browser(service).sign_in(make_database, INSPECTOR), path)
    clock.forward(hours=9, minutes=1)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        ((row,),) = connection.execute("SELECT t::text FROM form_tokens t").fetchall()
        token = form.fields["_csrf"].partition(".")[0]
        assert token not in row
        assert token.encode().hex() not in row
    Browser(service).sign_in(make_database, OTHER_INSPECTOR)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        assert connection.execute("SELECT actor FROM form_tokens").fetchall() == [
            (OTHER_INSPECTOR.id,)
        ]


def test_a_session_begun_before_tokens_were_kept_gets_its_token_when_it_is_used(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM form_tokens")
    clock.forward(minutes=2)
    form = typed(browser, path)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        tokens = connection.execute(
            "SELECT t.actor, t.ends_at - s.ends_at FROM form_tokens t, sessions s"
        ).fetchall()
    assert tokens == [(INSPECTOR.id, timedelta(hours=1))]
    clock.forward(minutes=31)
    answer = sent(Browser(service), form)
    assert "Nothing that you typed is lost." in words_of(answer)


def test_after_a_start_a_session_gets_its_token_at_once_and_costs_no_more_then(
    service: Service, make_database: Database, clock: Clock
) -> None:
    secret = Browser(service).sign_in(make_database, INSPECTOR).cookies[SESSION]
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM form_tokens")
    at, limits = clock.at + timedelta(seconds=30), SessionLimits(timedelta(hours=1), timedelta(1))

    async def questions() -> list[int]:
        counts: list[int] = []
        async with AsyncLedger(make_database.conninfo(APP), wait=5) as ledger:

            async def ask(steps: QuerySteps[T]) -> T:
                counts[-1] += 1
                return await ledger.run(steps)

            sessions = Sessions(ask, limits, lambda: at)
            for _time in range(3):
                counts.append(0)
                assert await sessions.find(secret)
        return counts

    assert asyncio.run(questions()) == [2, 1, 1]
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        assert connection.execute("SELECT actor FROM form_tokens").fetchall() == [(INSPECTOR.id,)]


def test_nothing_is_held_or_shown_of_what_another_site_sends(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form = typed(browser, path)
    clock.forward(minutes=31)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        for sender in (browser, Browser(service)):
            answer = sender.post(path, form.fields, headers | PAGE)
            assert answer.status_code == 401
            assert TEXT not in answer.text
            assert UNSENT not in sender.cookies
    assert not kept(make_database)


def test_files_of_a_form_that_was_held_are_named_as_to_be_chosen_again(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, KENT)
    claim = path.replace("comment", "claim_completion")
    form = posted(browser.get(claim))
    clock.forward(minutes=31)
    fields = {**form.fields, "evidence": TEXT}
    browser.send("POST", claim, data=fields, files=[PDF], headers=OURS | PAGE)
    browser.follow_link(make_database, KENT)
    resumed = browser.get("/record/unsent")
    assert "Choose these again: a name.pdf" in words_of(resumed)
    assert TEXT in words_of(resumed)


def answers_of(answer: httpx.Response) -> dict[str, str]:
    """The answers that a page shows, by their labels."""
    main = main_of(answer)
    labels, texts = main.iter(f"{XHTML}dt"), main.iter(f"{XHTML}dd")
    return {
        "".join(label.itertext()): "".join(text.itertext()).strip()
        for label, text in zip(labels, texts, strict=True)
    }


def test_each_answer_that_was_typed_is_given_back_with_the_label_of_its_field(
    service: Service, make_database: Database, clock: Clock, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, KENT)
    claim = path.replace("comment", "claim_completion")
    form = posted(browser.get(claim))
    fields = {**form.fields, "evidence": "Ok", "on-day": "3", "on-month": "March", "then": "check"}
    kept_files = browser.send("POST", claim, data=fields, files=[PDF], headers=OURS | PAGE)
    carried = {**posted(kept_files).fields, "then": "record"}
    assert len(carried["documents"]) == 64
    clock.forward(minutes=31)
    browser.send("POST", claim, data=carried, headers=OURS | PAGE)
    browser.follow_link(make_database, KENT)
    answers = answers_of(browser.get("/record/unsent"))
    labels = {field.name: field.label for field in QUESTIONS["claim_completion"].fields}
    assert answers == {
        labels["evidence"]: "Ok",
        labels["documents"]: "a name.pdf",
        labels["on"]: "3 March",
    }


def test_what_was_typed_and_is_not_held_has_labels_too(
    service: Service, make_database: Database, path: str
) -> None:
    stream = path.split("/")[2]
    question = {field.name: field for field in QUESTIONS["close"].fields}
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    for of_form, fields, shown in (
        (
            path.replace("comment", "close"),
            {"reason": "verified", "basis": "No", "step": "3", "key": "k"},
            {
                "reason": (question["reason"].options or {})["verified"],
                "basis": "No",
            },
        ),
        (
            f"/reports/{stream}/work/close",
            {f"of-{stream}": "yes", f"step-{stream}": "2", f"basis-{stream}": "Short"},
            {f"basis-{stream}": "Short"},
        ),
    ):
        browser.sign_in(make_database, INSPECTOR)
        answer = browser.post(of_form, {"_csrf": "x", **fields}, OURS | PAGE)
        texts = list(answers_of(answer).values())
        assert texts[: len(shown)] == list(shown.values())
        for name, label in zip(shown, answers_of(answer), strict=False):
            field = question.get(name) or question[name.partition("-")[0]]
            assert label in {field.label, f"Row 1 of the form: {field.short}"}, answers_of(answer)


def test_every_form_knows_the_labels_of_its_fields() -> None:
    fields = {
        "/record/report": {"title": "T", "r2-text": "Text", "time_limit": "none"},
        "/inspections/new": {"fieldwork_from-month": "5", "fieldwork_from-year": "2026"},
        "/inspections/x/draft": {"grades-leadership": "good", "sources": "S"},
        "/work/filters": {"name": "Mine", "path": "/work", "query": "force=kent"},
        "/contacts/ABCDEFGH23": {"step": "3"},
        "/portfolios/kent": {"lead-name": "Ann"},
        "/recommendations/x/record/withdraw": {"steps-3": "3", "steps-4": "4", "why": "W"},
        "/reports/x/undo": {"why": "W"},
        "/reports/x/settle_dispute/4": {"reason": "Because", "result": "corrected"},
    }
    shown = {
        path: [(each.label, each.text) for each in typed_answers(HeldForm(path, typed))]
        for path, typed in fields.items()
    }
    assert shown == {
        "/record/report": [
            ("What is its title?", "T"),
            ("Recommendation 2: What does it ask for?", "Text"),
            ("By when?", "None"),
        ],
        "/inspections/new": [("When does fieldwork begin?", "5 2026")],
        "/inspections/x/draft": [
            ("Grade for leadership", "good"),
            ("Which sources does it name?", "S"),
        ],
        "/work/filters": [("Name of the filter", "Mine")],
        "/contacts/ABCDEFGH23": [
            ("If it was corrected, the number of the step that corrected it", "3")
        ],
        "/portfolios/kent": [("Inspector", "Ann")],
        "/recommendations/x/record/withdraw": [
            ("Which steps were recorded by mistake?", "Step 3, Step 4"),
            ("Why are they withdrawn?", "W"),
        ],
        "/reports/x/undo": [("Why are they withdrawn?", "W")],
        "/reports/x/settle_dispute/4": [
            ("Why?", "Because"),
            ("What comes of it?", "Inspectors put it right"),
        ],
    }


def test_rows_without_numbers_are_counted_in_their_order_on_the_page() -> None:
    one, two = (str(uuid4()) for _ in range(2))
    typed = {
        f"file-content-{two}": "a.b",
        f"step-{one}": "1",
        f"step-{two}": "1",
        f"content-{two}": "Second.",
    }
    path = f"/reports/{one}/work/receive_action_plan"
    (answer,) = typed_answers(HeldForm(path, typed))
    assert answer.label.startswith("Row 2 of the form: ")
    (answer,) = typed_answers(HeldForm(path, {**typed, f"number-{two}": "<b>"}))
    assert answer.label.startswith("Row 2 of the form: ")


def test_fields_that_no_form_has_are_left_out_or_named_as_they_are() -> None:
    stream = str(uuid4())
    crafted = {"documents-3": "x", "-": "a", "--day": "b", f"--{stream}": "c", "r1--": "d", "": "e"}
    path = f"/recommendations/{stream}/record/claim_completion"
    answers = typed_answers(HeldForm(path, crafted))
    assert [each.label for each in answers if not each.label.strip(": ")] == []
    assert {each.text for each in answers} <= {"", "x"}


def test_each_form_says_until_when_its_person_stays_signed_in(
    service: Service, make_database: Database, path: str
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    assert "You stay signed in until" in words_of(browser.get(path))
    assert 'data-seconds="' in browser.get(path).text
