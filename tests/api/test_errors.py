"""Bad input and outages: a clear problem for each, and nothing half-written."""

import re
import socket
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
import pytest
import structlog
from eventsourcing.persistence import StoredEvent
from structlog.typing import EventDict

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, CHECKER, OWNER, Database
from api.health import LOOKS_MAX
from api.http.problem_types import PROBLEM_TYPES
from api.http.refusal_log import LINES_MAX, WINDOW_SECONDS, Faults
from api.request import waiting
from tests.support.data import examples
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, issue, publish
from tests.support.served.serving import AUDITOR, Service, command, published, serving, wait_for
from tests.support.served.tcp_proxy import proxied

MEBIBYTE = 1_048_576
READY_SECONDS_MAX = 2.0


@pytest.fixture(scope="module")
def stream(service: Service) -> str:
    return published(service, "kent-errors-2022").recommendations[0]


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem that an answer is; every problem has the same parts."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"/problems/{slug}"
    assert (found["status"], found["title"]) == (status, PROBLEM_TYPES[slug].title)
    assert found["instance"] == answer.request.url.raw_path.decode().partition("?")[0]
    assert found["reference"] == answer.headers["X-Request-Id"]
    assert found["detail"]
    return found


# Bad input


COMMENT: dict[str, object] = {"type": "comment", "comment": "Noted."}
BODIES: list[tuple[object, str, str]] = [
    ({"type": "blow_up"}, "/type", "Invalid value 'blow_up'"),
    ({"comment": "Noted."}, "", "missing required field `type`"),
    ({"type": "comment"}, "", "missing required field `comment`"),
    ({**COMMENT, "extra": 1}, "", "unknown field `extra`"),
    ({"type": "comment", "comment": "x" * 4001}, "/comment", "length <= 4000"),
    ({"type": "comment", "comment": ""}, "/comment", "length >= 1"),
    ({"type": "comment", "comment": "a\u0000b"}, "/comment", "matching regex"),
    ({"type": "comment", "comment": 5}, "/comment", "Expected `str`, got `int`"),
    ({**COMMENT, "on": "2022-13-01"}, "/on", "matching regex"),
    ({**COMMENT, "on": "2022-08-05\n"}, "/on", "matching regex"),
    (
        {"type": "claim_completion", "evidence": "It.", "documents": ["0" * 64, "no hash"]},
        "/documents/1",
        "matching regex",
    ),
    ([COMMENT], "", "Expected `object`, got `array`"),
    ("comment", "", "Expected `object`, got `str`"),
    ({"type": "publish_report"}, "/type", "Invalid value 'publish_report'"),
]


@pytest.mark.parametrize(("body", "pointer", "words"), BODIES, ids=str)
def test_a_malformed_body_is_told_where_and_why(
    service: Service, stream: str, body: object, pointer: str, words: str
) -> None:
    answer = service.post(f"/v1/recommendations/{stream}/commands", body)
    (error,) = problem(answer, 400, "invalid")["errors"]
    assert error["pointer"] == pointer
    assert words in error["detail"]


