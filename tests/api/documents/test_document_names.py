"""Names of evidence files: kept beside the bytes, made safe, shown where evidence is listed."""

import json
from hashlib import sha256
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest

from adapters.documents.file_names import NAME_BYTES_MAX, safe_name
from adapters.documents.media_types import DOCX, JPEG, PDF, TEXT, Media
from adapters.postgres.database import OWNER, Database
from api.v1.record.content_disposition import attachment, sent_name
from tests.support.data import documents
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import posted, words_of
from tests.support.served.serving import (
    AUDITOR,
    REPORTING,
    Served,
    Service,
    command,
    published,
)

UNNAMED = f"evidence-{sha256(documents.PDF).hexdigest()[:12]}.pdf"


# A safe name


@pytest.mark.parametrize(
    ("given", "media", "safe"),
    [
        ("audit.pdf", PDF, "audit.pdf"),
        ("Audit of 40 calls.PDF", PDF, "Audit of 40 calls.PDF"),
        ("photo.jpeg", JPEG, "photo.jpeg"),
        ("Ymchwiliad, Ionawr ŵ.docx", DOCX, "Ymchwiliad, Ionawr ŵ.docx"),
        # The ending is that of the bytes.
        ("audit", PDF, "audit.pdf"),
        ("audit.exe", PDF, "audit.pdf"),
        ("audit.docx", PDF, "audit.pdf"),
        ("photo.png", JPEG, "photo.jpg"),
        ("Audit v1.2", PDF, "Audit v1.2.pdf"),
        ("Minutes of 5.1.2026", TEXT, "Minutes of 5.1.2026.txt"),
        ("audit.", PDF, "audit.pdf"),
        # No part of a path.
        ("C:\\Users\\jo\\audit.pdf", PDF, "audit.pdf"),
        ("/home/jo/audit.pdf", PDF, "audit.pdf"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("..", PDF, None),
        (".pdf", PDF, "pdf.pdf"),
        (".bashrc", TEXT, "bashrc.txt"),
        # No character that controls, reorders or is reserved.
        ("au\x00d\r\nit\x7f.pdf", PDF, "audit.pdf"),
        ("fdp.\u202eexe.pdf", PDF, "fdp.exe.pdf"),
        ('a"b<c>d|e?f*g:h.pdf', PDF, "a-b-c-d-e-f-g-h.pdf"),
        ("a \t  b .pdf", PDF, "a b.pdf"),
        ("\ud800.pdf", PDF, "pdf.pdf"),
        ("\ue000\ufeff", PDF, None),
        ("", PDF, None),
        (" . ", PDF, None),
    ],
)
def test_a_file_name_is_made_safe(given: str, media: Media, safe: str | None) -> None:
    assert safe_name(given, media) == safe
    assert safe is None or safe_name(safe, media) == safe, "a safe name stays as it is"


def test_a_long_file_name_keeps_its_beginning_and_its_ending() -> None:
    for letter in ("a", "ŵ", "✓", "\U0001f600"):
        safe = safe_name(letter * 500 + ".pdf", PDF)
        assert safe
        assert NAME_BYTES_MAX - 4 <= len(safe.encode()) <= NAME_BYTES_MAX
        assert safe == letter * (len(safe) - 4) + ".pdf"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="audit.pdf"', "audit.pdf"),
        ("attachment; filename=audit.pdf", "audit.pdf"),
        ("ATTACHMENT;FILENAME = audit.pdf", "audit.pdf"),
        ('inline; filename="say \\"so\\".pdf"', 'say "so".pdf'),
        ("attachment; filename*=UTF-8''na%C3%AFve%20x.pdf", "naïve x.pdf"),
        ("attachment; filename*=utf-8'en'x.pdf", "x.pdf"),
        ("attachment; filename=\"a.pdf\"; filename*=UTF-8''%C5%B5.pdf", "ŵ.pdf"),
        ("attachment; filename*=UTF-8''%C5%B5.pdf; filename=a.pdf", "ŵ.pdf"),
        ("attachment; filename*=UTF-8''%FF.pdf", "\ufffd.pdf"),
        ('attachment; filename="ŵ.pdf"'.encode().decode("latin-1"), "ŵ.pdf"),
        ('attachment; filename="ï.pdf"', "ï.pdf"),
        ("attachment", None),
        ("attachment; filename", None),
        ("attachment; name=x", None),
        ("attachment; filename*=latin-1''x", None),
        ("", None),
    ],
)
def test_a_file_name_is_read_from_content_disposition(header: str, name: str | None) -> None:
    assert sent_name(header) == name


def test_content_disposition_carries_any_name_in_ascii() -> None:
    assert attachment("audit.pdf") == 'attachment; filename="audit.pdf"'
    for name in ("ŵ; a=b.pdf", "50%.pdf", "✓ \U0001f600.pdf", "a'b.pdf", 'a"b\\.pdf'):
        header = attachment(name)
        assert header.isascii()
        assert header.isprintable()
        assert sent_name(header) == name


# Sent and shown


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(keep=False)


@pytest.fixture
def stream(service: Service) -> str:
    return published(service, f"kent-names-{uuid4().hex}").recommendations[0]


def path_of(stream: str) -> str:
    return f"/v1/recommendations/{stream}/documents"


def send(
    service: Service, stream: str, disposition: str | None, content: bytes = documents.PDF
) -> httpx.Response:
    headers = {**service.headers(KENT), "Content-Type": "application/octet-stream"}
    if disposition is not None:
        headers["Content-Disposition"] = disposition
    return service.client.post(path_of(stream), content=content, headers=headers)


