"""Sign-in through an identity provider: for its person, for us, now, and in one browser."""
# pyright: reportPrivateUsage=false

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from adapters.identity.oidc.client import REFETCH_SECONDS, OpenIDConnect
from adapters.identity.oidc.registration import Secret
from adapters.postgres.database import OWNER, Database
from adapters.settings import Settings
from api.http.cookies import SESSION, SIGN_IN
from domain.vocabulary.actors import Actor, Role
from tests.support.data.examples import ADMIN
from tests.support.served.browser import Browser, Clock, set_cookies
from tests.support.served.identity_provider import CLIENT, KEY, SECRET, Provider, mock_provider
from tests.support.served.serving import (
    AUDITOR,
    Served,
    Service,
    serving,
    settings,
    token_of,
)

pytestmark = pytest.mark.slow

HOME = "http://127.0.0.1:8000"
TENANT, OTHER_TENANT = (
    "11111111-2222-3333-4444-555555555555",
    "99999999-2222-3333-4444-555555555555",
)
OBJECT = "aaaaaaaa-2222-3333-4444-555555555555"


def chosen(issuer: str, **more: str) -> Settings:
    return settings(
        TRACKER_PUBLIC_URL=HOME,
        TRACKER_OIDC_ISSUER=issuer,
        TRACKER_OIDC_CLIENT_ID=CLIENT,
        TRACKER_OIDC_CLIENT_SECRET=Secret(SECRET),
        **more,
    )


@pytest.fixture(scope="module")
def provider() -> Generator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def served(provider: Provider, clock: Clock) -> Served:
    return Served(keep=False, chosen=chosen(provider.url), clock=clock)


@pytest.fixture(autouse=True)
def fresh(provider: Provider, clock: Clock, make_database: Database) -> None:
    address = provider.url
    provider.__dict__.update(Provider().__dict__, url=address, issuer=address)
    clock.at = clock.at.now(clock.at.tzinfo)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("TRUNCATE sessions, people, pending_sign_ins, rates")


def begun(service: Service, path: str = "/sign-in") -> tuple[Browser, str]:
    """A browser that was sent to the provider, and the address that it was sent to."""
    browser = Browser(service)
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return browser, answer.headers["Location"]


def came_back(service: Service, provider: Provider) -> tuple[Browser, httpx.Response]:
    """A browser that went all the way, and what it was answered at the end."""
    browser, address = begun(service)
    return browser, browser.get(provider.authorize(address))


def reason(answer: httpx.Response) -> str:
    assert SESSION not in set_cookies(answer)
    return str(answer.json()["type"]).removeprefix("/problems/")


def people(database: Database) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        return connection.execute(
            "SELECT actor, authority, subject, name, role, force FROM people ORDER BY subject"
        ).fetchall()


# The way in


@pytest.mark.slow
def test_a_person_signs_in_through_an_independent_provider(make_database: Database) -> None:
    with (
        mock_provider() as issuer,
        serving(make_database, keep=False, chosen=chosen(issuer)) as service,
    ):
        claims = {"roles": ["force:kent", "of another service"], "name": "Ada Lovelace"}
        assert httpx.put(f"{issuer}/users/ada", json=claims).is_success
        browser, address = begun(service, "/sign-in?return=/v1/worklist%3Flimit%3D5")
        confirmed = httpx.post(address, data={"sub": "ada"})
        back = urlsplit(confirmed.headers["Location"])
        answer = browser.get(f"{back.path}?{back.query}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/v1/worklist?limit=5")
        told = browser.get("/v1/session").json()
        assert (told["role"], told["force"], told["session"]["way"]) == ("force", "kent", "oidc")
        assert told["actor"].startswith("p-")
        again = Browser(service, browser.cookies).get(f"{back.path}?{back.query}")
        assert reason(again) == "sign-in-failed"