def test_an_error_deep_in_a_body_has_a_pointer(service: Service) -> None:
    report = msgspec.to_builtins(publish(issue(), issue(ordinal=2), reference="kent-deep-2022"))
    report["recommendations"][1]["area"] = "nowhere"
    (error,) = problem(service.post("/v1/reports", report), 400, "invalid")["errors"]
    assert error["pointer"] == "/recommendations/1/area"
    items = [{"stream": str(uuid4()), "command": {"type": "nothing"}}]
    (error,) = problem(service.post("/v1/commands", items), 400, "invalid")["errors"]
    assert error["pointer"] == "/0/command/type"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"type": "comment", "comment": "\xff"}',
        b'{"type": "comment", "comment": "\\ud800"}',
        b"\xff\xfe{\x00}\x00",
        b'{"a":' * 100_000,
        b"[" * 500_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_not_json_is_refused(service: Service, stream: str, body: bytes) -> None:
    path = f"/v1/recommendations/{stream}/commands"
    headers = {**service.headers(INSPECTOR), "Content-Type": "application/json"}
    answer = service.client.post(path, content=body, headers=headers)
    assert answer.status_code == 400
    problem(answer, 400, answer.json()["type"].removeprefix("/problems/"))


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""],
)
def test_a_body_of_another_content_type_is_not_read(
    service: Service, stream: str, kind: str
) -> None:
    path = f"/v1/recommendations/{stream}/commands"
    headers = {**service.headers(INSPECTOR), "Content-Type": kind}
    answer = service.client.post(path, content=b'{"type": "comment"}', headers=headers)
    problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("on=tomorrow", "Give a day, such as 2023-03-31."),
        ("on=2024-02-30", "Give a day, such as 2023-03-31."),
        ("known_at=2024-04-15", "Give a moment with its zone, such as 2023-03-31T17:00:00Z;"),
        ("known_at=2024-04-15T10:00:00", "Give a moment with its zone"),
        ("overdue=yes", "Give true or false."),
        ("stage=bogus", "There are: absent, not_known, issued, plan_received,"),
        ("assurance=bogus", "There are: assured, partly_assured."),
    ],
)
def test_a_wrong_parameter_says_what_works(service: Service, query: str, words: str) -> None:
    answer = service.get(f"/v1/recommendations?{query}")
    assert words in problem(answer, 400, "invalid")["errors"][0]["detail"]


def test_a_body_over_the_size_limit_is_refused(service: Service, stream: str) -> None:
    path = f"/v1/recommendations/{stream}/commands"
    headers = {**service.headers(INSPECTOR), "Content-Type": "application/json"}
    answer = service.client.post(path, content=b" " * (MEBIBYTE + 1), headers=headers)
    problem(answer, 413, "too-large")

    def chunks() -> Generator[bytes]:
        for _ in range(17):
            yield b" " * (MEBIBYTE // 16)

    problem(service.client.post(path, content=chunks(), headers=headers), 413, "too-large")


def test_a_client_that_disconnects_causes_no_fault(service: Service) -> None:
    with structlog.testing.capture_logs() as logs:
        host, port = service.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as sender:
            token = service.tokens[INSPECTOR]
            head = (
                f"POST /v1/reports HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99\r\n"
                f"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n\r\n"
            )
            sender.sendall(head.encode() + b"{")
            time.sleep(0.1)
        until = time.monotonic() + READY_SECONDS_MAX
        while not (answers := _posts(logs)) and time.monotonic() < until:
            time.sleep(0.02)
    assert [line["status"] for line in answers] == [400]
    assert not [line for line in logs if line["log_level"] in {"error", "critical"}]


def _posts(logs: Sequence[EventDict]) -> list[EventDict]:
    """Return the answers to posts: the service's own threads log beside them."""
    return [line for line in logs if line.get("method") == "POST"]


QUERIES = [
    ("/v1/recommendations?limit=501", "limit", "<= 500"),
    ("/v1/recommendations?limit=0", "limit", ">= 1"),
    ("/v1/recommendations?limit=ten", "limit", "Expected `int`"),
    ("/v1/recommendations?limit=", "limit", "Expected `int`"),
    ("/v1/recommendations?limit=1&limit=2", "limit", "more than once"),
    ("/v1/recommendations?frce=kent", "frce", "no such parameter; there are: on, known_at"),
    ("/v1/recommendations?force=null", "force", "no force null"),
    ("/v1/recommendations?force=Kent", "force", "matching regex"),
    ("/v1/recommendations?force=", "force", "length"),
    ("/v1/recommendations?overdue=yes", "overdue", "Expected `bool"),
    ("/v1/recommendations?overdue=1", "overdue", "Expected `bool"),
    ("/v1/recommendations?stage=done", "stage", "Invalid enum value"),
    ("/v1/recommendations?area=x", "area", "Invalid enum value"),
    ("/v1/recommendations?q=%00", "q", "matching regex"),
    ("/v1/recommendations?q=", "q", "length >= 1"),
    ("/v1/recommendations?on=2022-02-30", "on", "date"),
    ("/v1/recommendations?on=5", "on", "date"),
    ("/v1/recommendations?on=2199-01-01", "on", "2199-01-01 is in the future; today is"),
    ("/v1/recommendations?known_at=2026-01-01T00:00:00", "known_at", "timezone"),
    ("/v1/recommendations?known_at=2199-01-01T00:00:00Z", "known_at", "future"),
    ("/v1/recommendations?known_at=9999-12-31T23:59:59-14:00", "known_at", "future"),
    ("/v1/recommendations?known_at=5", "known_at", "datetime"),
    ("/v1/recommendations?position=-1", "position", ">= 0"),
    ("/v1/recommendations?position=99999999999999999999", "position", "<="),
    ("/v1/reports?stage=issued", "stage", "no such parameter"),
    ("/v1/worklist?work=nothing", "work", "Invalid enum value"),
    ("/v1/progress?force=kent", "force", "no such parameter"),
    ("/v1/ledger?on=2022-01-01", "on", "no such parameter"),
    ("/v1/ledger?limit=501", "limit", "<= 500"),
]


@pytest.mark.parametrize(("path", "parameter", "words"), QUERIES)
def test_a_wrong_parameter_is_named(
    service: Service, path: str, parameter: str, words: str
) -> None:
    (error,) = problem(service.get(path, INSPECTOR), 400, "invalid")["errors"]
    assert error["parameter"] == parameter
    assert words in error["detail"]


def test_dates_at_the_ends_of_the_calendar_are_accepted(service: Service, stream: str) -> None:
    for query in ("on=0001-01-01", "known_at=0001-01-01T00:00:00%2B14:00"):
        for path in ("/v1/recommendations", "/v1/reports", "/v1/progress", "/v1/progress/kent"):
            assert service.get(f"{path}?{query}").status_code == 200
        assert service.get(f"/v1/recommendations/{stream}?{query}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/v1", "/v1/reports/x/y/z", "/v1/recommendations/no-id", "/problems/x", "/%00"],
)
def test_an_unknown_path_is_not_found(service: Service, path: str) -> None:
    problem(service.get(path), 404, "not-found")


