"""Reading forms: fields and files, of both encodings, within limits."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, cast

import httpx
import msgspec
import pytest
from litestar import Litestar, post
from litestar.testing import TestClient

from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.postgres.database import Database
from api.http import problems
from api.http.forms import (
    BODY_BYTES_MAX,
    FIELDS_MAX,
    FILES_MAX,
    FILES_READ_MAX,
    FORM_READ_BYTES_MAX,
    fields_of,
    form_of,
)
from api.http.problems import Request
from api.request.browser import csrf
from tests.support.data.documents import PDF, PNG
from tests.support.data.examples import KENT
from tests.support.served.browser import Browser
from tests.support.served.serving import Served, Service, published

FILE = ("anybody's name.pdf", PDF, "text/html")


@post("/form", request_max_body_size=FORM_READ_BYTES_MAX)
async def taken(request: Request) -> dict[str, Any]:
    fields = await fields_of(request)
    sent = await form_of(request)
    assert sent.fields == fields
    return {
        "fields": fields,
        "files": [[one.name, one.content.hex()] for one in sent.files],
        "over": [one.over for one in sent.files],
    }


@pytest.fixture(scope="module")
def client() -> Generator[TestClient[Litestar]]:
    app = Litestar(
        [taken],
        exception_handlers={Exception: problems.answer},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
    )

    async def stated(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's
        if scope["type"] == "http":
            state = {**scope.get("state", {}), "request_id": "0"}
            scope = {**scope, "state": state, "path_template": ""}
        await app(scope, receive, send)

    with TestClient(cast("Litestar", stated)) as opened:
        yield opened


def sent(
    client: TestClient[Litestar],
    fields: Mapping[str, str | list[str]],
    files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
) -> httpx.Response:
    return client.post("/form", data=dict(fields), files=list(files) or None)


def test_fields_are_read_from_both_kinds_of_forms(client: TestClient[Litestar]) -> None:
    fields = {"_csrf": "x", "evidence": "Trained: £5 & more\r\n--x"}
    assert sent(client, fields).json() == {"fields": fields, "files": [], "over": []}
    both = sent(client, fields, [("document", FILE), ("other", ("x", PNG, "x/y"))]).json()
    assert both == {
        "fields": fields,
        "files": [[FILE[0], PDF.hex()], ["x", PNG.hex()]],
        "over": [None, None],
    }


def test_an_empty_file_field_is_no_file(client: TestClient[Litestar]) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="document"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/form", content=body, headers=headers)
    assert answer.json() == {"fields": {}, "files": [], "over": []}
    empty = sent(client, {}, [("document", ("x.pdf", b"", "x/y"))])
    assert empty.json()["files"] == [["x.pdf", ""]], "an empty file is one, to be refused"


def test_a_field_sent_twice_is_ignored(client: TestClient[Litestar]) -> None:
    twice: dict[str, str | list[str]] = {"_csrf": ["x", "y"], "once": "z"}
    assert sent(client, twice, [("document", FILE)]).json()["fields"] == {"once": "z"}
    assert sent(client, twice).json()["fields"] == {"once": "z"}


def test_a_body_that_is_no_form_has_no_fields(client: TestClient[Litestar]) -> None:
    assert client.post("/form", json={"_csrf": "x"}).json() == {
        "fields": {},
        "files": [],
        "over": [],
    }


PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("boundary", "body"),
    [
        ("b", b""),
        ("", PART + b"--b--\r\n"),
        ("b", PART),
        ("b", PART + b"--b"),
        ("c", PART + b"--b--\r\n"),
        ("b", b"junk" + PART + b"--b--\r\n"),
        ("b", b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n"),
        ("b", b"--b\r\nX: y\r\n\r\n1\r\n--b--\r\n"),
        ("b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n'),
        ("b" * 2_000, b"--" + b"b" * 2_000 + b"--\r\n"),
    ],
)
def test_a_malformed_multipart_form_is_refused(
    client: TestClient[Litestar], boundary: str, body: bytes
) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = client.post("/form", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({f"f{n}": "x" for n in range(FIELDS_MAX + 1)}, [("document", FILE)]),
        ({}, [("document", FILE)] * (FILES_READ_MAX + 1)),
        ({}, [("document", FILE)] * 1_000),
        ({"text": "x" * (BODY_BYTES_MAX + 1)}, [("document", FILE)]),
        ({}, [("document", ("x", bytes(DOCUMENT_BYTES_MAX), "x/y"))] * 7),
    ],
)
def test_a_form_over_the_limits_is_refused(
    client: TestClient[Litestar],
    fields: dict[str, str],
    files: list[tuple[str, tuple[str, bytes, str]]],
) -> None:
    answer = sent(client, fields, files)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_files_beyond_a_limit_are_dropped_and_say_which(client: TestClient[Litestar]) -> None:
    small, large = ("a", b"a", "x/y"), ("b", bytes(DOCUMENT_BYTES_MAX + 1), "x/y")
    whole = ("c", bytes(DOCUMENT_BYTES_MAX), "x/y")

    def kept(*files: tuple[str, bytes, str]) -> list[tuple[int, str | None]]:
        answer = sent(client, {"_csrf": "x"}, [("document", file) for file in files]).json()
        assert answer["fields"] == {"_csrf": "x"}
        pairs = zip(answer["files"], answer["over"], strict=True)
        return [(len(content) // 2, over) for (_name, content), over in pairs]

    assert kept(small, large, small) == [(1, None), (0, "size"), (1, None)]
    assert kept(*[small] * (FILES_MAX + 1))[-2:] == [(1, None), (0, "count")]
    assert kept(whole, whole, whole)[-1] == (0, "total")


# What changes something by cookie


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(keep=False)


def test_a_form_with_files_needs_the_csrf_token(service: Service, make_database: Database) -> None:
    """The gate lets it in; the route takes no form, and says so."""
    browser = Browser(service).sign_in(make_database, KENT)
    stream = published(service, "kent-forms-2022").recommendations[0]
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    right = browser.csrf

    def kind(fields: Mapping[str, str | list[str]]) -> str:
        answer = service.client.post(
            f"/v1/recommendations/{stream}/documents",
            headers=headers,
            data=dict(fields),
            files=[("document", FILE)],
        )
        told = msgspec.json.decode(answer.content)["type"]
        return str(told).removeprefix("/problems/")

    assert kind({csrf.FIELD: right}) == "unsupported-document"
    for wrong in ({}, {csrf.FIELD: right[:-1]}, {csrf.FIELD: [right, right]}, {"x": right}):
        assert kind(cast("Mapping[str, str]", wrong)) == "cross-site"
