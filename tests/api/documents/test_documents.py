"""Evidence documents: who may send and read them, accepted types, and their integrity."""
# pyright: reportPrivateUsage=false

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg.rows import TupleRow

from adapters.audit.check import Checker
from adapters.documents.media_types import ACCEPTED_TYPES as TAKEN_IN_WORDS
from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, CHECKER, OWNER, Database
from api.http import intake
from api.http.headers import DEFAULT_HEADERS
from api.request.browser.csrf import HEADER
from domain.recommendation.decide import DOCUMENTS_MAX
from domain.vocabulary.actors import Actor, Role
from tests.support.data.documents import DOCX, PDF, REFUSED, TAKEN, TEXT, bomb
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT, KENT_BODY
from tests.support.served.browser import Browser
from tests.support.served.raw import Connection, head
from tests.support.served.serving import (
    AUDITOR,
    ESSEX_BODY,
    PUBLISHER,
    REPORTING,
    Served,
    Service,
    command,
    published,
    serving,
    token_of,
)

pytestmark = pytest.mark.slow

ANY = "application/octet-stream"
BIG = b"All trained.\n" * (DOCUMENT_BYTES_MAX // 13)


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(keep=False)


@pytest.fixture
def stream(service: Service) -> str:
    return published(service, f"kent-documents-{uuid4().hex}").recommendations[0]


def path_of(stream: str, content: bytes | None = None) -> str:
    path = f"/v1/recommendations/{stream}/documents"
    return path if content is None else f"{path}/{sha256(content).hexdigest()}"


def send(
    service: Service, stream: str, content: bytes, actor: Actor | None = KENT, kind: str = ANY
) -> httpx.Response:
    headers = {**service.headers(actor), "Content-Type": kind}
    return service.client.post(path_of(stream), content=content, headers=headers)


def kept(database: Database, stream: str) -> list[TupleRow]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        return connection.execute(
            "SELECT sha256, content FROM documents WHERE stream = %s", (stream,)
        ).fetchall()


def refused(answer: httpx.Response, status: int, slug: str, words: str = "") -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), answer.text
    assert words in answer.json()["detail"]


# Sending


