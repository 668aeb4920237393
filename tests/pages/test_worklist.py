"""What waits: by every clock, in order of urgency, page by page, and whose it is."""

import re
from datetime import date, timedelta
from html import unescape

import msgspec
import psycopg
import pytest

from adapters.clock import now
from adapters.postgres.database import OWNER, Database
from api.http.problems import ProblemError
from api.http.rate_limits import Limits
from domain.commands.report import Issue
from domain.recommendation.worklist import SOON_DAYS
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from tests.support.data.examples import (
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
    publish,
)
from tests.support.data.tables import read_csv, xlsx_sheets
from tests.support.served.browser import Browser
from tests.support.served.forms import forms, posted, send, words_of
from tests.support.served.serving import AUDITOR, Service, command, published

pytestmark = pytest.mark.slow

ROW = re.compile(r'<h3[^>]*><a class="govuk-link" href="/recommendations/([0-9a-f-]{36})')
PLAN_DAYS, COMMENT_DAYS = 42, 55


def published_before(
    service: Service, reference: str, days: int, *issues: Issue, force: str = "kent"
) -> tuple[list[str], int]:
    """Publish a report so many days ago; return its recommendations and the position."""
    on = (day_of(now()) - timedelta(days)).isoformat()
    body = publish(*issues, reference=reference, on=on, force=force)
    answer = service.post("/v1/reports", msgspec.to_builtins(body))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return made["recommendations"], made["position"]


@pytest.fixture(scope="module")
def waiting(service: Service) -> dict[str, list[str]]:
    """Recommendations whose clocks ran out, will within two weeks, or will later."""
    made: dict[str, list[str]] = {}
    for name, days, force in (
        ("late", PLAN_DAYS + 5, "kent"),  # plans 5 days over, comments due in 8 days
        ("soon", PLAN_DAYS - 10, "essex"),  # plans due in 10 days
        ("new", 3, "surrey"),  # nothing due yet
    ):
        issues = [issue(force, ordinal=n, time_limit="none") for n in (1, 2)]
        made[name], position = published_before(
            service, f"{name}-worklist-2026", days, *issues, force=force
        )
        assert service.get(f"/v1/worklist?position={position}", INSPECTOR).is_success
    return made


@pytest.fixture
def inspector(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, INSPECTOR)


def lead(service: Service, force: str, actor: Actor | None) -> None:
    answer = service.client.patch(
        f"/v1/portfolios/{force}",
        json={"lead": actor.id if actor else None},
        headers=service.headers(INSPECTOR),
    )
    assert answer.status_code == 200, answer.text


def test_what_falls_due_in_two_weeks_is_told_by_every_clock(
    service: Service, waiting: dict[str, list[str]]
) -> None:
    page = service.get("/v1/worklist?limit=100", INSPECTOR).json()
    today = day_of(now())
    clocks = {
        (item["id"], item["work"], item["clock"]): date.fromisoformat(item["due"]) - today
        for item in page["items"]
        if item["due"]
    }
    for stream in waiting["late"]:
        assert clocks[stream, "chase_overdue", "action_plan"] == timedelta(-5)
        assert clocks[stream, "due_soon", "section_55"] == timedelta(8)
    for stream in waiting["soon"]:
        assert clocks[stream, "due_soon", "action_plan"] == timedelta(10)
    assert not {stream for stream, _, _ in clocks} & {*waiting["new"]}
    assert page["counts"]["due_soon"] == 4
    assert SOON_DAYS == 14


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("path", ["/v1/worklist", "/work", "/work/all"])
def test_the_counts_of_all_kinds_stay_when_a_kind_is_chosen(
    service: Service, inspector: Browser, path: str
) -> None:
    every = service.get("/v1/worklist", INSPECTOR).json()["counts"]
    assert every["chase_overdue"] == 2
    chosen = "assign_follow_up"
    if path == "/v1/worklist":
        assert service.get(f"{path}?work={chosen}", INSPECTOR).json()["counts"] == every
    else:
        shown = words_of(inspector.get(f"{path}?work={chosen}"))
        assert "Overdue (2)" in shown
        assert "Due within 14 days (4)" in shown