def test_a_browser_is_sent_to_the_provider_with_state_nonce_and_challenge(service: Service) -> None:
    browser, address = begun(service)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert sent["redirect_uri"] == f"{HOME}/sign-in/callback"
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    assert min(len(sent[name]) for name in ("state", "nonce", "code_challenge")) == 43
    assert browser.cookies[SIGN_IN] not in address
    other = parse_qs(urlsplit(begun(service)[1]).query)
    assert not {other[name][0] for name in ("state", "nonce")} & {sent["state"], sent["nonce"]}


def test_the_sign_in_cookie_is_short_lived_and_host_only(service: Service) -> None:
    morsel = set_cookies(Browser(service).get("/sign-in"))["__Host-sign-in"]
    assert (morsel["path"], morsel["max-age"], morsel["domain"]) == ("/", "600", "")
    assert morsel["secure"]
    assert morsel["httponly"]
    assert morsel["samesite"].lower() == "lax"


def test_no_secret_of_a_sign_in_is_in_the_database(
    service: Service, make_database: Database
) -> None:
    browser, address = begun(service)
    sent = parse_qs(urlsplit(address).query)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT t::text FROM pending_sign_ins t").fetchall()
    assert len(rows) == 1
    for secret in (browser.cookies[SIGN_IN], sent["state"][0], sent["nonce"][0]):
        assert secret not in str(rows)
        assert secret.encode().hex() not in str(rows)


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/%0d%0aX: y", "/a b",
     "/" + "x" * 500, "/%5cevil.example"],
)  # fmt: skip
def test_a_sign_in_returns_to_no_other_site(service: Service, place: str) -> None:
    assert service.client.get(f"/sign-in?return={place}").status_code == 400


def test_one_time_links_are_off_where_there_is_a_provider(service: Service) -> None:
    assert service.client.get("/sign-in/link").status_code == 404
    assert Browser(service).post("/sign-in/link", {"code": "x"}).status_code == 404


# The way back


def test_a_callback_is_good_once(service: Service, provider: Provider) -> None:
    browser, address = begun(service)
    held = dict(browser.cookies)
    back = provider.authorize(address)
    assert browser.get(back).status_code == 303
    assert SIGN_IN not in browser.cookies
    provider.waiting["code-0"] = {"nonce": "", "redirect_uri": ""}
    assert reason(Browser(service, held).get(back)) == "sign-in-failed"
    assert provider.paths.count("/token") == 1, "the code was not sent again"


def test_a_callback_of_another_browser_signs_nobody_in(
    service: Service, provider: Provider
) -> None:
    attacker, address = begun(service)
    victim, _ = begun(service)
    back = provider.authorize(address)
    for browser in (Browser(service), victim):
        assert reason(browser.get(back)) == "sign-in-failed"
    assert "/token" not in provider.paths
    assert attacker.get(back).status_code == 303, "and it spoils nothing"


def test_a_wrong_state_signs_nobody_in(service: Service, provider: Provider) -> None:
    browser, address = begun(service)
    path, _, state = provider.authorize(address).rpartition("=")
    for wrong in (
        f"{path}=",
        f"{path}={state}x",
        f"{path}={state}&state={state}",
        f"{path}=%C3%A4",
    ):
        assert reason(browser.get(wrong)) == "sign-in-failed"
    assert browser.get(f"{path}={state}").status_code == 303


def test_a_sign_in_takes_ten_minutes_at_most(
    service: Service, provider: Provider, clock: Clock
) -> None:
    browser, address = begun(service)
    clock.forward(minutes=10)
    assert reason(browser.get(provider.authorize(address))) == "sign-in-failed"


def test_a_person_refused_by_the_provider_can_begin_again(
    service: Service, provider: Provider
) -> None:
    browser, address = begun(service)
    state = parse_qs(urlsplit(address).query)["state"][0]
    answer = browser.get(f"/sign-in/callback?error=access_denied&state={state}")
    assert reason(answer) == "sign-in-failed"
    assert came_back(service, provider)[1].status_code == 303


# ID tokens


NOW = int(time.time())


