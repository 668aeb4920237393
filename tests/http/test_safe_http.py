"""Known traps of the framework, each tried so that none comes back.

Session fixation and forged requests are in the tests of sessions.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.postgres.database import Database
from api.app import build
from api.downloads.handlers import DOWNLOAD_ROUTES
from api.http.headers import DEFAULT_HEADERS, STRICT_TRANSPORT_SECURITY
from api.http.problem_types import PROBLEM_TYPES
from api.pages.routes import PAGES
from api.request import authentication
from api.routes import HANDLERS
from api.v1.odata.handlers import ODATA_ROUTES
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.served.raw import exchange, head
from tests.support.served.serving import AUDITOR, Published, Service, published, serving, settings

pytestmark = pytest.mark.slow

ALL = (*HANDLERS, *PAGES, *DOWNLOAD_ROUTES, *ODATA_ROUTES)
ROOT = Path(__file__).parents[2]
STREAM = "45fd50dd-7508-54fb-94ac-784b0b6d4ac0"
PATHS = sorted({path for handler in ALL for path in handler.paths})
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
EVIL = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization"}  # fmt: skip


@pytest.fixture(scope="module")
def report(service: Service) -> Published:
    return published(service, "kent-safe-2022")


def address_of(path: str, report: Published | None = None) -> str:
    stream = STREAM
    if report:
        stream = report.id if "/reports/" in path else report.recommendations[0]
    values = {
        "stream": stream,
        "code": "kent",
        "force": "kent",
        "slug": "stale",
        "secret": "a-secret",
        "actor": "nobody",
        "identity": STREAM,
        "of": "0",
        "ending": "csv",
        "view": "recommendation_v1",
        "entity_set": "recommendations",
        "name": "x",
        "address": "leadership",
        "tag": "comment",
        "step": "1",
        "reference": "0000000000",
        "field": "area",
        "sha256": "0" * 64,
        "subscription": STREAM,
        "token": "of-no-mail",
        "recipient": STREAM,
    }
    return re.sub(r"{(\w+):\w+}", lambda found: values[found[1]], path)


def sources(*folders: str) -> Iterator[tuple[str, ast.AST]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                yield file.name, node


# Headers


def test_every_response_has_the_security_headers(service: Service, report: Published) -> None:
    for path in [*(address_of(one, report) for one in PATHS), "/", "/nothing", "/v1/%00", "//"]:
        for method in METHODS:
            for actor in (None, INSPECTOR):
                headers = list(service.headers(actor).items())
                answer = exchange(service.url, head(method, path, "127.0.0.1", headers), method)
                assert answer is not None
                for name, value in DEFAULT_HEADERS.items():
                    assert answer.all(name) == [value], (method, path, answer.status)
                assert len(answer.all("cache-control")) == len(answer.all("vary")) == 1
                assert not answer.all("server")


def test_a_fault_has_the_security_headers_and_reveals_no_internals(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.v1.lists.forces.ADDRESSEES", None)
    for headers in ({}, {"Accept": "text/html"}):
        answer = service.client.get("/v1/forces/kent", headers=headers)
        assert answer.status_code == 500
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert not re.search(r"Traceback|NoneType|\.py|litestar", answer.text)
        assert {name: answer.headers.get(name) for name in DEFAULT_HEADERS} == DEFAULT_HEADERS


def test_the_content_policy_allows_only_our_own_files(service: Service) -> None:
    policy = service.get("/v1/forces").headers["Content-Security-Policy"]
    directives = dict(one.split(" ", 1) for one in policy.split("; "))
    assert directives.pop("default-src") == directives.pop("base-uri") == "'none'"
    assert directives.pop("frame-ancestors") == "'none'"
    assert set(directives.values()) == {"'self'"}


def test_strict_transport_security_is_sent_where_there_is_tls(
    service: Service, make_database: Database
) -> None:
    name = "Strict-Transport-Security"
    assert name not in service.get("/v1/forces").headers
    for public_url, sent in (
        ("https://tracker.example", STRICT_TRANSPORT_SECURITY), ("http://tracker.example", None),
    ):  # fmt: skip
        with serving(
            make_database, keep=False, chosen=settings(TRACKER_PUBLIC_URL=public_url)
        ) as other:
            for path in ("/v1/forces", "/nothing", "/v1/worklist"):
                assert other.get(path).headers.get(name) == sent
            raw = exchange(other.url, b"nonsense\r\n\r\n")
            assert raw is not None
            assert raw.all(name) == ([sent] if sent else [])


# Who may keep an answer


def test_no_response_to_a_signed_in_actor_is_cached(service: Service, report: Published) -> None:
    for path in PATHS:
        if "commands" in path:
            continue
        address = address_of(path, report)
        by_token = service.get(address, AUDITOR)
        by_cookie = service.get(address, Cookie="__Host-session=anything")
        for answer in (by_token, by_cookie):
            assert answer.headers["Cache-Control"] == "no-store", address
            assert answer.headers["Vary"] == "Accept, Authorization, Cookie"


def test_no_client_gets_the_response_to_another(service: Service, report: Published) -> None:
    """The framework's cache goes by the address alone."""
    path = f"/v1/recommendations/{report.recommendations[0]}"
    for _ in range(2):
        assert "inside" in service.get(path, KENT).json()
        assert "inside" not in service.get(path).json()