def test_the_same_bytes_sent_twice_are_one_document(
    service: Service, stream: str, make_database: Database
) -> None:
    first, again = (send(service, stream, PDF) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json() == {
        "sha256": sha256(PDF).hexdigest(),
        "media_type": "application/pdf",
        "size": len(PDF),
        "name": None,
    }
    assert first.headers["Location"] == path_of(stream, PDF)
    assert kept(make_database, stream) == [(sha256(PDF).digest(), PDF)]


def test_the_same_bytes_sent_concurrently_are_one_document(
    service: Service, stream: str, make_database: Database
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(partial(send, service, stream), [TEXT] * 8))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len(kept(make_database, stream)) == 1


def test_the_limit_on_documents_holds_under_concurrent_uploads(
    service: Service, stream: str, make_database: Database
) -> None:
    several = [b"Document %d" % number for number in range(DOCUMENTS_MAX + 4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(partial(send, service, stream), several))
    assert [answer.status_code for answer in answers].count(201) == DOCUMENTS_MAX
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "refused", f"takes {DOCUMENTS_MAX} documents at most")
    assert len(kept(make_database, stream)) == DOCUMENTS_MAX
    there = next(one for one, answer in zip(several, answers, strict=True) if answer.is_success)
    assert send(service, stream, there).status_code == 200


@pytest.mark.parametrize("media_type", TAKEN)
def test_the_type_of_a_document_is_read_from_its_bytes(
    service: Service, stream: str, media_type: str
) -> None:
    for said in (ANY, "image/png", media_type):
        answer = send(service, stream, TAKEN[media_type], kind=said)
        assert answer.is_success, answer.text
        assert answer.json()["media_type"] == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_document_is_refused_with_a_reason_and_not_kept(
    service: Service, stream: str, make_database: Database, name: str
) -> None:
    for said in (ANY, "application/pdf"):
        answer = send(service, stream, REFUSED[name], kind=said)
        refused(answer, 415, "unsupported-document", f"Accepted types: {TAKEN_IN_WORDS}.")
    assert kept(make_database, stream) == []


def test_a_zip_bomb_is_refused_unopened(service: Service, stream: str) -> None:
    content = bomb(300 * 2**20)
    began = time.monotonic()
    refused(send(service, stream, content), 415, "unsupported-document", "unpacks to far more")
    assert time.monotonic() - began < 2


def test_an_upload_with_another_content_type_is_refused(service: Service, stream: str) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/html", "", "x"):
        refused(send(service, stream, PDF, kind=kind), 415, "unsupported-document")


def test_a_document_over_ten_mebibytes_is_refused(
    service: Service, stream: str, make_database: Database
) -> None:
    largest = BIG + b"x" * (DOCUMENT_BYTES_MAX - len(BIG))
    assert send(service, stream, largest).status_code == 201
    refused(send(service, stream, largest + b"x"), 413, "too-large")
    refused(send(service, stream, bytes(11 * 2**20)), 413, "too-large")
    assert len(kept(make_database, stream)) == 1
    answer = service.get(path_of(stream, largest), KENT)
    assert answer.content == largest


def test_other_routes_keep_their_smaller_limit_on_bodies(service: Service, stream: str) -> None:
    comment = {"type": "comment", "comment": "x" * 1_048_576}
    answer = service.post(f"/v1/recommendations/{stream}/commands", comment, KENT)
    refused(answer, 413, "too-large")


# Room


def large(service: Service, stream: str, token: str) -> Connection:
    """A document that does not come to its end."""
    connection = Connection(service.url)
    headers = [
        ("Authorization", f"Bearer {token}"),
        ("Content-Type", ANY),
        ("Content-Length", str(DOCUMENT_BYTES_MAX)),
    ]
    connection.send(head("POST", path_of(stream), "127.0.0.1", headers), bytes(2 * 2**20))
    return connection


def test_large_uploads_over_the_quota_are_turned_away(
    service: Service, make_database: Database, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[intake.LargeBodyQuota] = []
    take = intake.LargeBodyQuota.take

    def counted(quota: intake.LargeBodyQuota, holders: set[str]) -> None:
        take(quota, holders)
        taken.append(quota)

    monkeypatch.setattr(intake.LargeBodyQuota, "take", counted)
    others = [Actor(f"kent-{number}", Role.FORCE, "kent") for number in range(2)]
    each = [token_of(make_database, other) for other in others]
    held = [large(service, stream, each[n % 2]) for n in range(intake.LARGE_BODIES_MAX)]
    try:
        until = time.monotonic() + 10
        while len(taken) < len(held):
            assert time.monotonic() < until, "they take no room"
            time.sleep(0.02)
        turned_away = send(service, stream, BIG)
        refused(turned_away, 503, "busy")
        assert turned_away.headers["Retry-After"]
        assert send(service, stream, PDF).is_success, "what is small needs no room"
    finally:
        for connection in held:
            connection.close()
    until = time.monotonic() + 10
    while not send(service, stream, BIG).is_success:
        assert time.monotonic() < until, "the room is not given back"
        time.sleep(0.05)


def test_a_stalled_upload_times_out(
    service: Service, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LARGE_BODY_SECONDS", 1)
    connection = large(service, stream, service.tokens[KENT])
    answer = connection.answer("POST")
    connection.close()
    assert answer is not None
    assert (answer.status, answer.problem) == (408, "timed-out")


# Who


def test_only_roles_that_may_claim_or_record_a_plan_send_documents(
    service: Service, stream: str, make_database: Database
) -> None:
    for actor, status in (
        (None, 401), (KENT_BODY, 403), (ADMIN, 403), (AUDITOR, 403),
        (PUBLISHER, 403), (REPORTING, 403), (ESSEX, 404), (ESSEX_BODY, 404),
    ):  # fmt: skip
        for content in (PDF, REFUSED["a program"]):
            assert send(service, stream, content, actor).status_code == status, actor
    assert send(service, str(uuid4()), PDF).status_code == 404
    report = published(service, f"kent-documents-{uuid4().hex}").id
    assert send(service, report, PDF).status_code == 404
    assert kept(make_database, stream) == []
    assert send(service, stream, PDF, INSPECTOR).status_code == 201


def test_another_site_cannot_send_a_document_in_a_session(
    service: Service, stream: str, make_database: Database
) -> None:
    browser = Browser(service).sign_in(make_database, KENT)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    def sent(**headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Cookie": cookie, "Content-Type": ANY, **given}
        return service.client.post(path_of(stream), content=PDF, headers=given)

    refused(sent(Sec_Fetch_Site="same-origin"), 403, "cross-site")
    refused(sent(Sec_Fetch_Site="cross-site", **{HEADER: browser.csrf}), 403, "cross-site")
    assert kept(make_database, stream) == []
    assert sent(Sec_Fetch_Site="same-origin", **{HEADER: browser.csrf}).status_code == 201


def test_documents_are_read_by_those_who_may_read_the_history(
    service: Service, stream: str
) -> None:
    assert send(service, stream, PDF).status_code == 201
    for actor, status in (
        (None, 401), (REPORTING, 403), (ESSEX, 404), (ESSEX_BODY, 404),
        (KENT, 200), (KENT_BODY, 200), (INSPECTOR, 200), (AUDITOR, 200), (ADMIN, 200),
        (PUBLISHER, 200),
    ):  # fmt: skip
        history = service.get(f"/v1/recommendations/{stream}/history", actor)
        assert history.status_code == status
        for path in (path_of(stream), path_of(stream, PDF)):
            answer = service.get(path, actor)
            assert answer.status_code == status, (actor, path)
            assert status == 200 or b"%PDF" not in answer.content


def test_an_auditors_read_of_a_document_is_on_record(service: Service, stream: str) -> None:
    assert send(service, stream, PDF).status_code == 201
    assert service.get(path_of(stream, PDF), AUDITOR).is_success
    with_access = service.get(f"/v1/access/{AUDITOR.id}", ADMIN).json()["items"]
    assert stream in {item["event"].get("stream") for item in with_access}


def test_a_document_belongs_to_its_recommendation_alone(service: Service, stream: str) -> None:
    other = published(service, f"kent-documents-{uuid4().hex}").recommendations[0]
    assert send(service, stream, PDF).status_code == 201
    assert service.get(path_of(other, PDF), KENT).status_code == 404
    assert service.get(path_of(other), KENT).json() == {"id": other, "items": []}


# Reading


def test_a_document_comes_back_unchanged_as_a_download(service: Service, stream: str) -> None:
    for media_type, content in TAKEN.items():
        assert send(service, stream, content).is_success
        answer = service.get(path_of(stream, content), INSPECTOR)
        assert answer.content == content
        assert answer.headers["Content-Type"].split(";")[0] == media_type
        name = re.fullmatch(
            r'attachment; filename="(evidence-[0-9a-f]{12}\.[a-z]{3,4})"',
            answer.headers["Content-Disposition"],
        )
        assert name
        assert name[1].startswith(f"evidence-{sha256(content).hexdigest()[:12]}.")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers.get_list("Content-Security-Policy") == [
            DEFAULT_HEADERS["Content-Security-Policy"],
            "sandbox; default-src 'none'",
        ]


def test_a_large_document_is_streamed_and_head_has_no_body(service: Service, stream: str) -> None:
    assert send(service, stream, BIG).is_success
    answer = service.get(path_of(stream, BIG), KENT)
    assert (answer.content, answer.headers["Content-Length"]) == (BIG, str(len(BIG)))
    lone = service.client.head(path_of(stream, BIG), headers=service.headers(KENT))
    assert (lone.status_code, lone.content) == (200, b"")
    assert lone.headers["Content-Length"] == str(len(BIG))


def test_a_client_that_leaves_during_a_download_does_no_harm(service: Service, stream: str) -> None:
    assert send(service, stream, BIG).is_success
    for _ in range(8):
        connection = Connection(service.url)
        headers = service.headers(KENT).items()
        connection.send(head("GET", path_of(stream, BIG), "127.0.0.1", headers))
        connection._socket.recv(1_000)
        connection._socket.shutdown(socket.SHUT_RDWR)
        connection.close()
    assert service.get(path_of(stream, BIG), KENT).content == BIG


def test_documents_are_listed_without_names_of_people(service: Service, stream: str) -> None:
    for content in (PDF, DOCX):
        assert send(service, stream, content).is_success
    listed = service.get(path_of(stream), KENT).json()
    assert listed["id"] == stream
    assert [one["sha256"] for one in listed["items"]] == [
        sha256(content).hexdigest() for content in (PDF, DOCX)
    ]
    assert all(
        set(one) == {"sha256", "media_type", "size", "name", "at", "removed"}
        for one in listed["items"]
    )


@pytest.mark.parametrize("name", ["0" * 64, "0" * 63, sha256(PDF).hexdigest().upper(), "x", "%00"])
def test_an_unknown_document_is_not_found(service: Service, stream: str, name: str) -> None:
    assert send(service, stream, PDF).is_success
    assert service.get(f"{path_of(stream)}/{name}", KENT).status_code == 404


# Claims


def test_a_claim_names_documents_that_were_sent(service: Service, stream: str) -> None:
    sent, other = (sha256(one).hexdigest() for one in (PDF, TEXT))
    assert send(service, stream, PDF).is_success
    claim = {"evidence": "All are trained.", "documents": [sent, other]}
    answer = command(service, stream, KENT, "claim_completion", **claim)
    refused(answer, 409, "refused", f"The document {other} has not been sent")
    item = {"stream": stream, "command": {"type": "claim_completion", **claim}}
    refused(service.post("/v1/commands", [item], KENT), 409, "refused", other)
    assert service.get(f"/v1/recommendations/{stream}").json()["step"] == 1
    claim["documents"] = [sent]
    assert command(service, stream, KENT, "claim_completion", **claim).status_code == 201
    history = service.get(f"/v1/recommendations/{stream}/history", KENT).json()
    assert history["items"][-1]["event"]["documents"] == [sent]


def test_a_claim_cannot_name_a_document_of_another_recommendation(
    service: Service, stream: str
) -> None:
    other = published(service, f"kent-documents-{uuid4().hex}").recommendations[0]
    assert send(service, other, PDF).is_success
    claim = {"evidence": "All.", "documents": [sha256(PDF).hexdigest()]}
    refused(command(service, stream, KENT, "claim_completion", **claim), 409, "refused")


def test_a_refused_claim_does_not_reveal_which_documents_exist(
    service: Service, stream: str
) -> None:
    claim = {"evidence": "All.", "documents": ["0" * 64]}
    for actor, status in ((ESSEX, 404), (KENT_BODY, 403), (INSPECTOR, 403)):
        answer = command(service, stream, actor, "claim_completion", **claim)
        assert answer.status_code == status
        assert "0" * 64 not in answer.text
    assert command(service, str(uuid4()), KENT, "claim_completion", **claim).status_code == 404


# What is kept


def test_the_service_can_neither_change_nor_remove_a_document(
    service: Service, stream: str, make_database: Database
) -> None:
    assert send(service, stream, PDF).is_success
    with psycopg.connect(make_database.conninfo(APP), autocommit=True) as connection:
        for doing in (
            "UPDATE documents SET content = 'x'", "DELETE FROM documents", "TRUNCATE documents",
            "INSERT INTO documents SELECT * FROM documents",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(doing.encode())


def test_the_database_refuses_bytes_under_another_hash(make_database: Database) -> None:
    with (
        psycopg.connect(make_database.conninfo(APP), autocommit=True) as connection,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        connection.execute(
            "SELECT documents_put(%s, sha256('x'), 'text/plain', NULL, 'y', 'kent-1', now())",
            (uuid4(),),
        )


def faults(database: Database) -> list[str]:
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
    return [fault.problem for fault in checker.faults]


def test_the_check_finds_a_changed_or_missing_document(database: Database) -> None:
    with serving(database, keep=False) as service:
        stream = published(service, "kent-documents-2022").recommendations[0]
        names = [send(service, stream, one).json()["sha256"] for one in (PDF, TEXT)]
        claim = {"evidence": "All.", "documents": names}
        assert command(service, stream, KENT, "claim_completion", **claim).is_success
    assert faults(database) == []
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER TABLE documents DROP CONSTRAINT documents_check")
        connection.execute(
            "UPDATE documents SET content = 'other' WHERE media_type = 'application/pdf'"
        )
        connection.execute("DELETE FROM documents WHERE media_type = 'text/plain'")
    assert faults(database) == [
        f"the document {names[0]} of {UUID(stream)} has other bytes than it is named by",
        f"the document {names[1]} of {UUID(stream)} is gone without a redaction",
    ]