@pytest.mark.slow
@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": 1},
        {"aud": "another"},
        {"aud": []},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": "http://127.0.0.1"},
        {"exp": NOW - 3_600},
        {"exp": "never"},
        {"nbf": NOW + 3_600},
        {"iat": NOW + 3_600},
        {"iat": NOW - 3_600},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
        {"sub": "nul\x00"},
    ],
    ids="-".join,
)
def test_an_id_token_with_a_wrong_claim_signs_nobody_in(
    service: Service, provider: Provider, make_database: Database, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert reason(came_back(service, provider)[1]) == "sign-in-failed"
    assert people(make_database) == []


@pytest.mark.parametrize("name", ["nonce", "aud", "iss", "exp", "iat", "sub"])
def test_an_id_token_with_a_missing_claim_signs_nobody_in(
    service: Service, provider: Provider, name: str
) -> None:
    provider.without = {name}
    assert reason(came_back(service, provider)[1]) == "sign-in-failed"


def test_an_id_token_with_another_signature_signs_nobody_in(
    service: Service, provider: Provider
) -> None:
    secret = provider.published[0].as_pem(private=False)
    for algorithm, key in (
        ("none", provider.key),
        ("RS256", RSAKey.generate_key(2048, {"kid": "one"})),
        ("HS256", OctKey.import_key(b"s3cret" * 8, {"kid": "one"})),
        ("HS256", OctKey.import_key(secret.replace(b"-----", b"====="), {"kid": "one"})),
        ("RS512", provider.published[0]),
        ("ES256", ECKey.generate_key("P-256", {"kid": "one"})),
    ):
        provider.algorithm, provider.key = algorithm, key
        assert reason(came_back(service, provider)[1]) == "sign-in-failed", algorithm


@pytest.mark.parametrize(
    "payload",
    [
        b'{%s, "name": "\\ud800"}',
        b'{%s, "deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{%s, "iat": NaN}',
        b'{%s, "name": "\xff"}',
        b"[%s]",
    ],
    ids=["half a character", "deep nesting", "no number", "other bytes", "no object"],
)
def test_an_id_token_that_is_no_clean_json_signs_nobody_in(
    service: Service, provider: Provider, make_database: Database, payload: bytes
) -> None:
    provider.payload = payload
    assert reason(came_back(service, provider)[1]) == "sign-in-failed"
    assert people(make_database) == []
    provider.payload = b"{%s}"
    assert came_back(service, provider)[1].status_code == 303


def test_a_header_of_an_id_token_that_is_nested_deeply_signs_nobody_in(
    service: Service, provider: Provider
) -> None:
    header = b'{"alg": "RS256", "deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    token = urlsafe_b64encode(header).decode().rstrip("=") + ".e30.AAAA"
    provider.pages["/token"] = 200, json.dumps({"id_token": token}).encode()
    assert reason(came_back(service, provider)[1]) == "sign-in-failed"


def test_a_key_rotated_under_its_name_or_under_none_is_fetched_again_and_once(
    make_database: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.identity.oidc.client.REFETCH_SECONDS", REFETCH_SECONDS / 1e6)
    for unnamed in (False, True):
        provider.unnamed = unnamed
        with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
            assert came_back(service, provider)[1].status_code == 303
            fetched = provider.paths.count("/keys")
            provider.key = RSAKey.generate_key(2048, {"kid": "one"})
            provider.published = [provider.key]
            assert came_back(service, provider)[1].status_code == 303
            assert provider.paths.count("/keys") == fetched + 1
            provider.key = RSAKey.generate_key(2048, {"kid": "one"})
            assert reason(came_back(service, provider)[1]) == "sign-in-failed", "never published"
            assert provider.paths.count("/keys") == fetched + 2
            provider.key = provider.published[0]


def test_a_token_without_the_name_of_its_key_is_verified_by_any_published_key(
    make_database: Database, provider: Provider
) -> None:
    provider.unnamed = True
    others = [RSAKey.generate_key(2048, {"kid": name}) for name in ("two", "three")]
    provider.published = [others[0], KEY, others[1]]
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        assert came_back(service, provider)[1].status_code == 303


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "odd"},
        {"kty": "none", "kid": "odd"},
        {"kty": "RSA"},
        {},
    ],
    ids=str,
)
def test_a_published_key_that_cannot_be_read_leaves_the_others_in_use(
    make_database: Database, provider: Provider, key: dict[str, Any]
) -> None:
    provider.keys_more = [key]
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        assert came_back(service, provider)[1].status_code == 303