def test_the_framework_caches_no_response() -> None:
    assert {handler.cache for handler in ALL} == {False}
    for file, node in sources("api"):
        if isinstance(node, ast.keyword):
            assert node.arg not in {"cache", "cache_key_builder"}, file


# The framework's own


def test_the_framework_adds_no_routes_of_its_own(database: Database) -> None:
    """No page with scripts from elsewhere, and no middleware that leaves addresses out."""
    app = build(database, settings(), keep=False)
    assert sorted(route.path_format for route in app.routes) == sorted(
        {re.sub(r":\w+}", "}", path) for path in PATHS}
    )
    assert app.openapi_config is None
    assert (app.cors_config, app.csrf_config, app.compression_config) == (None, None, None)
    assert app.debug is False
    for file, node in sources("api"):
        if isinstance(node, ast.keyword):
            assert node.arg not in {"exclude", "exclude_from_auth", "middleware", "debug"}, file


def test_every_route_is_closed_unless_marked_public() -> None:
    for handler in ALL:
        others = {"media_types", "unconditional", "may_refuse"}  # only for the API description
        access = {"public", "offline", "sight", "sign_in", "raw", "private_address"}
        assert set(handler.opt) <= access | others, handler
        assert authentication.is_public(handler) is ("public" in handler.opt)


@pytest.mark.parametrize("path", ["/schema", "/schema/swagger", "/docs", "/redoc", "/openapi.json"])
def test_the_framework_serves_no_documentation_pages(service: Service, path: str) -> None:
    assert service.get(path).status_code == 404