@pytest.mark.usefixtures("waiting")
def test_the_overdue_come_first_then_what_falls_due_next(service: Service) -> None:
    items = service.get("/v1/worklist?limit=100", INSPECTOR).json()["items"]
    due = [item["due"] for item in items if item["due"]]
    assert due == sorted(due)
    assert [item["work"] for item in items[:2]] == ["chase_overdue"] * 2


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("order", ["urgency", "next_by", "work", "force", "reference"])
def test_every_order_lists_everything_once_by_cursor_and_by_number(
    service: Service, order: str
) -> None:
    whole = service.get(f"/v1/worklist?order={order}&limit=500", INSPECTOR).json()
    every = [(item["id"], item["work"], item["clock"]) for item in whole["items"]]
    assert len(every) == whole["total"] == len(set(every)) >= 6
    by_cursor, path = [], f"/v1/worklist?order={order}&limit=2"
    while path:
        answer = service.get(path, INSPECTOR)
        by_cursor += answer.json()["items"]
        path = answer.links.get("next", {}).get("url", "")
    by_number = [
        item
        for page in range(1, len(every) // 2 + 2)
        for item in service.get(
            f"/v1/worklist?order={order}&limit=2&page={page}", INSPECTOR
        ).json()["items"]
    ]
    if order in {"work", "force", "reference"}:
        keys = [item[order] for item in whole["items"]]
        assert keys == sorted(keys)
    for listed in (by_cursor, by_number):
        assert [(item["id"], item["work"], item["clock"]) for item in listed] == every


def test_a_cursor_and_the_number_of_a_page_exclude_each_other(service: Service) -> None:
    answer = service.get("/v1/worklist?page=1&cursor=abc", INSPECTOR)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "page"


@pytest.mark.usefixtures("waiting")
def test_a_page_of_work_is_counted_numbered_and_says_its_order(inspector: Browser) -> None:
    first = inspector.get("/work?limit=2")
    assert "Showing 1 to 2 of 6. Sorted by what waits for inspectors first." in words_of(first)
    assert 'href="/work?page=2&amp;limit=2" rel="next"' in first.text
    last = inspector.get("/work?limit=2&page=3")
    assert "Showing 5 to 6 of 6." in words_of(last)
    assert 'rel="prev"' in last.text
    assert 'rel="next"' not in last.text
    assert 'aria-current="page"' in last.text
    beyond = inspector.get("/work?limit=2&page=9")
    assert "There is nothing on page 9." in words_of(beyond)
    assert 'rel="prev"' in beyond.text


def test_each_piece_of_work_says_when_it_is_due_and_whose_move_it_is(
    service: Service, inspector: Browser, waiting: dict[str, list[str]]
) -> None:
    shown = words_of(inspector.get("/work"))
    assert "Overdue Provide the action plan, was due on" in shown
    assert "(5 days ago) Owed by: the force" in shown
    assert "Due soon Publish the local policing body's comments, due on" in shown
    assert "(8 days left) Owed by: the local policing body" in shown
    stream = waiting["new"][0]
    made = command(
        service, stream, INSPECTOR, "receive_action_plan", answer="act", content="We will."
    ).json()
    shown = words_of(inspector.get(f"/work?work=review_plan&position={made['position']}"))
    assert "Review the action plan, waiting since" in shown
    assert "Next action by: inspectors" in shown


def test_a_force_sees_what_waits_for_it_and_a_body_what_waits_for_it(
    service: Service, make_database: Database, waiting: dict[str, list[str]]
) -> None:
    of_kent = Browser(service).sign_in(make_database, KENT).get("/work")
    assert ROW.findall(of_kent.text) == waiting["late"]
    assert "section" not in words_of(of_kent).lower()
    of_body = Browser(service).sign_in(make_database, KENT_BODY).get("/work")
    assert words_of(of_body).count("Publish the local policing body's comments") == 2
    orders = Browser(service).sign_in(make_database, KENT).get("/work?order=work")
    assert "Sorted by type of work. Sort by: Sort by: most urgent first" in words_of(orders)
    assert ROW.findall(orders.text) == waiting["late"]
    of_essex = words_of(Browser(service).sign_in(make_database, ESSEX).get("/work"))
    assert of_essex.count("Provide the action plan, due on") == 2


def test_nothing_waits_is_said_where_nothing_waits(
    service: Service, make_database: Database
) -> None:
    gwent = Actor("gwent-liaison", Role.FORCE, "gwent")
    page = words_of(Browser(service).sign_in(make_database, gwent).get("/work"))
    assert "Nothing waits for you." in page
    assert "overdue" not in page.lower()


def test_work_is_found_by_the_words_of_its_recommendation(
    service: Service, make_database: Database, inspector: Browser
) -> None:
    issues = [
        issue("dyfed-powys", text=text, ordinal=n, time_limit="none")
        for n, text in enumerate(("Safeguard missing children.", "Review custody records."), 1)
    ]
    streams, position = published_before(
        service, "dyfed-words-2026", PLAN_DAYS + 1, *issues, force="dyfed-powys"
    )
    register = service.get(f"/v1/recommendations?force=dyfed-powys&position={position}").json()
    ids = {item["standing"]["ordinal"]: item["id"] for item in register["items"]}
    wanted, other = ids[1], ids[2]
    assert {*streams} == {wanted, other}
    words = "q=safe%20guarding%20MISSING"
    page = service.get(f"/v1/worklist?{words}&position={position}", INSPECTOR).json()
    assert {item["id"] for item in page["items"]} == {wanted}
    assert page["total"] == page["counts"]["chase_overdue"] + page["counts"]["due_soon"] == 2
    assert service.get("/v1/worklist?q=nowhere", INSPECTOR).json()["total"] == 0
    on = day_of(now()).isoformat()
    assert service.get(f"/v1/worklist?{words}&on={on}", INSPECTOR).json()["total"] == 2
    shown = inspector.get(f"/work/all?{words}")
    assert set(ROW.findall(shown.text)) == {wanted}
    assert 'value="safe guarding MISSING"' in shown.text
    assert 'name="query" value="q=safe+guarding+MISSING"' in shown.text  # for saving the filter
    force = Browser(service).sign_in(
        make_database, Actor("dyfed-liaison", Role.FORCE, "dyfed-powys")
    )
    assert set(ROW.findall(force.get("/work").text)) == {wanted, other}
    assert set(ROW.findall(force.get("/work?q=custody").text)) == {other}
    assert "Nothing with these words waits for you." in words_of(force.get("/work?q=nowhere"))


def test_an_auditors_start_page_begins_with_what_an_auditor_does(
    service: Service, make_database: Database
) -> None:
    page = Browser(service).sign_in(make_database, AUDITOR).get("/work")
    assert "lead no force" not in words_of(page)
    for path in ("/restatement", "/compare", "/recommendations?slip=closed_without_evidence"):
        assert page.text.index(f'href="{path}"') < page.text.index('id="list"')
        assert service.get(path).status_code == 200


def test_an_auditors_start_page_lists_the_latest_corrections_newest_first(
    service: Service, make_database: Database
) -> None:
    auditor = Browser(service).sign_in(make_database, AUDITOR)
    issued = issue("gwent", text="Correct this.", time_limit="none")
    (stream,) = published(service, "gwent-corrected-2026", issued).recommendations
    for field, was, now_is in (
        ("area", "leadership", "investigation"),
        ("text", "Correct this.", "Correct that."),
    ):
        fields = {"step": 1, "field": field, "was": was, "now": now_is, "why": "A slip."}
        assert command(service, stream, INSPECTOR, "correct", **fields).is_success
    page = auditor.get("/work")
    links = re.findall(r'href="(/recommendations/[0-9a-f-]{36}/history\?after=\d+)"', page.text)
    assert links == [f"/recommendations/{stream}/history?after={step}" for step in (2, 1)]
    assert "Latest corrections" in words_of(page)
    assert "Area of step 1: from Leadership and governance to Investigation" in words_of(page)
    assert 'id="step-3"' in auditor.get(links[0]).text
    assert "Latest corrections" not in words_of(auditor.get("/work/all"))
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    assert "Latest corrections" not in words_of(inspector.get("/work"))


# Portfolios


@pytest.mark.usefixtures("waiting")
def test_an_inspectors_work_is_that_of_the_forces_they_lead(
    service: Service, make_database: Database, waiting: dict[str, list[str]]
) -> None:
    browser = Browser(service).sign_in(make_database, OTHER_INSPECTOR)
    before = browser.get("/work")
    assert "You lead no force yet, so this is everybody's work." in words_of(before)
    lead(service, "essex", OTHER_INSPECTOR)
    own = browser.get("/work")
    assert "The forces that you lead: Essex Police." in words_of(own)
    assert set(ROW.findall(own.text)) == {*waiting["soon"]}
    assert {*waiting["late"]} <= set(ROW.findall(browser.get("/work/all").text))
    mine = service.get("/v1/worklist?mine=true", OTHER_INSPECTOR).json()
    assert {item["force"] for item in mine["items"]} == {"essex"}
    lead(service, "essex", None)
    assert service.get("/v1/worklist?mine=true", OTHER_INSPECTOR).json()["total"] == 0


def test_a_follow_up_is_the_work_of_its_assignee_whoever_leads_the_force(
    service: Service, make_database: Database
) -> None:
    streams, _ = published_before(
        service, "dorset-assigned-2026", 20, issue("dorset", time_limit="none"), force="dorset"
    )
    waived = command(service, streams[0], INSPECTOR, "waive_action_plan", reason="Small.")
    assert waived.status_code == 201
    made = command(
        service, streams[0], INSPECTOR, "assign_follow_up",
        kind="monitoring", procedure="2025", assignee="inspector-55",
    ).json()  # fmt: skip
    assignee = Actor("inspector-55", Role.INSPECTOR)
    browser = Browser(service).sign_in(make_database, assignee)
    own = browser.get(f"/work?position={made['position']}")
    assert ROW.findall(own.text) == streams
    assert "You lead no force: this is what is assigned to you." in words_of(own)


def test_what_is_assigned_to_an_inspector_is_listed_by_itself(
    service: Service, make_database: Database, waiting: dict[str, list[str]]
) -> None:
    streams, _ = published_before(
        service, "devon-assigned-2026", 20, issue("dorset", time_limit="none"), force="dorset"
    )
    assert command(service, streams[0], INSPECTOR, "waive_action_plan", reason="Small.").is_success
    made = command(
        service, streams[0], INSPECTOR, "assign_follow_up",
        kind="monitoring", procedure="2025", assignee=OTHER_INSPECTOR.id,
    ).json()  # fmt: skip
    browser = Browser(service).sign_in(make_database, OTHER_INSPECTOR)
    lead(service, "essex", OTHER_INSPECTOR)
    for start in ("/work", "/work/all"):
        own = browser.get(f"{start}?position={made['position']}")
        assert len(ROW.findall(own.text)) > 1
        link = re.search(rf'href="({start}\?[^"]*assigned=true[^"]*)"', own.text)
        assert link is not None
        assigned = browser.get(unescape(link[1]))
        assert ROW.findall(assigned.text) == streams
        assert "Only what is assigned to you is listed." in words_of(assigned)
        file = browser.get("/worklist.csv?assigned=true")
        assert (streams[0] in file.text, waiting["soon"][0] in file.text) == (True, False)
    items = service.get("/v1/worklist?assigned=true", OTHER_INSPECTOR).json()["items"]
    assert [item["id"] for item in items] == streams
    lead(service, "essex", None)


def test_what_is_late_is_listed_with_who_owes_it_and_then_with_what_answered_it(
    service: Service,
) -> None:
    streams, position = published_before(
        service, "durham-late-2026", PLAN_DAYS + 5, issue("durham", time_limit="none"),
        force="durham",
    )  # fmt: skip
    yesterday = day_of(now()) - timedelta(1)
    reader = Browser(service)
    assert service.get(f"/v1/late?position={position}").is_success
    late = words_of(reader.get("/late?force=durham"))
    assert (
        "durham-late-2026-r01Stage: No plan yet Durham Constabulary Action plan The force" in late
    )
    assert "Showing all" not in late, "there is one alone"
    since = f"/late?force=durham&since={yesterday}"
    assert "Nothing that was late on that day has stopped being late." in words_of(
        reader.get(since)
    )
    plan = {"answer": "act", "content": "We will."}
    assert command(service, streams[0], INSPECTOR, "receive_action_plan", **plan).is_success
    made = command(
        service, streams[0], INSPECTOR, "propose_closure", basis="Seen.", source="Review"
    ).json()
    assert service.get(f"/v1/late?position={made['position']}").is_success
    assert "Nothing on record is late." in words_of(reader.get("/late?force=durham"))
    cleared = words_of(reader.get(since))
    assert "durham-late-2026-r01" in cleared
    assert "The force answered: it will act" in cleared
    saved = service.get(f"/v1{since.replace('?', '.csv?')}")
    assert f"cleared-durham-since-{yesterday}-to-" in saved.headers["Content-Disposition"]
    (row,) = read_csv(saved.content)
    today = day_of(now()).isoformat()
    assert (row["cleared_on"], row["cleared_by_words"]) == (
        today, "The force answered with an action plan",
    )  # fmt: skip
    (item,) = service.get(f"/v1{since}").json()["items"]
    assert (item["cleared_on"], item["cleared_by"]) == (
        today, [{"step": 2, "tag": "recommendation.action_plan_received", "on": today}],
    ), "of a step that is not published nobody is told"  # fmt: skip
    workbook = service.get(f"/v1{since.replace('?', '.xlsx?')}").content
    title, described, *_ = (str(line[0]) for line in xlsx_sheets(workbook)["Cover"])
    assert title == "What is not late any more"
    assert "are not late by it" in described


def test_what_cleared_a_deadline_is_the_same_on_the_page_in_the_list_and_in_its_file(
    service: Service,
) -> None:
    streams, _ = published_before(
        service, "cumbria-late-2026", PLAN_DAYS + 9, issue("cumbria", time_limit="none"),
        force="cumbria",
    )  # fmt: skip
    today = day_of(now())
    answered, since = today - timedelta(3), today - timedelta(6)
    plan = {"answer": "act", "content": "We will.", "on": answered.isoformat()}
    assert command(service, streams[0], INSPECTOR, "receive_action_plan", **plan).is_success
    made = command(service, streams[0], INSPECTOR, "review_action_plan", outcome="accepted").json()
    assert service.get(f"/v1/late?position={made['position']}").is_success
    path = f"/late?force=cumbria&since={since}"

    (item,) = service.get(f"/v1{path}").json()["items"]
    assert (item["cleared_on"], [step["tag"] for step in item["cleared_by"]]) == (
        answered.isoformat(), ["recommendation.action_plan_received"],
    )  # fmt: skip
    (row,) = read_csv(service.get(f"/v1{path.replace('?', '.csv?')}").content)
    assert row["cleared_by_words"] == "The force answered with an action plan"
    page = words_of(Browser(service).get(path))
    assert "The force answered: it will act" in page
    listed = page.partition("cumbria-late-2026-r01")[2].partition("Download")[0]
    assert "review" not in listed.replace("Plan reviewed", "", 1), "but for its stage"


def test_a_proposed_closure_is_the_work_of_its_second_reader(
    service: Service, make_database: Database
) -> None:
    streams, _ = published_before(
        service, "dorset-proposed-2026", 20, issue("dorset", time_limit="none"), force="dorset"
    )
    made = command(
        service, streams[0], INSPECTOR, "propose_closure",
        basis="Seen.", source="Review", second_reader="inspector-56",
    ).json()  # fmt: skip
    reader = Actor("inspector-56", Role.INSPECTOR)
    own = Browser(service).sign_in(make_database, reader).get(f"/work?position={made['position']}")
    assert ROW.findall(own.text.partition("Work waiting")[2]) == streams
    page = Browser(service).get(f"/recommendations/{streams[0]}")
    assert "inspector-56" not in page.text, "readers are not told who it is"


def test_who_led_a_force_when_stays_known_and_cannot_be_changed(
    service: Service, make_database: Database
) -> None:
    lead(service, "gwent", INSPECTOR)
    lead(service, "gwent", INSPECTOR)
    lead(service, "gwent", OTHER_INSPECTOR)
    leads = service.get("/v1/portfolios", AUDITOR).json()["leads"]
    assert (leads["gwent"]["lead"], leads["gwent"]["by"]) == (OTHER_INSPECTOR.id, INSPECTOR.id)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute(
            "SELECT lead FROM force_leads WHERE force = 'gwent' ORDER BY number"
        ).fetchall()
    assert rows == [(INSPECTOR.id,), (OTHER_INSPECTOR.id,)]


def test_only_inspectors_say_who_leads_a_force(service: Service) -> None:
    for actor, status in ((AUDITOR, 403), (KENT, 403), (KENT_BODY, 403)):
        answer = service.client.patch(
            "/v1/portfolios/kent", json={"lead": None}, headers=service.headers(actor)
        )
        assert answer.status_code == status, actor
    assert service.get("/v1/portfolios", KENT).status_code == 403
    absent = service.client.patch(
        "/v1/portfolios/nowhere", json={"lead": None}, headers=service.headers(INSPECTOR)
    )
    assert absent.status_code == 404


def test_a_lead_is_chosen_on_a_page_by_name(
    service: Service, make_database: Database, inspector: Browser
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE people SET name = 'Ana Lee' WHERE actor = %s", (INSPECTOR.id,))
    asked = inspector.get("/portfolios/kent")
    assert "Who leads Kent Police?" in words_of(asked)
    done = send(inspector, posted(asked), "record", {"lead": INSPECTOR.id})
    assert (done.status_code, done.headers["Location"]) == (303, "/portfolios?saved=kent")
    confirmed = words_of(inspector.get(done.headers["Location"]))
    assert "Saved You lead Kent Police." in confirmed
    assert "Kent Police Ana Lee" in confirmed
    assert "Saved" not in words_of(inspector.get("/portfolios")).split()
    again = send(inspector, posted(inspector.get("/portfolios/kent")), "record")
    assert "Nothing was changed." in words_of(inspector.get(again.headers["Location"]))
    other = Browser(service).sign_in(make_database, OTHER_INSPECTOR)
    planted = words_of(other.get("/portfolios?saved=kent,nowhere,%3Cb%3E"))
    assert "You lead" not in planted, "somebody else saved it"
    assert "Ana Lee" in words_of(inspector.get("/portfolios/kent"))
    later = dict.fromkeys(("Saved", "Not changed", "Nothing was changed."), False)
    lead(service, "kent", None)
    stale_link = words_of(other.get("/portfolios?saved=kent"))
    assert {words: words in stale_link for words in later} == later, "it says nothing untrue"


def test_an_inspector_chooses_all_the_forces_that_they_lead_on_one_page(
    service: Service, make_database: Database, inspector: Browser
) -> None:
    lead(service, "essex", INSPECTOR)
    lead(service, "surrey", OTHER_INSPECTOR)
    shown = inspector.get("/portfolios")
    assert f"Led by {OTHER_INSPECTOR.id}" in words_of(shown)
    assert "All forces and national bodies" not in words_of(shown), "nobody leads all forces"
    form = posted(shown, "/portfolios")
    ticked = {name for name, value in form.fields.items() if name.startswith("of-") and value}
    assert ticked == {"of-essex"}
    lead(service, "dorset", INSPECTOR)  # meanwhile: not unticked, since it was not shown as led
    choice = {"of-essex": "", "of-kent": "yes", "of-surrey": "yes", "of-training": "yes"}
    done = send(inspector, form, "record", choice)
    assert done.status_code == 303
    confirmed = words_of(inspector.get(done.headers["Location"]))
    assert "Nobody leads Essex Police. You lead Kent Police. You lead Surrey Police." in confirmed
    leads = service.get("/v1/portfolios", INSPECTOR).json()["leads"]
    own = {force for force, now in leads.items() if now["lead"] == INSPECTOR.id}
    assert own == {"dorset", "kent", "surrey", "training"}
    again = send(inspector, posted(inspector.get("/portfolios"), "/portfolios"), "record")
    assert "Nothing was changed." in words_of(inspector.get(again.headers["Location"]))
    for force in own:
        lead(service, force, None)
    auditor = Browser(service).sign_in(make_database, AUDITOR)
    assert not forms(auditor.get("/portfolios"))
    refused = auditor.post("/portfolios", {"_csrf": auditor.csrf, "of-kent": "yes"})
    assert refused.status_code == 403


def test_who_takes_a_force_sees_whom_it_is_taken_from(
    service: Service, make_database: Database, inspector: Browser
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE people SET name = 'Ana Lee' WHERE actor = %s", (INSPECTOR.id,))
    lead(service, "essex", None)
    stale, single = (inspector.get(path) for path in ("/portfolios", "/portfolios/essex"))
    lead(service, "essex", OTHER_INSPECTOR)
    name = OTHER_INSPECTOR.id
    choice = {"of-essex": "yes", "of-kent": "yes"}
    refused = send(inspector, posted(stale, "/portfolios"), "record", choice)
    assert refused.status_code == 409
    assert f"{name} leads Essex Police now. Nothing was saved." in words_of(refused)
    assert 'href="#of-essex"' in refused.text
    leads = service.get("/v1/portfolios", INSPECTOR).json()["leads"]
    assert leads["essex"]["lead"] == name
    assert leads.get("kent", {}).get("lead") is None, "none is set before all can be"
    again = posted(refused, "/portfolios")
    assert {name for name, value in again.fields.items() if name.startswith("of-") and value} == {
        *choice
    }
    assert send(inspector, again, "record").status_code == 303, "it was seen"
    lead(service, "essex", OTHER_INSPECTOR)
    refused = send(inspector, posted(single), "record", {"lead": INSPECTOR.id})
    assert refused.status_code == 409
    assert f"{name} leads it now. Nothing was saved." in words_of(refused)
    assert send(inspector, posted(refused), "record").status_code == 303
    leads = service.get("/v1/portfolios", INSPECTOR).json()["leads"]
    assert leads["essex"]["lead"] == INSPECTOR.id
    for force in ("essex", "kent"):
        lead(service, force, None)


def test_leads_of_many_forces_are_set_together_or_not_at_all(
    service: Service, inspector: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[int] = []

    def take(_limits: Limits, _actor: str, commands: int) -> None:
        spent.append(commands)
        raise ProblemError("too-many", "Too many.", retry_after=1)

    form = posted(inspector.get("/portfolios"), "/portfolios")
    monkeypatch.setattr(Limits, "spend", take)
    answer = send(inspector, form, "record", {"of-kent": "yes", "of-essex": "yes"})
    assert (answer.status_code, spent) == (429, [2])
    leads = service.get("/v1/portfolios", INSPECTOR).json()["leads"]
    assert not [force for force in ("kent", "essex") if leads.get(force, {}).get("lead")]


# Since the last visit


def test_the_first_visit_says_so_and_a_later_one_what_is_new(
    service: Service, make_database: Database
) -> None:
    actor = Actor("visitor-1", Role.INSPECTOR)
    browser = Browser(service).sign_in(make_database, actor)
    assert "You had not opened this page before this visit." in words_of(browser.get("/work"))
    assert "You had not opened this page before this visit." in words_of(browser.get("/work"))
    _aged(make_database, actor)
    assert "Nothing is new since your last visit on" in words_of(browser.get("/work"))
    streams, position = published_before(
        service, "devon-new-2026", 100, issue("devon-and-cornwall", time_limit="none"),
        force="devon-and-cornwall",
    )  # fmt: skip
    page = browser.get(f"/work?position={position}")
    assert "2 pieces of work are new since your last visit on" in words_of(page)
    link = re.search(r'href="(/work\?new_since=[^"]*)"', page.text)
    assert link
    listed = browser.get(link[1].replace("&amp;", "&"))
    assert set(ROW.findall(listed.text)) == {*streams}
    assert "Only what is new since" in words_of(listed)


def test_a_force_sees_that_what_is_published_of_it_changed_since_its_last_visit(
    service: Service, make_database: Database
) -> None:
    actor = Actor("visitor-2", Role.FORCE, "wiltshire")
    streams, position = published_before(
        service, "wiltshire-new-2026", 20, *(issue("wiltshire", ordinal=n) for n in (1, 2)),
        force="wiltshire",
    )  # fmt: skip
    browser = Browser(service).sign_in(make_database, actor)
    assert "You had not opened this page before this visit." in words_of(
        browser.get(f"/work?position={position}")
    )
    _aged(make_database, actor)
    assert "Nothing is new since" in words_of(browser.get("/work")), "nor what is due much later"
    withdrawn = {"reason": "withdrawn", "basis": "The law changed.", "source": "Letter"}
    made = command(service, streams[0], INSPECTOR, "close", **withdrawn).json()
    service.get(f"/v1/recommendations?position={made['position']}")
    page = browser.get(f"/work?position={made['position']}")
    assert "1 recommendation to Wiltshire Police changed since then" in words_of(page)
    link = re.search(r'href="(/recommendations\?[^"]*)"[^>]*>1 recommendation to', page.text)
    assert link
    shown = browser.get(unescape(link[1]))
    assert ROW.findall(shown.text) == streams[:1], "what changed, and nothing else"
    assert "Remove filter: Changed since" in words_of(shown)
    assert "position" not in link[1]
    feed = service.client.get(
        "/feeds/changes.atom" + unescape(link[1]).removeprefix("/recommendations")
    )
    assert feed.status_code == 400, "a feed has its own moments"
    assert "/feeds/changes.atom" not in shown.text, "nor is it offered"


def test_what_changed_since_a_moment_is_listed_as_at_today_only(service: Service) -> None:
    query = "changed_since=2026-01-01T00:00:00Z&on=2025-06-01"
    refused = service.get(f"/v1/recommendations?{query}")
    assert refused.status_code == 400
    (wrong,) = refused.json()["errors"]
    assert (wrong["parameter"], wrong["detail"][:20]) == ("on", "Leave out the date: ")
    page = service.get(f"/recommendations?{query}", Accept="text/html")
    assert page.status_code == 400
    assert "Leave out the date: what changed since a moment is listed" in words_of(page)
    assert 'href="#on-day"' in page.text
    assert 'name="changed_since" value="2026-01-01T00:00:00Z"' in page.text, "it is kept"


def test_a_list_of_what_is_new_says_so_to_a_force_and_leads_to_all(
    service: Service, make_database: Database
) -> None:
    actor = Actor("visitor-4", Role.FORCE, "gwent")
    _, position = published_before(
        service, "gwent-new-2026", PLAN_DAYS + 5, issue("gwent"), force="gwent"
    )
    browser = Browser(service).sign_in(make_database, actor)
    tomorrow = (now() + timedelta(days=1)).isoformat().replace("+", "%2B")
    page = browser.get(f"/work?position={position}&new_since={tomorrow}")
    assert not ROW.findall(page.text)
    assert "Only what is new since" in words_of(page)
    assert "Nothing that is new waits for you." in words_of(page)
    every = re.search(r'href="([^"]*)">List everything that waits', page.text)
    assert every is not None
    assert ROW.findall(browser.get(unescape(every[1])).text)
    found_nothing = browser.get("/work?new_since=2026-01-01T00:00:00Z&q=nothinglikethis")
    assert 'name="new_since" value="2026-01-01T00:00:00Z"' in found_nothing.text, (
        "a search keeps it"
    )


def test_a_wrong_kind_of_work_is_said_in_words(inspector: Browser) -> None:
    for link, said in (
        ("/work/all?work=nonsense", "Choose a type of work from the list."),
        (
            "/work/all?assigned=perhaps",
            "Part of the address of this page cannot be read: assigned.",
        ),
        (
            "/recommendations?slip=far",
            "Part of the address of this page cannot be read: slip. Leave it out",
        ),
    ):
        page = inspector.get(link)
        assert page.status_code == 400
        assert said in words_of(page)
        assert "Invalid" not in words_of(page)


def test_an_auditor_sees_how_many_corrections_are_new(
    service: Service, make_database: Database
) -> None:
    actor = Actor("visitor-3", Role.AUDITOR)
    browser = Browser(service).sign_in(make_database, actor)
    browser.get("/work")
    _aged(make_database, actor)
    assert "corrections is new" not in words_of(browser.get("/work"))
    (stream,) = published(service, "gwent-mended-2026", issue("gwent")).recommendations
    fields = {"field": "area", "was": "leadership", "now": "investigation", "why": "A slip."}
    assert command(service, stream, INSPECTOR, "correct", step=1, **fields).is_success
    assert "1 of the latest corrections is new" in words_of(browser.get("/work"))


def _aged(database: Database, actor: Actor) -> None:
    """Let the visit before have ended now, with what it overlaps."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(
            "UPDATE visits SET before_at = now() + interval '1 minute' WHERE actor = %s",
            (actor.id,),
        )


def test_what_waits_for_inspectors_is_listed_apart_from_what_others_owe(
    service: Service, inspector: Browser
) -> None:
    streams, _ = published_before(
        service, "cumbria-moves-2026", PLAN_DAYS + 5,
        *(issue("cumbria", ordinal=n) for n in (1, 2)), force="cumbria",
    )  # fmt: skip
    made = command(
        service, streams[0], INSPECTOR, "receive_action_plan", answer="act", content="All."
    ).json()
    of_force = f"force=cumbria&position={made['position']}"
    shown = inspector.get(f"/work/all?{of_force}")
    listed = service.get(f"/v1/worklist?{of_force}", INSPECTOR).json()
    for value, of_others, words in (
        ("true", False, "What waits for inspectors"),
        ("false", True, "What forces and local policing bodies owe"),
    ):
        link = re.search(
            rf'href="([^"]*for_inspectors={value}[^"]*)">{words}</a> \((\d+)\)', shown.text
        )
        assert link is not None
        wanted = [i["work"] for i in listed["items"] if (i["next_by"] != "inspector") is of_others]
        api = service.get(f"/v1/worklist?{of_force}&for_inspectors={value}", INSPECTOR).json()
        assert [item["work"] for item in api["items"]] == wanted
        assert api["total"] == len(wanted) == int(link[2])
        assert api["counts"] == listed["counts"]
        page = inspector.get(unescape(link[1]))
        assert ROW.findall(page.text) == [item["id"] for item in api["items"]]
        assert f"{words} ({len(wanted)})" in words_of(page)
    nothing = f"/v1/worklist?{of_force}&for_inspectors=true&work=chase_overdue"
    assert service.get(nothing, INSPECTOR).json()["total"] == 0


def test_an_inspectors_work_begins_with_what_waits_for_inspectors(
    service: Service, inspector: Browser
) -> None:
    streams, _ = published_before(
        service, "norfolk-moves-2026", 10, *(issue("norfolk", ordinal=n) for n in (1, 2, 3)),
        force="norfolk",
    )  # fmt: skip
    late, _ = published_before(
        service, "norfolk-late-2026", PLAN_DAYS + 9, issue("norfolk"), force="norfolk"
    )
    plan = {"answer": "act", "content": "All."}
    position = max(
        command(service, stream, INSPECTOR, "receive_action_plan", **plan).json()["position"]
        for stream in streams[1:]
    )
    for start in ("/work", "/work/all"):
        page = inspector.get(f"{start}?force=norfolk&position={position}")
        assert "Sorted by what waits for inspectors first." in words_of(page)
        shown = ROW.findall(page.text)
        assert {*shown[:2]} == {*streams[1:]}
        assert shown[2] == late[0], "then the most urgent of what others owe"
        file = re.search(r'href="(/[^"]*worklist\.csv[^"]*)"', page.text)
        assert file is not None
        rows = read_csv(inspector.get(unescape(file[1])).content)
        assert [row["id"] for row in rows] == shown
    auditor_order = service.get(f"/v1/worklist?force=norfolk&position={position}", AUDITOR).json()
    assert auditor_order["items"][0]["id"] == late[0]
    items = service.get("/v1/worklist?order=next_by&limit=500", INSPECTOR).json()["items"]
    moves = [item["next_by"] != "inspector" for item in items]
    assert moves == sorted(moves)
    assert len(set(moves)) == 2


def test_work_leads_to_its_report_where_several_of_it_wait(
    service: Service, make_database: Database
) -> None:
    streams, _ = published_before(
        service, "durham-several-2026", PLAN_DAYS + 5,
        *(issue("durham", ordinal=n) for n in (1, 2)), force="durham",
    )  # fmt: skip
    _, position = published_before(
        service, "durham-single-2026", PLAN_DAYS + 5, issue("durham"), force="durham"
    )
    report = service.get(f"/v1/recommendations/{streams[0]}").json()["report"]
    browser = Browser(service).sign_in(make_database, Actor("durham-1", Role.FORCE, "durham"))
    links = re.findall(
        r'href="(/reports/[^"]*/work)"', browser.get(f"/work?position={position}").text
    )
    assert links
    assert {*links} == {f"/reports/{report}/work"}
    assert browser.get(links[0]).status_code == 200
    auditor = Browser(service).sign_in(make_database, AUDITOR)
    assert "Work on the whole report" not in auditor.get("/work?force=durham").text