def test_a_callback_of_another_issuer_signs_nobody_in(service: Service, provider: Provider) -> None:
    for named in ("https://evil.example", "", f"{provider.url}/"):
        provider.named = named
        assert reason(came_back(service, provider)[1]) == "sign-in-failed", named
    provider.named = provider.url
    assert came_back(service, provider)[1].status_code == 303
    browser, address = begun(service)
    both = f"{provider.authorize(address)}&iss=https%3A%2F%2Fevil.example"
    assert reason(browser.get(both)) == "sign-in-failed"


def test_a_callback_names_its_issuer_where_the_provider_says_so(
    make_database: Database, provider: Provider
) -> None:
    provider.more = {"authorization_response_iss_parameter_supported": True}
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        assert reason(came_back(service, provider)[1]) == "sign-in-failed"
        provider.named = provider.url
        assert came_back(service, provider)[1].status_code == 303


def test_an_id_token_for_two_audiences_is_accepted_if_issued_to_us(
    service: Service, provider: Provider
) -> None:
    provider.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert came_back(service, provider)[1].status_code == 303


def test_new_signing_keys_are_fetched_at_most_once_a_minute(
    make_database: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        assert came_back(service, provider)[1].status_code == 303
        provider.key = ECKey.generate_key("P-256", {"kid": "two"})
        provider.algorithm = "ES256"
        provider.published.append(provider.key)
        assert reason(came_back(service, provider)[1]) == "sign-in-failed", "too soon"
        assert provider.paths.count("/keys") == 1
        monkeypatch.setattr("adapters.identity.oidc.client.REFETCH_SECONDS", REFETCH_SECONDS / 1e6)
        assert came_back(service, provider)[1].status_code == 303
        assert provider.paths.count("/keys") == 2


# A provider that errs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/.well-known/openid-configuration", (302, b"")),
        ("/.well-known/openid-configuration", (500, b"")),
        ("/.well-known/openid-configuration", (200, b"no JSON")),
        ("/.well-known/openid-configuration", (200, b"[]")),
        ("/.well-known/openid-configuration", (200, b" " * 300_000)),
        ("/.well-known/openid-configuration", (200, json.dumps({
            "issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/a",
            "token_endpoint": "https://evil.example/t", "jwks_uri": "https://evil.example/k",
        }).encode())),
        ("/keys", (302, b"")),
        ("/keys", (200, b'{"keys": []}')),
        ("/keys", (200, b'{"keys": [{"kty": "RSA"}]}')),
        ("/token", (302, b"")),
        ("/token", (503, b"")),
        ("/token", (200, b"{}")),
    ],
)  # fmt: skip
def test_a_provider_with_broken_answers_is_reported_away(
    make_database: Database,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    page: tuple[int, bytes],
) -> None:
    monkeypatch.setattr("adapters.identity.oidc.signing_keys.FAILED_SECONDS", 0)
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        provider.pages[path] = page
        answer = Browser(service).get("/sign-in")
        if answer.status_code == 303:
            answer = came_back(service, provider)[1]
        assert answer.status_code == 503
        assert reason(answer) == "provider-away"
        assert answer.headers["Retry-After"] == "10"
        assert "/elsewhere" not in provider.paths, "no redirect is followed"
        del provider.pages[path]
        assert came_back(service, provider)[1].status_code == 303


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("end", ["\r\nSet-Cookie: a=b", " x", "\x00", "é", "x" * 3_000])
def test_addresses_of_a_provider_that_no_header_can_hold_are_refused_and_not_kept(
    make_database: Database,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    end: str,
) -> None:
    monkeypatch.setattr("adapters.identity.oidc.signing_keys.FAILED_SECONDS", 0)
    provider.more = {name: f"{provider.url}/{end}"}
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        assert reason(Browser(service).get("/sign-in")) == "provider-away"
        provider.more = {}
        assert came_back(service, provider)[1].status_code == 303


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_an_answer_of_a_provider_that_is_nested_deeply_is_no_fault(
    make_database: Database,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    monkeypatch.setattr("adapters.identity.oidc.signing_keys.FAILED_SECONDS", 0)
    deep = b'{"keys": [{"kty": ' + b"[" * 20_000 + b"]" * 20_000 + b"}]}"
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        provider.pages[path] = 200, deep
        answer = Browser(service).get("/sign-in")
        if answer.status_code == 303:
            answer = came_back(service, provider)[1]
        assert reason(answer) == "provider-away"
        del provider.pages[path]
        assert came_back(service, provider)[1].status_code == 303


def test_a_provider_that_hangs_is_asked_once_for_all_and_not_again_at_once(
    make_database: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.identity.oidc.client.ANSWER_SECONDS", 2.0)
    monkeypatch.setattr("adapters.identity.oidc.signing_keys.FAILED_SECONDS", 3_600)
    provider.hanging.set()
    try:
        with (
            serving(make_database, keep=False, chosen=chosen(provider.url)) as service,
            ThreadPoolExecutor(8) as pool,
        ):
            asked = [pool.submit(Browser(service).get, "/sign-in") for _ in range(8)]
            assert {reason(each.result()) for each in asked} == {"provider-away"}
            assert reason(Browser(service).get("/sign-in")) == "provider-away"
            assert provider.paths == ["/.well-known/openid-configuration"]
            monkeypatch.setattr("adapters.identity.oidc.signing_keys.FAILED_SECONDS", 0)
            provider.hanging.clear()
            assert came_back(service, provider)[1].status_code == 303
    finally:
        provider.hanging.clear()


def test_provider_endpoints_without_tls_are_refused(
    make_database: Database, provider: Provider
) -> None:
    found = {
        "issuer": provider.url, "authorization_endpoint": f"{provider.url}/authorize",
        "token_endpoint": "http://tracker.example/token", "jwks_uri": f"{provider.url}/keys",
    }  # fmt: skip
    provider.pages["/.well-known/openid-configuration"] = (200, json.dumps(found).encode())
    with serving(make_database, keep=False, chosen=chosen(provider.url)) as service:
        assert reason(Browser(service).get("/sign-in")) == "provider-away"


# Roles and people


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ([], "do not have a role"),
        (None, "do not have a role"),
        ("inspector", "do not have a role"),
        (["Inspector"], "do not have a role"),
        (["public"], "do not have a role"),
        (["importer"], "do not have a role"),
        (["reporting"], "do not have a role"),
        (["force"], "do not have a role"),
        (["force:narnia"], "do not have a role"),
        (["inspector:kent"], "do not have a role"),
        (["inspector", "admin"], "admin, inspector"),
        (["force:kent", "force:essex"], "force:essex, force:kent"),
        (["force:kent", "local_policing_body:kent"], "more than one"),
    ],
    ids=str,
)
def test_a_person_with_no_role_or_two_is_refused(
    service: Service, provider: Provider, make_database: Database, roles: object, words: str
) -> None:
    provider.claims = {"roles": roles}
    answer = came_back(service, provider)[1]
    assert (answer.status_code, reason(answer)) == (403, "no-role")
    assert words in answer.json()["detail"]
    assert people(make_database) == []