def test_a_request_id_of_the_caller_is_neither_echoed_nor_logged(service: Service) -> None:
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        for text in ("jane.doe-1", "", "a b", "x" * 65, "caf\u00e9", "<script>"):
            headers = [(b"X-Request-Id", text.encode("latin-1"))]
            answer = service.client.get("/v1/forces", headers=headers)
            assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert "jane.doe" not in str(logs)


def test_every_problem_type_is_explained(service: Service) -> None:
    for slug, kind in PROBLEM_TYPES.items():
        explained = service.get(f"/problems/{slug}").json()
        assert explained["meaning"] == kind.meaning
        assert explained["status"] == kind.status


# ProblemError


def test_a_fault_reveals_only_its_reference(database: Database) -> None:
    with serving(database) as service:
        made = published(service, "kent-fault-2022")
        documents = f"/v1/recommendations/{made.recommendations[0]}/documents"
        with psycopg.connect(database.conninfo(OWNER)) as connection:
            connection.execute("ALTER FUNCTION documents_put RENAME TO canary")
        headers = {**service.headers(KENT), "Content-Type": "text/plain"}
        with structlog.testing.capture_logs() as logs:
            answer = service.client.post(documents, content=b"A canary.", headers=headers)
            found = problem(answer, 500, "fault")
        assert set(found) == {"type", "title", "status", "detail", "instance", "reference"}
        assert "canary" not in answer.text
        failed = next(line for line in logs if line["event"] == "request_failed")
        assert "Traceback" in failed["exception"]
        assert service.tokens[KENT] not in str(logs)
        assert service.get(f"/v1/recommendations/{made.recommendations[0]}").status_code == 200


