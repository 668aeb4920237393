"""Tokens: every route denied by default, and hidden streams look missing."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog

from adapters.identity import tokens
from adapters.identity.token_format import well_formed
from adapters.postgres.database import OWNER, Database
from api.http.problem_types import REALM
from api.http.refusal_log import LINES_MAX, WINDOW_SECONDS, Refusals
from api.pages.rendering.assets import version
from api.pages.routes import PAGES
from api.request.authentication import is_public
from api.routes import HANDLERS
from api.v1.odata.handlers import ODATA_ROUTES
from domain.events.access import AccessEvent, TokenRotated
from domain.vocabulary.actors import Actor, Role, Scope
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT, issue
from tests.support.matrices.route_matrix import QUERIES
from tests.support.served.serving import (
    AUDITOR,
    EVERYBODY,
    REPORTING,
    Published,
    Service,
    published,
    token_of,
    unrecorded,
)

SIGN_IN = {"/sign-in", "/sign-in/link", "/sign-in/callback"}
OF_MAILS: dict[str, dict[str, int]] = {
    "/alerts": {"POST": 409},
    "/messages/confirm/{token:str}": {"GET": 404, "POST": 404},
    "/messages/unsubscribe/{recipient:uuid}": {},
}
"""Public routes for mails, where none are sent, and their answers that are not 200."""
PUBLIC = {
    "/health/live",
    "/health/ready",
    "/problems/{slug:str}",
    "/v1/openapi.json",
    "/v1/areas",
    "/v1/measures",
    "/v1/notices",
    "/v1/claims",
    "/v1/compare",
    "/v1/slippage",
    "/v1/statements",
    "/v1/forces",
    "/v1/forces/{code:str}",
    "/v1/progress",
    "/v1/progress/{code:str}",
    "/v1/recommendations",
    "/v1/recommendations/{stream:uuid}",
    "/v1/reports",
    "/v1/reports/{stream:uuid}",
    "/v1/restatement",
    "/v1/search",
    "/static/{of:str}/{name:str}",
    "/",
    "/recommendations",
    "/recommendations/{stream:uuid}",
    "/reports",
    "/reports/{stream:uuid}",
    "/areas",
    "/measures",
    "/claims",
    "/areas/{address:str}",
    "/forces",
    "/forces/{code:str}",
    "/progress",
    "/board-pack",
    "/data",
    "/data.zip",
    "/data/catalogue.jsonld",
    "/board-pack.pdf",
    "/board-pack/{code:str}",
    "/compare",
    "/slippage",
    "/statements",
    "/restatement",
    "/about",
    "/about/methodology",
    "/about/verify",
    "/about/accessibility",
    "/contact",
    "/contact/{reference:str}",
    "/alerts",
    "/messages/confirm/{token:str}",
    "/messages/unsubscribe/{recipient:uuid}",
    "/late",
    "/v1/late",
    "/charts/stages.svg",
    "/charts/months.svg",
    "/charts/forces.svg",
    "/charts/forces-months.svg",
    "/charts/flow.svg",
    "/charts/areas.svg",
    "/charts/ages.svg",
    "/feeds/reports.atom",
    "/feeds/recommendations.atom",
    "/feeds/changes.atom",
    "/forces/{code:str}/deadlines.ics",
    "/search",
    "/training",
    "/data/sql",
    "/data/sql/{view:str}",
    "/odata/v4",
    "/odata/v4/$metadata",
    "/odata/v4/{entity_set:str}",
    "/odata/v4/{entity_set:str}/$count",
}
PRIVATE_ADDRESSES = {"/private/{secret:str}/changes.atom", "/private/{secret:str}/deadlines.ics"}
"""Routes that hide: without the secret of an address there is nothing."""
BY_REFERENCE = {"/contact/{reference:str}"}
"""Public routes that need a reference which nobody can guess."""
ROUTES = [
    (method, path, is_public(handler))
    for handler in (*HANDLERS, *PAGES, *ODATA_ROUTES)
    for path in sorted(handler.paths)
    for method in sorted(handler.http_methods)
]


@pytest.fixture(scope="module")
def report(service: Service) -> Published:
    found = published(service, "kent-auth-2022")
    assert service.get("/v1/ledger", AUDITOR).is_success, "so that there is access on record"
    return found


def address_of(path: str, report: Published) -> str:
    stream = report.id if "/reports/" in path else report.recommendations[0]
    for name, value in (
        ("stream:uuid", stream),
        ("code:str", "kent"),
        ("secret:str", "a-secret"),
        ("slug:str", "stale"),
        ("identity:uuid", str(UUID(int=0))),
        ("subscription:uuid", str(UUID(int=0))),
        ("actor:str", AUDITOR.id),
        ("of:str", version()),
        ("name:str", "tracker.css"),
        ("address:str", "leadership"),
        ("tag:str", "comment"),
        ("step:int", "1"),
        ("reference:str", "0000000000"),
        ("field:str", "area"),
        ("token:str", "of-no-mail"),
        ("recipient:uuid", str(UUID(int=0))),
        ("sha256:str", "0" * 64),
        ("view:str", "recommendation_v1"),
        ("entity_set:str", "recommendations"),
    ):
        path = path.replace(f"{{{name}}}", value)
    return path + QUERIES.get(path, "")


def is_served(service: Service, method: str, path: str, headers: dict[str, str]) -> int:
    return service.client.request(method, path, headers=headers).status_code


# Routes


def test_public_routes_are_the_listed_ones_and_only_sign_in_contact_and_mails_write() -> None:
    assert {path for _, path, public in ROUTES if public} == PUBLIC | SIGN_IN
    assert {(method, path) for method, path, public in ROUTES if public and method != "GET"} == {
        ("POST", "/sign-in/link"),
        ("POST", "/contact"),
        ("POST", "/alerts"),
        ("POST", "/messages/confirm/{token:str}"),
        ("POST", "/messages/unsubscribe/{recipient:uuid}"),
    }


@pytest.mark.parametrize(("method", "path", "public"), ROUTES)
def test_a_route_requires_a_token_unless_it_is_public(
    service: Service, report: Published, method: str, path: str, *, public: bool
) -> None:
    answer = service.client.request(method, address_of(path, report))
    if path in SIGN_IN:
        assert "WWW-Authenticate" not in answer.headers
    elif (method, path) == ("POST", "/contact"):
        assert answer.json()["type"] == "/problems/cross-site"
    elif path in OF_MAILS:
        assert answer.status_code == OF_MAILS[path].get(method, 200)
    elif public and path not in BY_REFERENCE:
        assert answer.status_code == 200
    elif path in PRIVATE_ADDRESSES | BY_REFERENCE:
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    else:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{REALM}"'
        assert answer.json()["type"] == "/problems/unauthenticated"


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "public"), ROUTES)
def test_no_route_accepts_a_wrong_token(
    service: Service, report: Published, method: str, path: str, *, public: bool
) -> None:
    right = service.tokens[INSPECTOR]
    for sent in (
        f"Bearer {right[:-1]}",
        "Bearer",
        f"Basic {right}",
        right,
        "",
        "Bearer x y",
    ):
        answer = service.client.request(
            method, address_of(path, report), headers={"Authorization": sent}
        )
        assert answer.status_code == 401, (sent, public)
        assert answer.headers["WWW-Authenticate"] == (
            f'Bearer realm="{REALM}", error="invalid_token"'
        )
        assert right not in answer.text


def test_a_token_is_accepted_only_once_and_in_the_header(service: Service) -> None:
    right = service.tokens[INSPECTOR]
    twice = [("Authorization", f"Bearer {right}"), ("Authorization", f"Bearer {right}")]
    assert service.client.get("/v1/worklist", headers=twice).status_code == 401
    for query in (f"token={right}", f"force={right}", "access_token=x", "Authorization=x"):
        answer = service.client.get(f"/v1/worklist?{query}", headers=service.headers(INSPECTOR))
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/token-in-address")
        assert right not in answer.text
    assert service.client.get(
        "/v1/worklist", headers={"Authorization": f"bearer {right}"}
    ).is_success


# Tokens


def test_a_token_ends_when_it_is_revoked(service: Service, make_database: Database) -> None:
    owner = make_database.conninfo(OWNER)
    text, identity = tokens.create(
        owner,
        actor="brief",
        role=Role.INSPECTOR,
        force=None,
        expires_at=datetime.now(UTC) + timedelta(days=1),
        record=unrecorded,
    )
    sent = {"Authorization": f"Bearer {text}"}
    assert is_served(service, "GET", "/v1/worklist", sent) == 200
    assert tokens.revoke(owner, identity, record=unrecorded)
    assert is_served(service, "GET", "/v1/worklist", sent) == 401
    assert is_served(service, "GET", "/v1/forces", sent) == 401
    assert not tokens.revoke(owner, identity, record=unrecorded)
    assert not tokens.revoke(owner, uuid4(), record=unrecorded)


def test_a_token_ends_when_it_expires(service: Service, make_database: Database) -> None:
    text = token_of(make_database, Actor("late", Role.INSPECTOR))
    sent = {"Authorization": f"Bearer {text}"}
    assert is_served(service, "GET", "/v1/worklist", sent) == 200
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE tokens SET expires_at = now() WHERE actor = 'late'")
    assert is_served(service, "GET", "/v1/worklist", sent) == 401


def test_only_a_hash_of_a_token_is_kept(service: Service, make_database: Database) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT t::text FROM tokens t").fetchall()
    kept = "".join(row[0] for row in rows)
    assert all(
        text not in kept and text.encode().hex() not in kept for text in service.tokens.values()
    )


def test_tokens_are_listed_without_their_texts(service: Service, make_database: Database) -> None:
    listed = [str(one) for one in tokens.listing(make_database.conninfo(OWNER))]
    line = next(one for one in listed if KENT.id in one)
    assert f"{KENT.id} force of kent, ends 20" in line
    assert not any(text in "".join(listed) for text in service.tokens.values())


def test_a_token_with_a_typing_error_is_malformed(service: Service) -> None:
    text = service.tokens[INSPECTOR]
    assert well_formed(text)
    assert len(text) == 4 + 43 + 6
    for place in range(len(text)):
        other = "x" if text[place] != "x" else "y"
        assert not well_formed(text[:place] + other + text[place + 1 :])
    assert not well_formed(text + "0")
    assert not well_formed("")
    assert not well_formed("\u0660" * 53)


@pytest.mark.parametrize(
    ("actor", "days", "words"),
    [
        (Actor("one", Role.PUBLIC), 1, "has no tokens"),
        (Actor("one", Role.IMPORTER), 1, "has no tokens"),
        (Actor("one", Role.FORCE), 1, "needs a force"),
        (Actor("one", Role.FORCE, "nowhere"), 1, "needs a force"),
        (Actor("one", Role.LOCAL_POLICING_BODY, "national"), 1, "needs a force"),
        (Actor("one", Role.INSPECTOR, "kent"), 1, "no force of its own"),
        (Actor("one", Role.INSPECTOR), 0, "within 366 days"),
        (Actor("one", Role.INSPECTOR), 367, "within 366 days"),
        (Actor("Jane Doe", Role.INSPECTOR), 1, "is not an actor"),
        (Actor("", Role.INSPECTOR), 1, "is not an actor"),
    ],
)
def test_a_token_for_an_unsuitable_actor_or_term_is_not_made(
    make_database: Database, actor: Actor, days: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        token_of(make_database, actor, days)


# Roles


def test_a_force_cannot_act_on_another_through_a_batch(service: Service, report: Published) -> None:
    own = published(service, "essex-auth-2022", issue("essex"), force="essex").recommendations[0]
    comment = {"type": "comment", "comment": "Noted."}
    items = [{"stream": stream, "command": comment} for stream in (own, report.recommendations[0])]
    assert service.post("/v1/commands", items, ESSEX).status_code == 404
    assert service.get(f"/v1/recommendations/{own}").json()["step"] == 1


def test_a_hidden_stream_looks_like_a_missing_one(service: Service, report: Published) -> None:
    comment = {"type": "comment", "comment": "Noted."}

    def said(stream: str) -> tuple[str, ...]:
        answers = (
            service.get(f"/v1/recommendations/{stream}/history", ESSEX),
            service.post(f"/v1/recommendations/{stream}/commands", comment, ESSEX),
        )
        assert [answer.status_code for answer in answers] == [404, 404]
        return tuple(answer.json()["title"] for answer in answers)

    assert said(report.recommendations[0]) == said(str(uuid4()))


def test_only_loopback_host_names_are_answered(service: Service) -> None:
    port = service.url.rsplit(":", 1)[1]
    for host, status in (
        (f"localhost:{port}", 200), (f"[::1]:{port}", 200), ("127.0.0.1", 200), ("LOCALHOST", 200),
        ("tracker.example.org", 421), (f"localhost.example.org:{port}", 421), ("127.0.0.2", 421),
    ):  # fmt: skip
        assert is_served(service, "GET", "/v1/forces", {"Host": host}) == status


def test_every_role_with_tokens_is_tested() -> None:
    assert {actor.role for actor in EVERYBODY} == set(Role) - {Role.PUBLIC, Role.IMPORTER}
    assert REPORTING in EVERYBODY


def test_every_token_has_its_own_id(make_database: Database) -> None:
    listed = tokens.listing(make_database.conninfo(OWNER))
    assert len({one.id for one in listed}) == len(listed)
    assert all(isinstance(one.id, UUID) for one in listed)


# What a token may do, and where it may be sent


def made(
    database: Database, actor: Actor, scopes: tuple[Scope, ...] | None = None
) -> tuple[dict[str, str], UUID]:
    ends = datetime.now(UTC) + timedelta(days=1)
    text, identity = tokens.create(
        database.conninfo(OWNER),
        actor=actor.id,
        role=actor.role,
        force=actor.force,
        expires_at=ends,
        record=unrecorded,
        scopes=scopes,
    )
    return {"Authorization": f"Bearer {text}"}, identity


def test_a_read_only_token_cannot_write(
    service: Service, report: Published, make_database: Database
) -> None:
    sent, _ = made(make_database, INSPECTOR, (Scope.READ,))
    path = f"/v1/recommendations/{report.recommendations[0]}"
    said = {"type": "comment", "comment": "Noted."}
    assert service.client.get(f"{path}/history", headers=sent).status_code == 200
    answer = service.client.post(f"{path}/commands", json=said, headers=sent)
    assert (answer.status_code, answer.json()["detail"]) == (403, "This token may only read.")


def test_a_write_only_token_cannot_read(
    service: Service, report: Published, make_database: Database
) -> None:
    sent, _ = made(make_database, KENT, (Scope.WRITE,))
    path = f"/v1/recommendations/{report.recommendations[0]}"
    said = {"type": "comment", "comment": "Noted."}
    assert service.client.get(f"{path}/history", headers=sent).status_code == 403
    assert service.client.post(f"{path}/commands", json=said, headers=sent).status_code == 201


@pytest.mark.parametrize("actor", [AUDITOR, REPORTING])
def test_no_token_has_more_scopes_than_its_role(make_database: Database, actor: Actor) -> None:
    with pytest.raises(ValueError, match="has the scopes: read"):
        made(make_database, actor, (Scope.READ, Scope.WRITE))


def test_a_token_by_basic_authentication_only_reads(service: Service, report: Published) -> None:
    path = f"/v1/recommendations/{report.recommendations[0]}"
    said = {"type": "comment", "comment": "Noted."}
    right = ("token", service.tokens[INSPECTOR])
    assert service.client.get("/v1/worklist", auth=right).status_code == 200
    assert service.client.post(f"{path}/commands", json=said, auth=right).status_code == 403
    for wrong in (("admin", right[1]), ("token", right[1][:-1]), ("token", "")):
        assert service.client.get("/v1/worklist", auth=wrong).status_code == 401


def test_a_rotated_token_is_replaced_by_one_of_the_same_rights(
    service: Service, make_database: Database
) -> None:
    owner, day = make_database.conninfo(OWNER), datetime.now(UTC) + timedelta(days=1)
    for overlap, old_lives in ((timedelta(0), 401), (timedelta(hours=1), 200)):
        sent, identity = made(make_database, INSPECTOR, (Scope.READ,))
        events: list[AccessEvent] = []
        text, successor = tokens.rotate(
            owner, identity, expires_at=day, record=events.append, overlap=overlap
        )
        fresh = {"Authorization": f"Bearer {text}"}
        assert is_served(service, "GET", "/v1/worklist", fresh) == 200
        assert is_served(service, "POST", "/v1/commands", fresh) in {400, 403, 415}
        assert is_served(service, "GET", "/v1/worklist", sent) == old_lives
        (event,) = events
        assert isinstance(event, TokenRotated)
        assert (event.token, event.successor) == (identity, successor)
        with pytest.raises(ValueError, match="not replaced"):
            tokens.rotate(owner, identity, expires_at=day, record=unrecorded)


def test_a_token_that_cannot_be_recorded_is_not_made(make_database: Database) -> None:
    def away(_: AccessEvent) -> None:
        raise ConnectionError

    owner = make_database.conninfo(OWNER)
    before = len(tokens.listing(owner))
    ends = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(ConnectionError):
        tokens.create(owner, actor="x", role=Role.AUDITOR, force=None, expires_at=ends, record=away)
    assert len(tokens.listing(owner)) == before


def test_the_day_a_token_was_last_used_is_kept(service: Service, make_database: Database) -> None:
    sent, identity = made(make_database, INSPECTOR)
    first_day = datetime.now(UTC).date()
    for _ in range(3):
        assert is_served(service, "GET", "/v1/worklist", sent) == 200
    until = time.monotonic() + 30
    while True:
        (listed,) = (
            one for one in tokens.listing(make_database.conninfo(OWNER)) if one.id == identity
        )
        if listed.last_used_on is not None:
            assert first_day <= listed.last_used_on <= datetime.now(UTC).date()
            return
        assert time.monotonic() < until, "the day was not kept"
        time.sleep(0.05)


# Access on record


def test_only_the_reads_of_an_auditor_are_on_record(service: Service, report: Published) -> None:
    stream = report.recommendations[0]
    for actor in (AUDITOR, AUDITOR, INSPECTOR, ADMIN):
        assert service.get(f"/v1/recommendations/{stream}/history", actor).is_success
    shown = service.get(f"/v1/access/{AUDITOR.id}", ADMIN).json()["items"]
    replayed = [item["event"] for item in shown if item["tag"] == "access.history_replayed"]
    assert [event["stream"] for event in replayed].count(stream) == 1
    assert service.get(f"/v1/access/{INSPECTOR.id}", ADMIN).status_code == 404


def test_access_entries_are_shown_only_to_auditors_and_admins(service: Service) -> None:
    service.get("/v1/ledger", AUDITOR)
    for actor, sees in ((AUDITOR, True), (ADMIN, True), (INSPECTOR, False)):
        page = service.get("/v1/ledger?limit=500", actor).json()
        tags = {item["tag"].partition(".")[0] for item in page["items"]}
        assert ("access" in tags) is sees, actor


def test_refusals_do_not_flood_the_log() -> None:
    now = 0.0
    refusals = Refusals(lambda: now)
    with structlog.testing.capture_logs() as lines:
        for _ in range(1_000):
            refusals.note("invalid-token", "/v1/ledger", "public")
        refusals.note("forbidden", "/v1/ledger", "force")
        now = WINDOW_SECONDS
        refusals.note("invalid-token", "/v1/ledger", "public")
    events = [line["event"] for line in lines]
    assert events.count("access_refused") == LINES_MAX + 2
    assert events.count("access_refusals_many") == 1
    assert [line["count"] for line in lines if line["event"] == "access_refusals_counted"] == [
        1_000 - LINES_MAX
    ]