def test_a_person_is_identified_by_issuer_and_subject_alone(
    service: Service, provider: Provider, make_database: Database
) -> None:
    for subject, name, mail in (
        ("ada", "Ada Lovelace", "ada@example.org"),
        ("ada", "Ada King", "king@example.org"),
        ("eve", "Ada King", "king@example.org"),
    ):
        provider.claims = {"sub": subject, "name": name, "email": mail, "upn": mail}
        assert came_back(service, provider)[1].status_code == 303
    ada, eve = people(make_database)
    assert ada[1:] == (provider.url, "ada", "Ada King", "inspector", None)
    assert ada[0] != eve[0]
    assert "mail" not in str((ada, eve))


def test_a_changed_role_applies_from_the_next_sign_in(
    service: Service, provider: Provider, make_database: Database
) -> None:
    actors: set[str] = set()
    for roles, expected in (
        (["inspector"], ("inspector", None)),
        (["force:kent"], ("force", "kent")),
    ):
        provider.claims = {"roles": roles}
        told = came_back(service, provider)[0].get("/v1/session").json()
        assert (told["role"], told["force"]) == expected
        actors.add(told["actor"])
    assert len(actors) == 1
    assert people(make_database)[0][4:] == ("force", "kent")
    told = service.get(f"/v1/access/{actors.pop()}", AUDITOR).json()["items"]
    assert [item["tag"] for item in told] == [
        "access.signed_in", "access.signed_in", "access.role_changed",
    ]  # fmt: skip
    changed = told[-1]["event"]
    assert (changed["was"], changed["now"]) == ("inspector", "force")
    assert (changed["was_force"], changed["now_force"]) == (None, "kent")