def test_the_openapi_description_refers_to_no_other_site(service: Service) -> None:
    answer = service.get("/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert not re.search(r"https?://(?!example|json-schema)", answer.text)


SPELLINGS = [
    "/v1/worklist/", "/v1//worklist", "//v1/worklist", "/v1/./worklist", "/v1/forces/../worklist",
    "/v1/worklist/health/live", "/health/live/../../v1/worklist", "/V1/WORKLIST",
    "/v1/worklist%00", "/v1/%77orklist", "/v1%2fworklist", "/v1/worklist;public",
    "/health/live%2f..%2f..%2fv1/worklist", f"/v1/recommendations/{STREAM}/history/",
    "/v1/ledger/v1/forces", "/problems/x/../../v1/ledger",
]  # fmt: skip


@pytest.mark.parametrize("path", SPELLINGS)
def test_no_alternative_spelling_of_a_path_opens_it(service: Service, path: str) -> None:
    answer = exchange(service.url, head("GET", path, "127.0.0.1"))
    assert answer is not None
    assert answer.status in {401, 404}, answer


# Methods


def test_no_route_answers_cross_origin_requests(service: Service, report: Published) -> None:
    for path in [*PATHS, "/nothing"]:
        for method in ("OPTIONS", "GET", "POST"):
            for actor in (None, INSPECTOR):
                headers = {**service.headers(actor), **EVIL}
                address = address_of(path, report)
                answer = service.client.request(method, address, headers=headers)
                names = [name for name in answer.headers if name.startswith("access-control")]
                assert names == [], (method, path)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_states_its_methods_and_refuses_all_others(service: Service, path: str) -> None:
    taken = {"OPTIONS"}
    for handler in ALL:
        if path in handler.paths:
            taken |= handler.http_methods
    if "GET" in taken:
        taken.add("HEAD")
    allow = ", ".join(sorted(taken))
    address = address_of(path)
    for actor in (None, INSPECTOR):
        options = service.client.options(address, headers=service.headers(actor))
        assert (options.status_code, options.content) == (204, b"")
        assert options.headers["Allow"] == allow
    for method in sorted({*METHODS, "PROPFIND"} - taken):
        for actor in (None, INSPECTOR):
            refused = service.client.request(method, address, headers=service.headers(actor))
            assert refused.status_code == 405, method
            assert refused.headers["Allow"] == allow
            assert method == "HEAD" or _kind_of(refused) == "method-not-allowed"


def _kind_of(refused: httpx.Response) -> str:
    """The kind of a problem, or of an error as OData words it."""
    body = refused.json()
    kind = body["type"] if "type" in body else body["error"]["code"]
    return str(kind).removeprefix("/problems/")


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_path_is_not_found_by_any_actor(service: Service, method: str) -> None:
    for actor in (None, INSPECTOR):
        answer = service.client.request(method, "/v1/nothing", headers=service.headers(actor))
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
    wrong = service.client.request(method, "/v1/nothing", headers={"Authorization": "Bearer x"})
    assert wrong.status_code == 404


def test_a_trace_request_is_not_echoed(service: Service) -> None:
    """TRACE would show a script what the browser adds."""
    answer = service.client.request("TRACE", "/v1/forces", headers={"Cookie": "canary=1"})
    assert answer.status_code == 405
    assert "canary" not in answer.text


def test_a_command_is_not_taken_from_a_form_or_file(service: Service, report: Published) -> None:
    path = f"/v1/recommendations/{report.recommendations[0]}/commands"
    headers = service.headers(INSPECTOR)
    sent: list[dict[str, Any]] = [{"data": {"type": "comment"}}, {"files": {"file": b"x"}}]
    for body in sent:
        answer = service.client.post(path, headers=headers, **body)
        assert answer.status_code == 415
        assert answer.json()["type"] == "/problems/unsupported-media-type"


# What waits


def test_every_problem_to_retry_states_when() -> None:
    for kind in PROBLEM_TYPES.values():
        assert ("Retry-After" in kind.headers) is (
            kind.status in {429, 503} or kind.slug == "overtaken"
        )


# What is said


def test_every_test_named_in_the_asvs_table_exists() -> None:
    table = (ROOT / "docs" / "security.md").read_text().split("## ASVS", 1)[1]
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", table)
    assert len(named) > 50
    assert "…" not in table, "a name cut short is checked by nobody"
    for file, test in named:
        files = [path.read_text() for path in (ROOT / "tests").rglob(file)]
        assert files, file
        assert not test or any(f"def {test}(" in text for text in files), f"{file}::{test}"
    chapters = {int(number) for number in re.findall(r"^\| V?(\d+)", table, re.MULTILINE)}
    assert chapters == set(range(1, 18)), "every chapter is answered"