def test_traces_of_faults_do_not_flood_the_log() -> None:
    now = 0.0
    faults = Faults(lambda: now)
    with structlog.testing.capture_logs() as lines:
        for _ in range(100):
            faults.note(ValueError("x"))
        faults.note(KeyError("x"))
        now = WINDOW_SECONDS
        faults.note(ValueError("x"))
    assert [line["error"] for line in lines] == ["ValueError"] * 100 + ["KeyError", "ValueError"]
    assert sum("exception" in line for line in lines) == LINES_MAX + 2


def test_the_log_has_one_line_per_request_and_no_user_input(service: Service, stream: str) -> None:
    with structlog.testing.capture_logs() as logs:
        command(service, stream, KENT, "comment", comment="canary-comment")
        service.get("/v1/recommendations?q=canary-query")
        service.get("/canary-path")
        service.post("/v1/reports", {"canary-field": "x"})
    lines = [line for line in logs if line["event"] == "request_answered"]
    assert [(line["method"], line["path"], line["status"], line["role"]) for line in lines] == [
        ("POST", "/v1/recommendations/{stream}/commands", 201, "force"),
        ("GET", "/v1/recommendations", 200, "public"),
        ("GET", "unmatched", 404, "public"),
        ("POST", "/v1/reports", 400, "inspector"),
    ]
    assert all(line["milliseconds"] >= 0 for line in lines)
    assert "canary" not in str(logs)


