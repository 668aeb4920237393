"""Removal of documents: two people, nothing of it left, and the same bytes stay out."""

import json
from hashlib import sha256
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, CHECKER, OWNER, Database
from domain.recommendation.decide import DOCUMENTS_MAX
from domain.vocabulary.actors import Actor
from tests.support.data.documents import PDF, TEXT
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT, KENT_BODY
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, words_of
from tests.support.served.forms import send as press
from tests.support.served.serving import AUDITOR, Served, Service, command, published

pytestmark = pytest.mark.slow

NAME = "Statement of J Doe.pdf"
FALLBACK = f"evidence-{sha256(PDF).hexdigest()[:12]}.pdf"
DOCUMENT, OTHER = (sha256(content).hexdigest() for content in (PDF, TEXT))
FIELD = f"documents.{DOCUMENT}"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(keep=False)


@pytest.fixture
def stream(service: Service) -> str:
    return published(service, f"kent-removal-{uuid4().hex}").recommendations[0]


@pytest.fixture
def claimed(service: Service, stream: str) -> str:
    """A recommendation whose claim, at step 2, names two documents."""
    for content in (PDF, TEXT):
        assert send(service, stream, content).status_code == 201
    claim = {"evidence": "All.", "documents": [DOCUMENT, OTHER]}
    assert command(service, stream, KENT, "claim_completion", **claim).is_success
    return stream


def path_of(stream: str, document: str = DOCUMENT) -> str:
    return f"/v1/recommendations/{stream}/documents/{document}"


def send(service: Service, stream: str, content: bytes) -> httpx.Response:
    headers = {
        **service.headers(KENT),
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{NAME}"',
    }
    return service.client.post(path_of(stream, "")[:-1], content=content, headers=headers)


def ask(service: Service, stream: str, step: int = 2, actor: Actor = ADMIN) -> httpx.Response:
    fields = {"step": step, "field": FIELD, "ground": "safeguarding"}
    return command(service, stream, actor, "request_redaction", **fields)


def agree(
    service: Service, stream: str, request: int, step: int = 2, actor: Actor = INSPECTOR
) -> httpx.Response:
    fields = {"request": request, "step": step, "field": FIELD}
    return command(service, stream, actor, "approve_redaction", **fields)


def removed(service: Service, stream: str, step: int = 2) -> None:
    answer = ask(service, stream, step)
    assert answer.status_code == 201, answer.text
    answer = agree(service, stream, answer.json()["step"], step)
    assert answer.status_code == 201, answer.text


def rows(database: Database, stream: str) -> dict[str, tuple[bytes | None, str | None]]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        found = connection.execute(
            "SELECT encode(sha256, 'hex'), content, name FROM documents WHERE stream = %s",
            (stream,),
        ).fetchall()
    return {row[0]: (row[1], row[2]) for row in found}


def test_a_document_is_removed_with_its_name_once_another_person_agrees(
    service: Service, claimed: str, make_database: Database
) -> None:
    before = service.get(path_of(claimed), KENT_BODY)
    assert (before.status_code, before.content) == (200, PDF)
    assert ask(service, claimed).status_code == 201
    assert service.get(path_of(claimed), KENT_BODY).content == PDF, "nobody agreed yet"
    refused = agree(service, claimed, 3, actor=ADMIN)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/refused")
    assert agree(service, claimed, 3).status_code == 201
    kept = rows(make_database, claimed)
    assert kept[DOCUMENT] == (None, None)
    assert kept[OTHER][0] == TEXT
    for etag in ("", before.headers["ETag"]):
        answer = service.get(path_of(claimed), INSPECTOR, If_None_Match=etag)
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/removed")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Two people removed this document" in answer.json()["detail"]
    assert service.get(path_of(claimed, OTHER), KENT).content == TEXT
    items = service.get(path_of(claimed, "")[:-1], KENT).json()["items"]
    assert {(one["sha256"], one["removed"], one["size"], one["name"]) for one in items} == {
        (DOCUMENT, True, None, None),
        (OTHER, False, len(TEXT), "Statement of J Doe.txt"),
    }
    history = service.get(f"/v1/recommendations/{claimed}/history", AUDITOR)
    assert NAME not in history.text
    claim, request, approval = history.json()["items"][-3:]
    assert claim["event"]["documents"] == [DOCUMENT, OTHER]
    for entry in (claim, request, approval):
        assert entry["documents"][0]["sha256"] == DOCUMENT
        assert entry["documents"][0]["removed"] is True


