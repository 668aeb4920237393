"""Sessions: new at every sign-in, stored only as a hash, and over at once when ended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.identity.links import make_link
from adapters.identity.sessions import CLEARED_MAX
from adapters.identity.token_format import hash_of
from adapters.postgres.database import APP, OWNER, Database
from api.http.cookies import SESSION
from domain.vocabulary.actors import Actor, Role
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT
from tests.support.served.browser import OURS, Browser, Clock, set_cookies
from tests.support.served.serving import AUDITOR, Served, Service, published


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def served(clock: Clock) -> Served:
    return Served(clock=clock)


@pytest.fixture(autouse=True)
def empty(make_database: Database, clock: Clock) -> None:
    clock.at = datetime.now(UTC)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("TRUNCATE sessions, people, pending_sign_ins, sign_in_links, rates")


def signed_in(service: Service, database: Database, actor: Actor = INSPECTOR) -> Browser:
    return Browser(service).sign_in(database, actor)


def link(database: Database, actor: Actor = INSPECTOR) -> str:
    return make_link(database.conninfo(OWNER), actor)


def one(database: Database, query: str) -> tuple[object, ...]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return row


def tables(database: Database) -> dict[str, str]:
    """Every row of every table, as text."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            name: "\n".join(
                row[0]
                for row in connection.execute(
                    SQL("SELECT t::text FROM {} t").format(Identifier(name))
                )
            )
            for (name,) in names
        }


# One-time links