@pytest.mark.slow
def test_a_database_outage_is_reported_and_recovered_from(database: Database) -> None:
    with proxied(database) as (through, proxy), serving(through) as service:
        stream = published(service, "kent-down-2022").recommendations[0]
        path = f"/v1/recommendations/{stream}"
        proxy.to("cut")
        wait_for(service.client, "/health/ready", 503)
        ready = problem(service.get("/health/ready"), 503, "not-ready")
        assert (ready["ready"], ready["database"]) == (False, False)
        assert service.get("/health/live").status_code == 200
        assert service.get("/v1/forces").status_code == 200
        for answer in (
            service.get(path),
            service.post(f"{path}/commands", COMMENT, Idempotency_Key="kept"),
        ):
            problem(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        proxy.to("whole")
        wait_for(service.client, "/health/ready")
        wait_for(service.client, path)
        assert service.get(path).json()["step"] == 1
        done = service.post(f"{path}/commands", COMMENT, Idempotency_Key="kept")
        assert done.status_code == 201
        page = service.get(f"/v1/recommendations?position={done.json()['position']}", INSPECTOR)
        assert page.json()["position"] >= done.json()["position"]


@pytest.mark.slow
def test_a_hanging_database_does_not_delay_health(database: Database) -> None:
    with proxied(database) as (through, proxy), serving(through) as service:
        proxy.to("stalled")
        for _ in range(LOOKS_MAX + 1):
            began = time.monotonic()
            assert service.get("/health/ready").json()["ready"] is False
            assert time.monotonic() - began < READY_SECONDS_MAX
        assert service.get("/health/live").status_code == 200
        proxy.to("whole")
        wait_for(service.client, "/health/ready")


@pytest.mark.slow
def test_connections_lost_at_any_moment_lose_and_repeat_no_command(
    database: Database,
) -> None:
    with proxied(database) as (through, proxy), serving(through) as service:
        stream = published(service, "kent-lost-2022").recommendations[0]
        path = f"/v1/recommendations/{stream}/commands"

        def write(number: int) -> None:
            body = {"type": "comment", "comment": f"number {number}"}
            while True:
                answer = service.post(path, body, Idempotency_Key=f"key-{number}")
                if answer.status_code == 201:
                    return
                assert answer.status_code in {503, 409}, answer.text

        with ThreadPoolExecutor(4) as pool:
            writing = pool.map(write, range(60))
            for _ in range(8):
                time.sleep(0.05)
                proxy.reset()
            list(writing)
        told = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()["items"]
        comments = [item["notes"]["comment"] for item in told[1:]]
        assert sorted(comments) == sorted(f"number {number}" for number in range(60))
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
        assert checker.faults == []


@pytest.mark.slow
def test_a_list_without_a_follower_reports_its_position(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.1)
    with serving(database, keep=False) as service:
        problem(service.get("/v1/recommendations"), 503, "unavailable")
        ready = problem(service.get("/health/ready"), 503, "not-ready")
        assert (ready["ready"], ready["database"]) == (False, True)
        assert ready["read_models"]["register"]["position"] is None
    with serving(database) as service:
        before = published(service, "kent-kept-2022").position
        wait_for(service.client, f"/v1/recommendations?position={before}")
    with serving(database, keep=False) as service:
        after = published(service, "kent-behind-2022").position
        answer = service.get(f"/v1/recommendations?position={after}", INSPECTOR)
        found = problem(answer, 503, "behind")
        assert answer.headers["Retry-After"] == "1"
        assert f"come to {before}, not yet to {after}" in found["detail"]


def test_health_names_an_entry_that_stops_a_list_without_its_content(
    database: Database,
) -> None:
    with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
        examples.published(ledger)
        ledger.rows.insert_events([StoredEvent(uuid4(), 1, "t", b'{"id": "canary"}')])
    with serving(database) as service:
        ready = service.get("/health/ready")
    assert "canary" not in ready.text
    for model in ready.json()["read_models"].values():
        assert 0 <= model.pop("lag_seconds") < 60
        assert model == {
            "state": "stopped",
            "position": 2,
            "lag": 1,
            "error": "UnreadableEntry",
            "stopped_at": 3,
        }


ADDS = "INSERT INTO schema_migrations (number, name, sha256) VALUES (998, 'adds', 'x')"
NEWER = """
    INSERT INTO schema_migrations (number, name, sha256, serves) VALUES (999, 'takes', 'x', 999)
"""
OLDER = "DELETE FROM schema_migrations WHERE number > 1"
TOO_OLD_TO_SAY = "REVOKE SELECT ON schema_migrations FROM tracker_app"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("doing", "word"), [(NEWER, "newer"), (OLDER, "older"), (TOO_OLD_TO_SAY, "older")]
)
def test_a_service_is_not_ready_on_the_schema_of_another_version(
    database: Database, doing: str, word: str
) -> None:
    with serving(database) as service:
        assert service.get("/health/ready").json()["schema"] == "current"
        with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
            connection.execute(doing.encode())
        ready = problem(service.get("/health/ready"), 503, "not-ready")
        assert (ready["ready"], ready["database"], ready["schema"]) == (False, True, word)
        assert f"{word} than this program" in ready["detail"]


@pytest.mark.slow
def test_a_service_stays_ready_on_a_newer_schema_that_only_adds(database: Database) -> None:
    """So that the next version can be started beside it, and take over without a pause."""
    with serving(database) as service:
        with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
            connection.execute(ADDS.encode())
        ready = service.get("/health/ready")
        assert (ready.status_code, ready.json()["schema"]) == (200, "current")


def test_self_approval_is_refused_with_a_reason(service: Service, stream: str) -> None:
    command(service, stream, KENT, "report_progress", progress="A name.")
    step = service.get(f"/v1/recommendations/{stream}", ADMIN).json()["step"]
    fields = {"step": step, "field": "progress"}
    command(service, stream, ADMIN, "request_redaction", ground="data_protection", **fields)
    answer = command(service, stream, ADMIN, "approve_redaction", request=step + 1, **fields)
    assert "Another person must" in problem(answer, 409, "refused")["detail"]


def test_an_auditor_may_not_write(service: Service, stream: str) -> None:
    answer = command(service, stream, AUDITOR, "comment", comment="No.")
    assert (
        "Only these roles can: force, importer, inspector"
        in problem(answer, 403, "forbidden")["detail"]
    )