def test_a_changed_role_ends_the_older_sessions_of_the_person_at_once(
    service: Service, provider: Provider
) -> None:
    provider.claims = {"roles": ["inspector"]}
    elsewhere = came_back(service, provider)[0]
    same = came_back(service, provider)[0]
    assert elsewhere.get("/v1/session").status_code == 200
    provider.claims = {"sub": "person-2", "roles": ["inspector"]}
    other = came_back(service, provider)[0]
    provider.claims = {"roles": ["force:kent"]}
    now = came_back(service, provider)[0]
    assert [browser.get("/v1/session").status_code for browser in (elsewhere, same)] == [401, 401]
    assert now.get("/v1/session").json()["role"] == "force"
    assert other.get("/v1/session").status_code == 200
    provider.claims = {"roles": ["force:essex"]}
    assert came_back(service, provider)[1].status_code == 303
    assert now.get("/v1/session").status_code == 401
    # A role that comes back brings no old session back.
    provider.claims = {"roles": ["inspector"]}
    assert came_back(service, provider)[1].status_code == 303
    assert elsewhere.get("/v1/session").status_code == 401


@pytest.mark.parametrize("roles", [[], ["inspector", "admin"]], ids=str)
def test_a_role_taken_away_ends_the_sessions_of_the_person_and_is_on_record(
    service: Service, provider: Provider, make_database: Database, roles: list[str]
) -> None:
    provider.claims = {"roles": ["inspector"]}
    elsewhere = came_back(service, provider)[0]
    actor = elsewhere.get("/v1/session").json()["actor"]
    provider.claims = {"roles": roles}
    for _ in range(2):
        assert came_back(service, provider)[1].status_code == 403
    assert elsewhere.get("/v1/session").status_code == 401
    assert people(make_database)[0][4:] == ("public", None)
    told = service.get(f"/v1/access/{actor}", AUDITOR).json()["items"]
    changes = [item["event"] for item in told if item["tag"] == "access.role_changed"]
    assert [(change["was"], change["now"]) for change in changes] == [("inspector", "public")]
    provider.claims = {"roles": ["inspector"]}
    assert came_back(service, provider)[1].status_code == 303


def test_a_token_of_a_person_ends_with_the_role_it_was_made_for(
    service: Service, provider: Provider, make_database: Database
) -> None:
    provider.claims = {"roles": ["inspector"]}
    browser = came_back(service, provider)[0]
    actor = browser.get("/v1/session").json()["actor"]
    own = token_of(make_database, Actor(actor, Role.INSPECTOR))
    reporting = token_of(make_database, Actor(actor, Role.REPORTING))

    def statuses() -> list[int]:
        headers = [{"Authorization": f"Bearer {text}"} for text in (own, reporting)]
        return [service.client.get("/v1/session", headers=each).status_code for each in headers]

    assert statuses() == [200, 200]
    provider.claims = {"roles": ["force:kent"]}
    came_back(service, provider)
    assert statuses() == [401, 200]
    with pytest.raises(ValueError, match="has the role force of kent"):
        token_of(make_database, Actor(actor, Role.INSPECTOR))
    provider.claims = {"roles": []}
    came_back(service, provider)
    assert statuses() == [401, 401]