def test_a_removed_document_is_still_hidden_from_those_who_may_not_read_it(
    service: Service, claimed: str
) -> None:
    removed(service, claimed)
    assert service.get(path_of(claimed), ESSEX).status_code == 404
    assert service.get(path_of(claimed)).status_code == 401


def test_a_removed_document_is_not_taken_in_again_and_cannot_be_claimed(
    service: Service, claimed: str, make_database: Database
) -> None:
    removed(service, claimed)
    answer = send(service, claimed, PDF)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/refused")
    assert "was removed from this recommendation" in answer.json()["detail"]
    assert rows(make_database, claimed)[DOCUMENT] == (None, None)
    assert command(service, claimed, INSPECTOR, "return_claim", reason="Which?").is_success
    again = {"evidence": "All.", "documents": [DOCUMENT]}
    answer = command(service, claimed, KENT, "claim_completion", **again)
    assert answer.status_code == 409
    assert "or it was removed" in answer.json()["detail"]


def test_a_removal_leaves_the_same_document_of_another_recommendation(
    service: Service, claimed: str
) -> None:
    other = published(service, f"kent-removal-{uuid4().hex}").recommendations[0]
    assert send(service, other, PDF).status_code == 201
    removed(service, claimed)
    assert service.get(path_of(other), KENT).content == PDF
    assert send(service, other, PDF).status_code == 200


def test_a_removed_document_makes_room_for_another(service: Service, claimed: str) -> None:
    for number in range(DOCUMENTS_MAX - 2):
        assert send(service, claimed, b"Document %d" % number).status_code == 201
    assert send(service, claimed, b"One more.").status_code == 409
    removed(service, claimed)
    assert send(service, claimed, b"One more.").status_code == 201


def test_a_document_that_no_claim_names_can_be_removed(
    service: Service, stream: str, make_database: Database
) -> None:
    answer = ask(service, stream, 1)
    assert answer.status_code == 409, "it was not sent"
    assert send(service, stream, PDF).status_code == 201
    removed(service, stream, 1)
    assert rows(make_database, stream) == {DOCUMENT: (None, None)}


def test_the_service_can_remove_a_document_only_by_an_entry_that_says_so(
    claimed: str, make_database: Database
) -> None:
    sql = "SELECT ledger_append(%s, %s, %s, %s, %s, %s, %s)"

    def entry(tag: str, field: str, stream: str = claimed) -> None:
        state = json.dumps({"event": {"type": tag, "request": 2, "step": 2, "field": field}})
        identity = uuid4()
        connection.execute(
            sql, ([0], [UUID(stream)], [3], [tag], [state.encode()], [identity], ["{}"])
        )
        connection.execute("SELECT 1 FROM ledger_events WHERE entry_id = %s", (identity,))

    with psycopg.connect(make_database.conninfo(APP)) as connection:
        for tag, field in (
            ("recommendation.redaction_requested", FIELD),
            ("recommendation.corrected", FIELD),
            ("report.redaction_approved", FIELD),
            ("recommendation.redaction_approved", "evidence"),
            ("recommendation.redaction_approved", f"documents.{'0' * 64}"),
            ("recommendation.redaction_approved", f"documents.{DOCUMENT}0"),
        ):
            entry(tag, field)
            kept = connection.execute("SELECT count(content) FROM documents").fetchone()
            connection.rollback()
            every = connection.execute("SELECT count(content) FROM documents").fetchone()
            assert kept == every, (tag, field)
        entry("recommendation.redaction_approved", FIELD)
        (content,) = connection.execute(
            "SELECT content FROM documents WHERE stream = %s AND sha256 = %s",
            (claimed, bytes.fromhex(DOCUMENT)),
        ).fetchone() or ("none",)
        assert content is None
        connection.rollback()
    assert rows(make_database, claimed)[DOCUMENT] == (PDF, NAME), "all or nothing"
    with psycopg.connect(make_database.conninfo(APP), autocommit=True) as connection:
        for doing in ("UPDATE documents SET content = NULL", "SELECT documents_remove()"):
            with pytest.raises(psycopg.errors.Error) as error:
                connection.execute(doing.encode())
            assert isinstance(error.value, psycopg.errors.InsufficientPrivilege)


