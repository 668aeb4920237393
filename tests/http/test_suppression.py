"""Suppressed texts: nothing of them in any answer, of any day or moment, to anybody."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.audit.check import Checker
from adapters.audit.export import export
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import CHECKER, OWNER, PROJECTOR, Database
from adapters.postgres.upkeep.bi_logins import Audience, make_login
from api.downloads.handlers import DOWNLOAD_ROUTES
from api.downloads.sources import SOURCES
from api.pages.routes import PAGES
from api.routes import HANDLERS
from api.v1.odata.entity_sets import ENTITY_SETS
from domain.vocabulary.actors import Actor
from projections.read_models import READ_MODELS
from projections.reporting import schema
from projections.runtime.rebuild import rebuild
from tests.downloads.test_formats import READERS
from tests.projections.test_projections import eventually
from tests.projections.test_reporting import address
from tests.support.data.examples import (
    ADMIN,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
    publish,
)
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, words_of
from tests.support.served.forms import send as press
from tests.support.served.serving import (
    AUDITOR,
    PUBLISHER,
    REPORTING,
    Published,
    Service,
    serving,
    settings,
)

pytestmark = pytest.mark.slow

NAME = "Zebedee"
"""A name that no other text of the service has."""
STEM = "zebede"
"""The name as the index of a search has it."""
WORD = "quaggy"
"""A word to search for beside it: the page of a search repeats what was typed."""
TEXT = f"Find out what {WORD} thing happened to {NAME}."
SECOND_TEXT = f"Speak to {NAME}."
TITLE = f"{WORD.title()} inspection: {NAME}"
PASSAGE = f"Officers did not speak to {NAME}."
AREA = f"The force did not see {WORD} {NAME}."
OUTCOME = f"The force has since seen {WORD} {NAME}."
ADDRESS = f"https://example.org/{NAME}"
ROLES: tuple[Actor | None, ...] = (AUDITOR, PUBLISHER, ADMIN, KENT, KENT_BODY, REPORTING)


class World:
    """A report with two recommendations that name a child, some of it corrected since."""

    def __init__(self, service: Service, name: str = NAME) -> None:
        self.service, self.name, self.position = service, name, 0
        texts = [issue(text=self.named(TEXT)), issue(ordinal=2, text=self.named(SECOND_TEXT))]
        body = msgspec.to_builtins(publish(*texts, reference=f"kent-{uuid4().hex}-2022"))
        title = self.named(TITLE)
        body |= {"title": title, "address": self.named(ADDRESS), "sources": [title]}
        answer = service.post("/v1/reports", body)
        assert answer.status_code == 201, answer.text
        self.report = msgspec.convert(answer.json(), Published)
        self.first, self.second = self.report.recommendations

    def named(self, text: str) -> str:
        """A text with the name of this world."""
        return text.replace(NAME, self.name)

    def give(
        self, stream: str, tag: str, fields: Mapping[str, object], actor: Actor = INSPECTOR
    ) -> int:
        """Give a command; return the step after it."""
        kind = "reports" if stream == self.report.id else "recommendations"
        body = {"type": tag, **fields}
        answer = self.service.post(f"/v1/{kind}/{stream}/commands", body, actor)
        assert answer.status_code == 201, answer.text
        self.position = int(answer.json()["position"])
        return int(answer.json()["step"])

    def correct(self, stream: str, step: int, field: str, was: str) -> None:
        """Correct a text so that it does not have the name."""
        now = was.replace(self.name, "the child")
        fields = {"step": step, "field": field, "was": was, "now": now, "why": "A name."}
        self.give(stream, "correct", fields)

    def request(self, stream: str, step: int, field: str) -> int:
        """Request a suppression; return its step."""
        fields = {"step": step, "field": field, "ground": "safeguarding", "why": "It has a name."}
        return self.give(stream, "request_suppression", fields)

    def suppress(self, stream: str, step: int, field: str) -> None:
        """Suppress a text by two people."""
        approval = {"request": self.request(stream, step, field), "step": step, "field": field}
        self.give(stream, "approve_suppression", approval, OTHER_INSPECTOR)

    def level(self) -> None:
        """Wait until every list has come to the last command."""
        lists = ("recommendations", "reports", "statements", "progress", "worklist")
        for path in (*lists, "published-steps.csv"):
            address = f"/v1/{path}?position={self.position}"
            assert self.service.get(address, INSPECTOR).is_success, address

    def live(self) -> None:
        """Record what names the child beside the report, and correct most of it."""
        source, area = {"source": "Review of 2023"}, {"area": "leadership"}
        outcome = {"said_by": "force", "reading": "claim", "text": OUTCOME, **source}
        noted = {"reference": "kent-a1", "text": AREA, **area, **source}
        self.give(self.report.id, "note_area", noted)
        said = {"reference": "kent-o1", **area, **outcome}
        self.give(self.report.id, "note_report_outcome", said)
        self.give(self.first, "waive_action_plan", {"reason": "Small."})
        assigned = {"kind": "monitoring", "procedure": "2020"}
        self.give(self.first, "assign_follow_up", assigned)
        finding = {"finding": "met", "passage": PASSAGE, **source}
        self.give(self.first, "report_follow_up", finding)
        self.give(self.first, "note_outcome", {"reference": "kent-o2", **outcome})
        self.moment = self.service.get("/v1/ledger?limit=500", INSPECTOR).json()["items"][-1]["at"]
        self.correct(self.first, 1, "text", TEXT)
        self.correct(self.first, 4, "passage", PASSAGE)
        self.correct(self.report.id, 2, "text", AREA)

    def suppress_all(self) -> None:
        """Suppress every text that has the name."""
        for stream, step, field in (
            (self.first, 1, "text"),
            (self.first, 4, "passage"),
            (self.first, 5, "text"),
            (self.second, 1, "text"),
            (self.report.id, 1, "title"),
            (self.report.id, 1, "address"),
            (self.report.id, 2, "text"),
            (self.report.id, 3, "text"),
        ):
            self.suppress(stream, step, field)


class Suppressed:
    """The world after its suppressions, and what was read of it before."""

    def __init__(self, service: Service, elsewhere: Service, database: Database) -> None:
        self.world = World(service)
        self.world.live()
        self.world.level()
        eventually(lambda: schema.follow(database.conninfo(PROJECTOR)))
        self.read_by_sql = {audience: reader(database, audience) for audience in Audience}
        self.by_sql_before = self.by_sql()
        self.before = {path: service.get(path, INSPECTOR) for path in controls(self.world)}
        self.elsewhere = elsewhere
        for path in self.before:
            elsewhere.client.get(path, headers=service.headers(INSPECTOR))
        self.world.suppress_all()
        self.world.level()

    def by_sql(self) -> dict[tuple[Audience, str], bool]:
        """Whether a view shows the name to a login of an audience, by either."""
        return {
            (audience, name): NAME in str(rows)
            for audience, read in self.read_by_sql.items()
            for name, rows in read().items()
        }


def reader(database: Database, audience: Audience) -> Callable[[], dict[str, object]]:
    """Return a function that reads every view as a login of an audience."""
    name = f"{audience}_{uuid4().hex[:12]}"
    force = "kent" if audience == "force" else None
    login = address(database, name, make_login(database.conninfo(OWNER), name, audience, force))

    def read() -> dict[str, object]:
        with psycopg.connect(login) as connection:
            views = connection.execute("SELECT DISTINCT view FROM catalogue_v1").fetchall()
            tables = {view: SQL("TABLE {}").format(Identifier(view)) for (view,) in views}
            return {view: connection.execute(sql).fetchall() for view, sql in tables.items()}

    return read


@pytest.fixture(scope="module")
def suppressed(service: Service, make_database: Database) -> Generator[Suppressed]:
    """The suppressed world; another process has read it before, and serves it still."""
    with serving(make_database, keep=False, chosen=settings()) as elsewhere:
        yield Suppressed(service, elsewhere, make_database)


def controls(world: World) -> list[str]:
    """Addresses whose answers have the name before it is suppressed, of each kind that has one."""
    first, second, report = world.first, world.second, world.report.id
    then = world.moment.replace("+", "%2B")
    return [
        f"/v1/recommendations/{first}",
        f"/v1/recommendations/{first}?step=1",
        f"/v1/recommendations/{first}?known_at={then}",
        f"/v1/recommendations/{first}?on={then[:10]}&known_at={then}",
        f"/v1/recommendations/{first}/history",
        f"/v1/reports/{report}",
        f"/v1/reports/{report}?step=2",
        f"/v1/reports/{report}/history?known_at={then}",
        "/v1/ledger",
        "/v1/recommendations",
        f"/v1/recommendations?known_at={then}",
        f"/v1/recommendations?q={WORD}&known_at={then}",
        f"/v1/reports?q={WORD}",
        f"/v1/reports?q={WORD}&on={then[:10]}",
        "/v1/statements",
        f"/v1/restatement?known_at={then}",
        "/v1/compare?since=2000-01-01",
        f"/recommendations/{second}",
        f"/recommendations/{first}?step=1",
        f"/recommendations/{first}/history",
        f"/recommendations/{second}/correct",
        f"/reports/{report}",
        f"/recommendations?q={WORD}&known_at={then}",
        "/reports",
        "/forces/kent",
        f"/areas/leadership?known_at={then}",
        "/statements",
        f"/search?q={WORD}",
        "/feeds/reports.atom",
        "/feeds/recommendations.atom?force=kent",
        "/feeds/changes.atom?force=kent",
        "/forces/kent/deadlines.ics",
        "/work",
        f"/v1/recommendations/{first}/steps.csv",
        f"/v1/recommendations/{first}/history.ndjson",
        f"/v1/recommendations.csv?known_at={then}",
        "/v1/reports.csv",
        "/v1/statements.csv",
        "/v1/published-steps.csv",
        f"/v1/published-steps.csv?known_at={then}",
        "/v1/compare.csv?since=2000-01-01",
        *(f"/odata/v4/{name}" for name in ("recommendations", "reports", "statements", "steps")),
        f"/odata/v4/recommendations?known_at={then}",
        f"/odata/v4/recommendation_history?$filter=contains(text,'{WORD}')",
        f"/odata/v4/report_history?known_at={then}",
    ]


def routes(world: World) -> Iterator[str]:
    """The address of every route that can be read, about the report and the recommendations."""
    yield from (f"/odata/v4/{name}" for name in ENTITY_SETS)
    for handler in (*HANDLERS, *PAGES, *DOWNLOAD_ROUTES):
        for path in handler.paths:
            if "GET" in handler.http_methods and not path.startswith("/sign-"):
                for stream in (world.first, world.second) if of_recommendation(path) else ("",):
                    yield filled(path, stream or world.report.id)


def of_recommendation(path: str) -> bool:
    """Return whether a path is about one recommendation."""
    return "/recommendations/{" in path or "/downloads/" in path


def filled(path: str, stream: str) -> str:
    values = {
        "stream:uuid": stream, "code:str": "kent", "slug:str": "stale", "actor:str": KENT.id,
        "force:str": "kent", "ending:str": "csv",
        "of:str": "v", "name:str": "tracker.css", "address:str": "leadership",
        "tag:str": "comment", "step:int": "1", "sha256:str": "0" * 64,
        "field:str": "title" if "/reports/" in path else "text",
    }  # fmt: skip
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def queries(world: World, path: str) -> tuple[str, ...]:
    """The ways to ask a path for what it showed before: by step, by moment, by day, by word."""
    then = world.moment.replace("+", "%2B")
    if any(stream in path for stream in (world.first, world.second, world.report.id)):
        return f"?known_at={then}", "?step=1", f"?step=4&on={then[:10]}"
    return f"?known_at={then}", f"?q={WORD}&known_at={then}", f"?on={then[:10]}&q={WORD}"


def shows(answer: httpx.Response, name: str = NAME) -> bool:
    """Whether an answer has the name, in its body or its headers."""
    assert answer.status_code < 500, answer.text
    return name in answer.text or name in str(answer.headers)


def test_every_kind_of_answer_shows_a_text_until_it_is_suppressed(suppressed: Suppressed) -> None:
    assert [path for path, answer in suppressed.before.items() if not shows(answer)] == []


def test_a_suppressed_text_is_in_no_answer(suppressed: Suppressed, service: Service) -> None:
    naming: list[str] = []
    for path in sorted({*routes(suppressed.world)}):
        ways = [("", actor) for actor in (None, INSPECTOR, *ROLES)]
        ways += [(query, INSPECTOR) for query in queries(suppressed.world, path)]
        naming += [path + query for query, actor in ways if shows(service.get(path + query, actor))]
    naming += [path for path in suppressed.before if shows(service.get(path, INSPECTOR))]
    naming += [path for path in suppressed.before if shows(service.get(path))]
    assert naming == []


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("name", SOURCES)
def test_a_suppressed_text_is_in_no_file_of_any_format(
    suppressed: Suppressed, service: Service, name: str, ending: str
) -> None:
    then, source = suppressed.world.moment.replace("+", "%2B"), SOURCES[name]
    path = "/v1" + source.path.format(stream=suppressed.world.first, force="kent")
    for query in ("", f"?known_at={then}", f"?on={then[:10]}&known_at={then}"):
        answer = service.get(f"{path}.{ending}{query}", INSPECTOR)
        assert answer.status_code == 200, answer.text
        assert NAME not in str(READERS[ending](answer.content)), query


def test_a_suppressed_text_is_in_no_view_of_any_login(suppressed: Suppressed) -> None:
    shown = {name for (_, name), shows_it in suppressed.by_sql_before.items() if shows_it}
    assert shown >= {"recommendation_v1", "recommendation_history_v1", "report_v1", "statement_v1"}
    assert [place for place, shows_it in suppressed.by_sql().items() if shows_it] == []


def test_another_process_that_had_read_the_text_shows_it_no_more(suppressed: Suppressed) -> None:
    elsewhere, headers = suppressed.elsewhere, suppressed.world.service.headers(INSPECTOR)
    answers = {path: elsewhere.client.get(path, headers=headers) for path in suppressed.before}
    assert [path for path, answer in answers.items() if shows(answer)] == []


def test_a_process_that_starts_later_shows_no_suppressed_text(
    suppressed: Suppressed, make_database: Database
) -> None:
    with serving(make_database, keep=False, chosen=settings()) as restarted:
        headers = suppressed.world.service.headers(INSPECTOR)
        for path in suppressed.before:
            assert not shows(restarted.client.get(path, headers=headers)), path


def test_answers_say_that_a_text_was_removed_and_when(
    suppressed: Suppressed, service: Service
) -> None:
    first = suppressed.world.first
    history = service.get(f"/v1/recommendations/{first}/history", INSPECTOR).json()["items"]
    approved = next(item for item in history if item["tag"].endswith("suppression_approved"))
    day = approved["at"][:10]
    assert approved["event"] == {
        "type": "recommendation.suppression_approved", "request": 8, "step": 1, "field": "text",
    }  # fmt: skip
    before = service.get(f"/v1/recommendations/{first}?step=1").json()
    assert before["text"] == f"Text removed on {day}"
    assert service.get(f"/v1/recommendations/{first}").json()["text"].endswith("the child.")
    page = words_of(service.get(f"/recommendations/{first}"))
    assert "A text of step 1 was removed from publication" in page
    title = words_of(service.get(f"/reports/{suppressed.world.report.id}"))
    assert f"Text removed on {int(day[8:])} " in title
    assert day not in title, "a page has the day in words"


def test_a_search_for_its_words_does_not_lead_to_a_suppressed_text(
    suppressed: Suppressed, service: Service
) -> None:
    then = suppressed.world.moment.replace("+", "%2B")
    for path in ("/v1/recommendations", "/v1/reports"):
        for query in (f"q={NAME}", f"q={NAME}&known_at={then}"):
            assert service.get(f"{path}?{query}").json()["items"] == [], (path, query)


def test_the_tag_of_a_past_view_changes_with_a_suppression(
    suppressed: Suppressed, service: Service
) -> None:
    for path in (
        f"/v1/recommendations/{suppressed.world.first}?step=1",
        f"/v1/reports/{suppressed.world.report.id}?step=2",
        f"/recommendations/{suppressed.world.first}?step=1",
        "/feeds/reports.atom",
    ):
        stored = suppressed.before[path].headers["ETag"]
        again = service.get(path, If_None_Match=stored)
        assert again.status_code == 200, path
        assert service.get(path, If_None_Match=again.headers["ETag"]).status_code == 304, path
    tag = service.get(f"/v1/recommendations/{suppressed.world.first}?step=1").headers["ETag"]
    path = f"/v1/recommendations/{suppressed.world.first}/commands"
    stale = service.post(path, {"type": "comment", "comment": "Noted."}, If_Match=tag)
    assert stale.json()["type"].endswith("stale")
    assert NAME not in stale.text


def test_a_feed_says_that_an_entry_changed_with_its_suppression(
    suppressed: Suppressed, service: Service
) -> None:
    feed = service.get("/feeds/recommendations.atom?force=kent").text
    after = suppressed.before["/feeds/recommendations.atom?force=kent"].text
    updated = [text.split("<updated>")[2][:20] for text in (after, feed)]
    assert updated[0] < updated[1]


def test_no_table_but_the_ledgers_has_a_suppressed_text(
    suppressed: Suppressed, make_database: Database
) -> None:
    having: dict[str, int] = {}
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            sql = SQL("SELECT count(*) FROM {} t WHERE row_to_json(t)::text ILIKE {}")
            of = Identifier(schema, table)
            row = connection.execute(sql.format(of, f"%{STEM}%")).fetchone()
            having |= {f"{schema}.{table}": row[0]} if row and row[0] else {}
    assert suppressed.world.position
    assert having == {"public.ledger": 10}, "the view that reads the bytes of entries"


@pytest.mark.parametrize("model", READ_MODELS)
def test_a_list_with_suppressions_equals_its_rebuild(
    suppressed: Suppressed,
    make_database: Database,
    model: Any,  # noqa: ANN401  a class
) -> None:
    assert suppressed.world.position
    compared = rebuild(make_database, model, on_progress=lambda _done, _of: None, swap=True)
    assert compared.compared
    assert (compared.only_live, compared.only_new) == (0, 0), compared.samples


def test_an_export_has_the_hash_of_a_suppressed_entry_in_place_of_its_bytes(
    suppressed: Suppressed, make_database: Database
) -> None:
    written: list[bytes] = []
    export(make_database, written.append, lambda _done, _of: None)
    header, *lines = [json.loads(line) for line in b"".join(written).splitlines()]
    assert header["version"] == 2
    assert NAME.encode() not in b"".join(written)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute(
            "SELECT notification_id, originator_id::text, originator_version, topic, state,"
            " entry_id::text FROM ledger_events ORDER BY 1"
        ).fetchall()
    without = [row for row in rows if NAME.encode() in row[4]]
    assert len(without) == 10, "seven that hold a text or several, and three corrections"
    assert [line for line in lines if "suppressed" in line] == [
        {
            "position": position, "stream": stream, "step": step, "tag": tag,
            "suppressed": sha256(state).hexdigest(),
        }
        for position, stream, step, tag, state, _ in without
    ]  # fmt: skip
    assert all("entry" in line for line in lines if line["position"] not in {r[0] for r in without})
    assert not any(row[5].encode() in b"".join(written) for row in without), "the ids stay hidden"
    assert suppressed.world.position


def test_the_ledger_proves_itself_with_suppressions(
    suppressed: Suppressed, make_database: Database
) -> None:
    assert suppressed.world.position
    with Ledger(environment(make_database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
    assert checker.faults == []


def test_of_several_approvals_at_once_one_is_recorded(service: Service) -> None:
    world = World(service, "Ottoline")
    request = world.request(world.first, 1, "text")
    body = {"type": "approve_suppression", "request": request, "step": 1, "field": "text"}
    path = f"/v1/recommendations/{world.first}/commands"
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(service.post, path, body, by) for by in (OTHER_INSPECTOR, ADMIN) * 2]
    statuses = sorted(answer.result().status_code for answer in sent)
    assert statuses == [201, 409, 409, 409]
    step = service.get(f"/v1/recommendations/{world.first}").json()["step"]
    assert step == request + 1


def test_a_rival_correction_does_not_carry_a_text_past_its_suppression(service: Service) -> None:
    world = World(service, "Philippa")
    about = {"step": 1, "field": "text"}
    request = world.request(world.first, 1, "text")
    path = f"/v1/recommendations/{world.first}/commands"
    approval = {"type": "approve_suppression", "request": request, **about}
    text = world.named(TEXT)
    correction = {"type": "correct", **about, "was": text, "now": "Do it.", "why": "A slip."}
    with ThreadPoolExecutor(2) as pool:
        approved = pool.submit(service.post, path, approval, OTHER_INSPECTOR)
        corrected = pool.submit(service.post, path, correction, INSPECTOR)
    assert approved.result().status_code == 201
    assert corrected.result().status_code in {201, 409}, "before, or refused after"
    for query in ("", "?step=1", "/history"):
        answer = service.get(f"/v1/recommendations/{world.first}{query}", INSPECTOR)
        assert not shows(answer, "Philippa")


def test_two_people_suppress_a_text_on_pages(service: Service, make_database: Database) -> None:
    world = World(service, "Rosalind")
    asking = Browser(service).sign_in(make_database, PUBLISHER)
    page = f"/recommendations/{world.first}"
    form = f"{page}/record/request_suppression/1/text"
    assert f'href="{form}"' in asking.get(f"{page}/history").text
    typed = {"ground": "safeguarding", "why": "It names a child."}
    check = press(asking, posted(asking.get(form)), "check", typed)
    assert "It names a child." in words_of(check)
    done = press(asking, posted(check), "record")
    assert done.status_code == 303, done.text
    agreeing = f"{page}/record/approve_suppression/1/text"
    assert f'href="{agreeing}"' not in asking.get(f"{page}/history").text
    other = Browser(service).sign_in(make_database, OTHER_INSPECTOR)
    position = service.get(f"/v1{page}").json()["position"]
    assert "to remove a published text" in words_of(other.get(f"/work?position={position}"))
    for place in (page, f"{page}/history"):
        assert f'href="{agreeing}"' in other.get(place).text, place
    assert shows(other.get(agreeing), "Rosalind"), "who agrees reads the text once more"
    check = press(other, posted(other.get(agreeing)), "check")
    assert press(other, posted(check), "record").status_code == 303
    history = other.get(f"{page}/history").text
    report = world.named(TITLE)  # a text of its own, which nobody suppressed
    assert report in history
    assert "Rosalind" not in history.replace(report, "")
    gone = other.get(agreeing)
    assert gone.status_code == 409, gone.text


def test_a_text_of_a_report_is_suppressed_on_pages_too(
    service: Service, make_database: Database
) -> None:
    world = World(service, "Winifred")
    page = f"/reports/{world.report.id}"
    for actor, tag, typed in (
        (INSPECTOR, "request_suppression", {"ground": "court_order", "why": "An order."}),
        (ADMIN, "approve_suppression", {}),
    ):
        browser = Browser(service).sign_in(make_database, actor)
        form = f"{page}/record/{tag}/1/title"
        assert f'href="{form}"' in browser.get(f"{page}/history").text
        opened = browser.get(form)
        assert "every step that has it" not in words_of(opened), "it is in one step alone"
        check = press(browser, posted(opened), "check", typed)
        assert press(browser, posted(check), "record").status_code == 303
    answer = service.get(f"/v1{page}?step=1").json()
    assert answer["title"].startswith("Text removed on ")
    assert answer["sources"] == [answer["title"]], "the same text in another field"


def test_the_form_names_other_recommendations_with_the_same_text(
    service: Service, make_database: Database
) -> None:
    references = [f"kent-twin-{uuid4().hex[:8]}-2022" for _ in range(2)]
    text, streams = "Find the twins Castor and Pollux.", list[str]()
    for reference in references:
        body = msgspec.to_builtins(publish(issue(text=text), reference=reference))
        answer = service.post("/v1/reports", body)
        published = msgspec.convert(answer.json(), Published)
        assert service.get(f"/v1/recommendations?position={published.position}").is_success
        streams.extend(published.recommendations)
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    form = browser.get(f"/recommendations/{streams[1]}/record/request_suppression/1/text")
    assert f"Other recommendations have the same text: {references[0]}-r01." in words_of(form)