def test_an_admin_changes_and_removes_names_which_the_ledger_never_holds(
    service: Service, provider: Provider
) -> None:
    provider.claims = {"roles": ["inspector"], "name": "Nadia Example"}
    actor = came_back(service, provider)[0].get("/v1/session").json()["actor"]
    listed = service.get("/v1/people", AUDITOR).json()["items"]
    assert [(one["actor"], one["name"]) for one in listed] == [(actor, "Nadia Example")]
    headers = service.headers(ADMIN)
    for name in ("N. Example", None):
        path = f"/v1/people/{actor}"
        answer = service.client.patch(path, json={"name": name}, headers=headers)
        assert answer.json() == {"actor": actor, "name": name}
        assert service.get("/v1/people", ADMIN).json()["items"][0]["name"] == name
    absent = service.client.patch("/v1/people/p-1", json={"name": None}, headers=headers)
    assert absent.status_code == 404
    assert "Example" not in service.get("/v1/ledger?limit=500", AUDITOR).text


def test_the_list_of_people_is_paged(service: Service, provider: Provider) -> None:
    for number in range(3):
        provider.claims = {"roles": ["inspector"], "sub": f"person-{number}"}
        came_back(service, provider)
    path, found = "/v1/people?limit=2", list[str]()
    while path:
        answer = service.get(path, AUDITOR)
        found += [item["actor"] for item in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url", "")
    assert (len(set(found)), found) == (3, sorted(found))


# Entra ID


@pytest.fixture
def entra(make_database: Database, provider: Provider) -> Generator[Service]:
    provider.issuer = f"{provider.url}/{{tenantid}}/v2.0"
    provider.claims = {
        "iss": f"{provider.url}/{TENANT}/v2.0", "tid": TENANT, "oid": OBJECT, "sub": "pairwise",
    }  # fmt: skip
    found = chosen(provider.issuer, TRACKER_OIDC_TENANTS=f"{TENANT.upper()}, {OBJECT}")
    with serving(make_database, keep=False, chosen=found) as opened:
        yield opened


def test_an_entra_id_person_is_identified_by_tenant_and_object(
    entra: Service, provider: Provider, make_database: Database
) -> None:
    assert came_back(entra, provider)[1].status_code == 303
    provider.claims["sub"] = "another"
    assert came_back(entra, provider)[1].status_code == 303
    ((_, authority, subject, *_),) = people(make_database)
    assert (authority, subject) == (TENANT, OBJECT)


@pytest.mark.slow
@pytest.mark.parametrize(
    "claims",
    [
        {"tid": OTHER_TENANT},
        {"tid": OBJECT},
        {"tid": None},
        {"tid": [TENANT]},
        {"oid": None},
        {"oid": ""},
        {"oid": 5},
    ],
    ids=str,
)
def test_a_person_of_an_unlisted_tenant_cannot_sign_in(
    entra: Service, provider: Provider, make_database: Database, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert reason(came_back(entra, provider)[1]) == "sign-in-failed"
    assert people(make_database) == []


def test_a_tenant_cannot_issue_tokens_for_another(
    entra: Service, provider: Provider, make_database: Database
) -> None:
    provider.claims |= {"tid": OTHER_TENANT, "iss": f"{provider.url}/{OTHER_TENANT}/v2.0"}
    assert reason(came_back(entra, provider)[1]) == "sign-in-failed"
    assert people(make_database) == []


def test_a_provider_on_the_loopback_is_never_asked_through_a_proxy(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # where nobody answers
    registration = chosen(provider.url).provider
    assert registration

    async def metadata() -> Any:  # noqa: ANN401  as decoded
        async with OpenIDConnect(registration) as client:
            return await client._metadata.get(0)

    assert asyncio.run(metadata()).issuer == provider.url


def test_the_client_secret_is_in_no_repr(provider: Provider) -> None:
    found = chosen(provider.url)
    assert SECRET not in repr(found) + repr(found.provider) + repr(OpenIDConnect)