def faults(database: Database) -> list[str]:
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
    return [fault.problem for fault in checker.faults]


def test_the_check_knows_removed_documents_and_finds_those_put_back(
    service: Service, stream: str, make_database: Database
) -> None:
    for content in (PDF, TEXT):
        assert send(service, stream, content).status_code == 201
    claim = {"evidence": "All.", "documents": [DOCUMENT, OTHER]}
    for _ in range(2):  # two claims name it; it is removed at the first
        assert command(service, stream, KENT, "claim_completion", **claim).is_success
        assert command(service, stream, INSPECTOR, "return_claim", reason="Which?").is_success
    removed(service, stream)
    assert faults(make_database) == []
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        update = "UPDATE documents SET content = %s WHERE stream = %s AND sha256 = %s"
        connection.execute(update, (PDF, stream, bytes.fromhex(DOCUMENT)))
        connection.execute(
            update.replace("%s W", "NULL, name = NULL W", 1).encode(),
            (stream, bytes.fromhex(OTHER)),
        )
        found = faults(make_database)
        connection.execute(update, (None, stream, bytes.fromhex(DOCUMENT)))
        connection.execute(update, (TEXT, stream, bytes.fromhex(OTHER)))
    assert found == [
        f"the document {OTHER} of {stream} is gone without a redaction",
        f"the removed document {DOCUMENT} of {stream} is still there",
    ]


def test_pages_offer_the_removal_of_a_document_to_two_people(
    service: Service, claimed: str, make_database: Database
) -> None:
    admin, inspector, kent = (
        Browser(service).sign_in(make_database, actor) for actor in (ADMIN, INSPECTOR, KENT)
    )
    page = f"/recommendations/{claimed}"
    asking, agreeing = (
        f"{page}/record/{tag}/2/{FIELD}" for tag in ("request_redaction", "approve_redaction")
    )
    for where in (page, f"{page}/history"):
        assert f'href="{asking}"' in admin.get(where).text
        for other in (inspector, kent):
            assert FIELD not in other.get(where).text
    assert inspector.get(agreeing).status_code == 409, "nobody asked for it"
    form = admin.get(asking)
    assert f"Document: {NAME}" in words_of(form)
    assert "The file and its name are then gone for good" in words_of(form)
    check = press(admin, posted(form), "check", {"ground": "safeguarding"})
    assert f"Document: {NAME}" in words_of(check)
    assert press(admin, posted(check), "record").status_code == 303
    assert admin.get(agreeing).status_code == 409, "whoever asked cannot agree"
    assert admin.get(asking).status_code == 409, "it was asked for already"
    for where in (page, f"{page}/history"):
        assert "Removal of a document was requested" in words_of(kent.get(where))
        assert f'href="{agreeing}"' in inspector.get(where).text
    check = press(inspector, posted(inspector.get(agreeing)), "check")
    assert press(inspector, posted(check), "record").status_code == 303
    for where in (page, f"{page}/history"):
        answer = kent.get(where)
        assert f"{FALLBACK}. The document was removed." in words_of(answer)
        assert "Removal of a document was approved, and the document is gone" in words_of(answer)
        assert NAME not in answer.text
        assert path_of(claimed) not in answer.text
        assert FIELD not in admin.get(where).text
    gone = kent.get(path_of(claimed))
    assert gone.status_code == 410
    assert "Two people removed this document" in gone.json()["detail"]
    assert admin.get(f"{page}/record/request_redaction/1/{FIELD}").status_code == 409