def test_a_link_signs_in_its_actor(service: Service, make_database: Database) -> None:
    browser = Browser(service)
    answer = browser.post("/sign-in/link", {"code": link(make_database, KENT)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")
    told = browser.get("/v1/session").json()
    assert (told["actor"], told["role"], told["force"]) == (KENT.id, "force", "kent")
    assert told["session"]["way"] == "link"


def test_the_whole_link_can_be_pasted_instead_of_its_code(
    service: Service, make_database: Database
) -> None:
    code = f" http://127.0.0.1:8000/sign-in/link#{link(make_database)}\n"
    assert Browser(service).post("/sign-in/link", {"code": code}).status_code == 303


def test_opening_a_link_does_not_use_it_up(service: Service, make_database: Database) -> None:
    code = link(make_database)
    for path in (f"/sign-in/link#{code}", f"/sign-in/link?code={code}"):
        page = service.client.get(path)
        assert page.status_code == 200
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert service.client.head(path).status_code == 200
        assert code not in page.text
        assert 'action="/sign-in/link"' in page.text
    assert Browser(service).post("/sign-in/link", {"code": code}).status_code == 303


def test_a_link_used_concurrently_signs_in_exactly_one_browser(
    service: Service, make_database: Database
) -> None:
    code = link(make_database)

    def sign_in(_: int) -> int:
        return Browser(service).post("/sign-in/link", {"code": code}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sign_in, range(8)))
    assert sorted(answers) == [303] + [400] * 7
    again = Browser(service).post("/sign-in/link", {"code": code})
    assert again.json()["type"] == "/problems/sign-in-failed"
    assert "Set-Cookie" not in again.headers


def test_a_link_ends_after_ten_minutes(
    service: Service, make_database: Database, clock: Clock
) -> None:
    early, late = (make_link(make_database.conninfo(OWNER), KENT, clock) for _ in range(2))
    clock.forward(minutes=9, seconds=59)
    assert Browser(service).post("/sign-in/link", {"code": early}).status_code == 303
    clock.forward(seconds=1)
    assert Browser(service).post("/sign-in/link", {"code": late}).status_code == 400


@pytest.mark.parametrize("code", ["", "#", "rsl_", "\x00", "x" * 5_000, "\ud7ff"])
def test_a_malformed_code_is_refused(service: Service, code: str) -> None:
    assert Browser(service).post("/sign-in/link", {"code": code}).status_code == 400


def test_a_link_sent_from_another_site_signs_nobody_in(
    service: Service, make_database: Database
) -> None:
    code = link(make_database)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = Browser(service).post("/sign-in/link", {"code": code}, headers)
        assert answer.json()["type"] == "/problems/cross-site"
    assert Browser(service).post("/sign-in/link", {"code": code}).status_code == 303


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        (Actor("one", Role.REPORTING), "cannot sign in"),
        (Actor("one", Role.PUBLIC), "cannot sign in"),
        (Actor("one", Role.IMPORTER), "cannot sign in"),
        (Actor("one", Role.FORCE), "needs a force"),
        (Actor("one", Role.FORCE, "national"), "needs a force"),
        (Actor("one", Role.ADMIN, "kent"), "no force of its own"),
        (Actor("Jane Doe", Role.ADMIN), "is not an actor"),
    ],
)
def test_a_link_for_an_unsuitable_actor_is_not_made(
    make_database: Database, actor: Actor, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        link(make_database, actor)


# Cookies


def test_the_session_cookie_is_host_only_and_hidden_from_scripts(
    service: Service, make_database: Database
) -> None:
    answer = Browser(service).post("/sign-in/link", {"code": link(make_database)})
    (line,) = answer.headers.get_list("set-cookie")
    name, _, rest = line.partition("=")
    assert name == "__Host-session"
    value, *attributes = [part.strip() for part in rest.split(";")]
    assert len(value) == 43
    assert {part.lower() for part in attributes} == {
        "path=/", "secure", "httponly", "samesite=lax"
    }  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_planted_cookie_opens_no_session_before_or_after_sign_in(
    service: Service, make_database: Database
) -> None:
    planted = "A" * 43
    attacker, victim = (Browser(service, {SESSION: planted}) for _ in range(2))
    assert attacker.get("/v1/session").status_code == 401
    attacker.cookies = {SESSION: planted}
    victim.sign_in(make_database, INSPECTOR)
    assert victim.session != planted
    assert victim.get("/v1/session").status_code == 200
    assert attacker.get("/v1/session").status_code == 401
    assert hash_of(planted).hex() not in tables(make_database)["sessions"]


def test_signing_in_again_starts_a_new_session_and_ends_the_old(
    service: Service, make_database: Database
) -> None:
    browser = signed_in(service, make_database)
    old = Browser(service, browser.cookies)
    browser.sign_in(make_database, INSPECTOR)
    assert browser.session != old.session
    assert browser.get("/v1/session").status_code == 200
    assert old.get("/v1/session").status_code == 401


def test_a_link_for_another_role_ends_the_older_sessions_of_its_actor(
    service: Service, make_database: Database
) -> None:
    actor = Actor("two-roles", Role.INSPECTOR)
    before = Browser(service).sign_in(make_database, actor)
    same = Browser(service).sign_in(make_database, actor)
    assert before.get("/v1/session").status_code == 200
    after = Browser(service).sign_in(make_database, Actor(actor.id, Role.FORCE, "kent"))
    assert [browser.get("/v1/session").status_code for browser in (before, same)] == [401, 401]
    assert after.get("/v1/session").json()["role"] == "force"
    told = service.get(f"/v1/access/{actor.id}", AUDITOR).json()["items"]
    assert [item["tag"] for item in told][-2:] == ["access.signed_in", "access.role_changed"]


def test_an_unknown_cookie_is_no_sign_in_and_is_cleared(service: Service) -> None:
    for path, status in (("/v1/forces", 200), ("/v1/worklist", 401), ("/v1/nothing", 404)):
        for value in ("x", "A" * 43, "A" * 4_000, "é"):
            answer = service.client.get(path, headers={b"Cookie": f"{SESSION}={value}".encode()})
            assert answer.status_code == status
            if status != 404:
                assert set_cookies(answer)[SESSION]["max-age"] == "0"
                assert answer.headers["Cache-Control"] == "no-store"


def test_only_hashes_of_session_secrets_are_in_the_database(
    service: Service, make_database: Database
) -> None:
    unused = link(make_database, KENT)
    browser = signed_in(service, make_database)
    csrf = browser.csrf
    kept = "\n".join(tables(make_database).values())
    assert sha256(browser.session.encode()).hexdigest() in kept
    for secret in (unused, browser.session, csrf):
        assert secret not in kept
        assert secret.encode().hex() not in kept


def test_a_visitor_leaves_no_rows_in_the_database(
    service: Service, make_database: Database
) -> None:
    for path in ("/v1/forces", "/sign-in", "/sign-in/link", "/sign-in/callback", "/v1/session"):
        answer = Browser(service, {SESSION: "x" * 43}).get(path)
        assert answer.status_code in {200, 401, 404}
        assert SESSION not in {k for k, v in set_cookies(answer).items() if v["max-age"] != "0"}
        service.client.get(path)
    found = tables(make_database)
    assert not found["sessions"] + found["people"] + found["pending_sign_ins"]


def test_a_token_takes_precedence_over_a_cookie(service: Service, make_database: Database) -> None:
    browser = signed_in(service, make_database, ADMIN)
    answer = browser.get("/v1/session", Authorization=f"Bearer {service.tokens[KENT]}")
    assert answer.json() == {
        "actor": KENT.id, "role": "force", "force": "kent", "session": None
    }  # fmt: skip
    assert browser.get("/v1/session", Authorization="Bearer nonsense").status_code == 401


def test_no_cache_keeps_a_response_to_a_session(service: Service, make_database: Database) -> None:
    browser = signed_in(service, make_database)
    for path in ("/v1/forces", "/v1/session", "/v1/worklist", "/v1/ledger?limit=1"):
        answer = browser.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "Cookie" in answer.headers["Vary"]
    assert "no-store" not in service.client.get("/v1/forces").headers["Cache-Control"]


# Ends


def test_a_stolen_cookie_is_worthless_after_sign_out(
    service: Service, make_database: Database
) -> None:
    browser = signed_in(service, make_database)
    thief = Browser(service, browser.cookies)
    other = signed_in(service, make_database)
    assert thief.get("/v1/worklist").status_code == 200
    answer = browser.post("/sign-out", {"_csrf": browser.csrf})
    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert SESSION not in browser.cookies
    assert thief.get("/v1/worklist").status_code == 401
    assert other.get("/v1/worklist").status_code == 200


def test_signing_out_everywhere_ends_all_sessions_of_the_actor(
    service: Service, make_database: Database
) -> None:
    mine = [signed_in(service, make_database) for _ in range(3)]
    other = signed_in(service, make_database, KENT)
    mine[0].post("/sign-out", {"_csrf": mine[0].csrf, "everywhere": "yes"})
    assert [browser.get("/v1/session").status_code for browser in mine] == [401] * 3
    assert other.get("/v1/session").status_code == 200


def test_a_get_request_signs_nobody_out(service: Service, make_database: Database) -> None:
    browser = signed_in(service, make_database)
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/v1/session").status_code == 200


def test_every_actor_sees_and_ends_their_own_sessions(
    service: Service, make_database: Database
) -> None:
    here, there = (signed_in(service, make_database) for _ in range(2))
    signed_in(service, make_database, KENT)
    items = here.get("/v1/sessions").json()["items"]
    assert {item["actor"] for item in items} == {INSPECTOR.id}
    assert sorted(item["current"] for item in items) == [False, True]
    away = next(item["id"] for item in items if not item["current"])
    headers = {**OURS, "X-CSRF-Token": here.csrf}
    assert here.send("DELETE", f"/v1/sessions/{away}", headers=headers).json() == {"ended": 1}
    assert there.get("/v1/session").status_code == 401
    assert here.send("DELETE", "/v1/sessions", headers=headers).json() == {"ended": 1}
    assert SESSION not in here.cookies


def test_an_admin_ends_the_sessions_of_any_actor_at_once(
    service: Service, make_database: Database
) -> None:
    browsers = [signed_in(service, make_database, KENT) for _ in range(3)]
    admin = signed_in(service, make_database, ADMIN)
    headers = {**OURS, "X-CSRF-Token": admin.csrf}
    items = admin.get("/v1/sessions").json()["items"]
    assert {item["actor"] for item in items} == {KENT.id, ADMIN.id}
    first = Browser(service, browsers[0].cookies).get("/v1/session").json()["session"]["id"]
    assert admin.send("DELETE", f"/v1/sessions/{first}", headers=headers).is_success
    assert browsers[0].get("/v1/session").status_code == 401
    ended = admin.send("DELETE", f"/v1/sessions?actor={KENT.id}", headers=headers)
    assert ended.json() == {"ended": 2}
    assert [browser.get("/v1/session").status_code for browser in browsers] == [401] * 3
    assert admin.get("/v1/session").status_code == 200


@pytest.mark.parametrize("actor", [INSPECTOR, ESSEX, AUDITOR])
def test_other_roles_neither_see_nor_end_sessions_of_others(
    service: Service, make_database: Database, actor: Actor
) -> None:
    theirs = signed_in(service, make_database, KENT)
    identity = theirs.get("/v1/session").json()["session"]["id"]
    browser = signed_in(service, make_database, actor)
    headers = {**OURS, "X-CSRF-Token": browser.csrf}
    for path, status in (
        (f"/v1/sessions/{identity}", 404),
        (f"/v1/sessions/{uuid4()}", 404),
        (f"/v1/sessions?actor={KENT.id}", 403),
    ):
        assert browser.send("DELETE", path, headers=headers).status_code == status
    assert browser.get(f"/v1/sessions?actor={KENT.id}").status_code == 403
    assert theirs.get("/v1/session").status_code == 200


def test_the_list_of_sessions_is_paged(service: Service, make_database: Database) -> None:
    admin = signed_in(service, make_database, ADMIN)
    for _ in range(3):
        signed_in(service, make_database, KENT)
    path, found = f"/v1/sessions?limit=2&actor={KENT.id}", list[str]()
    while path:
        answer = admin.get(path)
        found += [item["id"] for item in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url", "")
    assert (len(set(found)), found) == (3, sorted(found, reverse=True))


# On record


def access(service: Service, actor: Actor) -> list[dict[str, Any]]:
    answer = service.get(f"/v1/access/{actor.id}", AUDITOR)
    return answer.json()["items"] if answer.is_success else []


def test_a_sign_in_and_its_end_are_on_record(service: Service, make_database: Database) -> None:
    before = len(access(service, ESSEX))
    browser = signed_in(service, make_database, ESSEX)
    told = browser.get("/v1/session").json()["session"]["id"]
    browser.post("/sign-out", {"_csrf": browser.csrf})
    begun, ended = access(service, ESSEX)[before:]
    assert (begun["tag"], begun["event"]["way"]) == ("access.signed_in", "link")
    assert (begun["actor"], begun["role"]) == (ESSEX.id, "force")
    assert ended["tag"] == "access.signed_out"
    assert begun["event"]["session"] == ended["event"]["session"] == told


def test_an_admin_ending_sessions_is_on_record(service: Service, make_database: Database) -> None:
    signed_in(service, make_database, ESSEX)
    admin = signed_in(service, make_database, ADMIN)
    headers = {**OURS, "X-CSRF-Token": admin.csrf}
    path = f"/v1/sessions?actor={ESSEX.id}"
    assert admin.send("DELETE", path, headers=headers).json() == {"ended": 1}
    assert admin.send("DELETE", path, headers=headers).json() == {"ended": 0}
    last = access(service, ESSEX)[-1]
    assert (last["tag"], last["actor"]) == ("access.sessions_ended", ADMIN.id)
    assert access(service, ESSEX)[-2]["tag"] == "access.signed_in", "nothing ended, nothing told"


def test_no_sign_in_succeeds_off_the_record(service: Service, make_database: Database) -> None:
    code = link(make_database)
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION ledger_append FROM tracker_app")
        answer = Browser(service).post("/sign-in/link", {"code": code})
        connection.execute("GRANT EXECUTE ON FUNCTION ledger_append TO tracker_app")
    assert answer.status_code == 500
    assert SESSION not in set_cookies(answer)


# Limits


def test_an_unused_session_ends_after_thirty_minutes(
    service: Service, make_database: Database, clock: Clock
) -> None:
    browser, other = (signed_in(service, make_database) for _ in range(2))
    clock.forward(minutes=29)
    assert browser.get("/v1/session").status_code == 200
    clock.forward(minutes=29)
    assert browser.get("/v1/session").status_code == 200, "it was used meanwhile"
    assert other.get("/v1/session").status_code == 401
    clock.forward(minutes=30)
    assert browser.get("/v1/session").status_code == 401


@pytest.mark.slow
def test_a_session_ends_after_eight_hours_despite_use(
    service: Service, make_database: Database, clock: Clock
) -> None:
    browser = signed_in(service, make_database)
    ends = datetime.fromisoformat(browser.get("/v1/session").json()["session"]["ends_at"])
    assert ends - clock.at == timedelta(hours=8)
    for _ in range(23):
        clock.forward(minutes=20)
        assert browser.get("/v1/session").status_code == 200
    clock.forward(minutes=20)
    assert browser.get("/v1/session").status_code == 401


def test_using_a_session_writes_at_most_once_a_minute(
    service: Service, make_database: Database, clock: Clock
) -> None:
    browser = signed_in(service, make_database)
    version = "SELECT xmin::text FROM sessions"
    before = one(make_database, version)
    for _ in range(5):
        clock.forward(seconds=11)
        browser.get("/v1/session")
        browser.get("/v1/forces")
    assert one(make_database, version) == before
    clock.forward(seconds=5)
    browser.get("/v1/session")
    renewed = one(make_database, version)
    assert renewed != before
    browser.get("/v1/session")
    assert one(make_database, version) == renewed


def test_ended_sessions_are_removed_in_batches_at_each_sign_in(
    service: Service, make_database: Database, clock: Clock
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO sessions SELECT gen_random_uuid(), sha256(n::text::bytea), 'old', 'admin',"
            " NULL, 'link', $1, $1, $1 FROM generate_series(1, %s) n".replace("$1", "%s"),
            (*[clock.at - timedelta(hours=1)] * 3, CLEARED_MAX + 1),
        )
    for left in (1, 0):
        signed_in(service, make_database)
        assert one(make_database, "SELECT count(*) FROM sessions WHERE actor = 'old'") == (left,)


# Cross-site requests


def comment(service: Service, browser: Browser, headers: dict[str, str]) -> int:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    body = {"type": "comment", "comment": "Noted."}
    path = f"/v1/recommendations/{stream}/commands"
    return browser.send("POST", path, headers=headers, json=body).status_code


def test_a_command_by_cookie_needs_our_origin_and_the_csrf_token(
    service: Service, make_database: Database
) -> None:
    browser, other = (signed_in(service, make_database) for _ in range(2))
    token = {"X-CSRF-Token": browser.csrf}
    own = {"Origin": service.url}
    for headers, status in (
        ({**OURS, **token}, 201),
        ({"Sec-Fetch-Site": "none", **token}, 201),
        ({**own, **token}, 201),
        (token, 403),
        (OURS, 403),
        (own, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-site", **token}, 403),
        ({"Sec-Fetch-Site": "cross-site", **own, **token}, 403),
        ({"Origin": "null", **token}, 403),
        ({"Origin": "https://evil.example", **token}, 403),
        ({"Origin": f"{service.url}.evil.example", **token}, 403),
        ({**OURS, "X-CSRF-Token": other.csrf}, 403),
        ({**OURS, "X-CSRF-Token": ""}, 403),
    ):
        assert comment(service, browser, headers) == status, headers


def test_a_command_by_bearer_token_needs_no_origin_or_csrf_token(
    service: Service, make_database: Database
) -> None:
    browser = signed_in(service, make_database, KENT)
    bearer = {"Authorization": f"Bearer {service.tokens[INSPECTOR]}"}
    assert comment(service, browser, bearer) == 201


@pytest.mark.parametrize(
    "form", [{}, {"_csrf": ""}, {"_csrf": "x"}, {"_csrf": "A" * 43}, {"other": "x"}]
)
def test_another_site_signs_nobody_out(
    service: Service, make_database: Database, form: dict[str, str]
) -> None:
    browser = signed_in(service, make_database)
    assert browser.post("/sign-out", form).status_code == 403
    right = {"_csrf": browser.csrf}
    assert browser.post("/sign-out", right, {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/v1/session").status_code == 200


def test_a_sign_out_form_that_is_too_large_is_refused(
    service: Service, make_database: Database
) -> None:
    browser = signed_in(service, make_database)
    many = {f"f{number}": "x" for number in range(1_000)}
    assert browser.post("/sign-out", {"_csrf": browser.csrf, **many}).status_code == 400
    assert browser.post("/sign-out", {"_csrf": "x" * 2_000_000}).status_code == 413
    assert browser.get("/v1/session").status_code == 200


# The database's own line


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sign_in_links VALUES (sha256('x'), 'a', 'admin', NULL, now())",
        "UPDATE sign_in_links SET role = 'admin'",
        "UPDATE sessions SET role = 'admin'",
        "UPDATE sessions SET ends_at = now()",
        "UPDATE people SET actor = 'a'",
        "UPDATE people SET subject = 'a'",
        "DELETE FROM people",
        "TRUNCATE sessions",
        "UPDATE pending_sign_ins SET return_to = '/'",
    ],
)
def test_the_service_role_cannot_change_identities_and_sessions_directly(
    make_database: Database, statement: str
) -> None:
    with (
        psycopg.connect(make_database.conninfo(APP)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