def saved_as(service: Service, stream: str, content: bytes = documents.PDF) -> str | None:
    path = f"{path_of(stream)}/{sha256(content).hexdigest()}"
    return sent_name(service.get(path, INSPECTOR).headers["Content-Disposition"])


@pytest.mark.slow
def test_a_document_is_listed_and_saved_under_the_name_it_was_sent_with(
    service: Service, stream: str
) -> None:
    answer = send(service, stream, f"attachment; filename*=UTF-8''{quote('Archwiliad ŵ.pdf')}")
    assert answer.status_code == 201
    assert answer.json()["name"] == "Archwiliad ŵ.pdf"
    (item,) = service.get(path_of(stream), KENT_BODY).json()["items"]
    assert item["name"] == "Archwiliad ŵ.pdf"
    assert saved_as(service, stream) == "Archwiliad ŵ.pdf"


@pytest.mark.slow
def test_a_document_sent_without_a_name_keeps_the_name_made_of_its_hash(
    service: Service, stream: str
) -> None:
    assert send(service, stream, None).json()["name"] is None
    assert saved_as(service, stream) == UNNAMED


@pytest.mark.slow
def test_the_first_name_of_a_document_stays(service: Service, stream: str) -> None:
    assert send(service, stream, None).json()["name"] is None
    named = send(service, stream, "attachment; filename=first.pdf")
    assert (named.status_code, named.json()["name"]) == (200, "first.pdf")
    for later in ("attachment; filename=second.pdf", None):
        again = send(service, stream, later)
        assert (again.status_code, again.json()["name"]) == (200, "first.pdf")
    assert saved_as(service, stream) == "first.pdf"


@pytest.mark.slow
@pytest.mark.parametrize("disposition", ["attachment", "attachment; filename*=latin-1''x", "x=y"])
def test_a_content_disposition_without_a_name_is_refused(
    service: Service, stream: str, disposition: str
) -> None:
    answer = send(service, stream, disposition)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid")
    assert answer.json()["errors"][0]["parameter"] == "Content-Disposition"
    assert service.get(path_of(stream), KENT).json()["items"] == []


@pytest.mark.slow
def test_a_history_lists_the_documents_of_a_claim_by_name(service: Service, stream: str) -> None:
    name = send(service, stream, "attachment; filename=audit.pdf").json()["sha256"]
    claim = {"evidence": "All.", "documents": [name]}
    assert command(service, stream, KENT, "claim_completion", **claim).is_success
    items = service.get(f"/v1/recommendations/{stream}/history", KENT_BODY).json()["items"]
    assert [item.get("documents") for item in items][:-1] == [None] * (len(items) - 1)
    (document,) = items[-1]["documents"]
    assert (document["sha256"], document["name"]) == (name, "audit.pdf")


@pytest.mark.slow
def test_a_file_name_is_not_in_the_ledger(
    service: Service, stream: str, make_database: Database
) -> None:
    canary = f"canary-{uuid4().hex}.pdf"
    name = send(service, stream, f"attachment; filename={canary}").json()["sha256"]
    claim = {"evidence": "All.", "documents": [name]}
    assert command(service, stream, KENT, "claim_completion", **claim).is_success
    assert canary in service.get(f"/v1/recommendations/{stream}/history", KENT).text
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT entry::text FROM ledger").fetchall()
    assert not any(canary in row[0] for row in rows)
    for path in (f"/v1/recommendations/{stream}", f"/recommendations/{stream}"):
        assert canary not in service.get(path).text
    for actor in (None, REPORTING, ESSEX):
        assert canary not in service.get(path_of(stream), actor).text


@pytest.mark.slow
def test_pages_show_the_names_of_documents_to_readers_of_the_history(
    service: Service, stream: str, make_database: Database
) -> None:
    kent = Browser(service).sign_in(make_database, KENT)
    path = f"/recommendations/{stream}/record/claim_completion"
    fields = {**posted(kent.get(path)).fields, "evidence": "All are trained.", "then": "check"}
    check = kent.send(
        "POST", path, data=fields, files=[documents.PDF, documents.TEXT], headers=OURS
    )
    assert "a name.pdf, a name.txt" in words_of(check)
    change = kent.post(path, {**posted(check).fields, "then": "change"})
    assert "Already uploaded: a name.pdf, a name.txt" in words_of(change)
    assert kent.post(path, {**posted(check).fields, "then": "record"}).status_code == 303
    auditor = Browser(service).sign_in(make_database, AUDITOR)
    for page in (f"/recommendations/{stream}/history", f"/recommendations/{stream}"):
        for reader in (kent, auditor):
            assert "a name.pdf" in words_of(reader.get(page)), page
    assert "a name.pdf" not in Browser(service).get(f"/recommendations/{stream}").text


@pytest.mark.slow
def test_a_refused_file_of_several_is_named(
    service: Service, stream: str, make_database: Database
) -> None:
    kent = Browser(service).sign_in(make_database, KENT)
    path = f"/recommendations/{stream}/record/claim_completion"
    fields = {**posted(kent.get(path)).fields, "evidence": "All are trained.", "then": "check"}
    refused = kent.send("POST", path, data=fields, files=[b"MZ\x90\x00 a program"], headers=OURS)
    assert "a name.pdf: It is of no accepted type" in words_of(refused)


@pytest.mark.slow
def test_the_description_says_how_a_name_is_sent(service: Service) -> None:
    paths = json.loads(service.get("/v1/openapi.json").text)["paths"]
    operation = paths["/v1/recommendations/{stream}/documents"]["post"]
    assert "Content-Disposition" in [one["name"] for one in operation["parameters"]]
