"""Rate limits: exact across processes for sign-in, approximate for everything else."""
# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
import pytest

from adapters.identity import rate_limits
from adapters.identity.links import make_link
from adapters.identity.rate_limits import RATES, Rates
from adapters.identity.token_format import new_token
from adapters.ledger.async_ledger import AsyncLedger
from adapters.postgres.database import APP, OWNER, Database
from api import app
from api.http.problems import ProblemError
from api.http.rate_limits import CLIENTS_MAX, Limits, Throttle, client_of
from tests.support.data.examples import INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.serving import Service, serving, settings
from tests.support.served.tcp_proxy import proxied

pytestmark = pytest.mark.slow

T = TypeVar("T")
SIGN_IN = RATES["sign-in"]


def counted(database: Database, doing: Callable[[Rates], Awaitable[T]]) -> T:
    """Do something with what one process counts."""

    async def run() -> T:
        async with AsyncLedger(database.conninfo(APP), wait=2) as opened:
            return await doing(Rates(opened.run))

    coroutine: Coroutine[Any, Any, T] = run()
    return asyncio.run(coroutine)


def takes(count: int, client: str) -> Callable[[Rates], Awaitable[list[float]]]:
    async def doing(opened: Rates) -> list[float]:
        return await asyncio.gather(*(opened.take("sign-in", client) for _ in range(count)))

    return doing


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """No new tries while a test runs."""
    monkeypatch.setattr(
        rate_limits, "RATES", dict.fromkeys(RATES, rate_limits.Rate(SIGN_IN.burst, 3_600))
    )


# Exactly


def test_all_processes_share_one_number_of_tries(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        each = [pool.submit(counted, database, takes(SIGN_IN.burst, "a")) for _ in range(4)]
        waits = [wait for one in each for wait in one.result()]
    assert waits.count(0) == SIGN_IN.burst
    # A try that began before the first, and was counted after it, waits a little over an hour.
    assert all(3_500 < wait < 3_700 for wait in waits if wait)


def test_one_address_is_not_limited_for_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    assert any(counted(database, takes(SIGN_IN.burst + 1, "a")))
    assert not any(counted(database, takes(SIGN_IN.burst, "b")))


def test_used_tries_come_back_one_by_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "RATES", dict.fromkeys(RATES, rate_limits.Rate(3, 2)))

    async def doing(opened: Rates) -> list[bool]:
        waits = [await opened.take("sign-in", "a") for _ in range(4)]
        await asyncio.sleep(waits[-1])
        waits += [await opened.take("sign-in", "a") for _ in range(2)]
        return [not wait for wait in waits]

    assert counted(database, doing) == [True, True, True, False, True, False]


def test_expired_counts_are_removed_and_no_address_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "RATES", dict.fromkeys(RATES, rate_limits.Rate(3, 0.01)))

    async def doing(opened: Rates) -> None:
        for number in range(40):
            await opened.take("sign-in", f"203.0.113.{number}")
        await asyncio.sleep(0.1)
        for _ in range(20):
            await opened.take("sign-in", "b")
            await asyncio.sleep(0.01)

    counted(database, doing)
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT rates::text FROM rates").fetchall()
    assert len(rows) <= 2
    assert "203.0.113" not in str(rows)


def test_the_service_can_take_tries_but_not_reset_them(database: Database) -> None:
    with psycopg.connect(database.conninfo(APP), autocommit=True) as connection:
        for doing in ("DELETE FROM rates", "SELECT * FROM rates", "TRUNCATE rates"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(doing.encode())


# What is answered


def test_unknown_tokens_are_rate_limited_and_valid_ones_are_let_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    with serving(database) as service:

        def guess() -> int:
            sent = {"Authorization": f"Bearer {new_token()}"}
            return service.client.get("/v1/worklist", headers=sent).status_code

        assert [guess() for _ in range(SIGN_IN.burst)] == [401] * SIGN_IN.burst
        sent = {"Authorization": f"Bearer {new_token()}"}
        held = service.client.get("/v1/worklist", headers=sent)
        assert held.status_code == 429
        assert held.json()["type"] == "/problems/too-many"
        assert 3_500 < int(held.headers["Retry-After"]) <= 3_600
        assert service.get("/v1/worklist", INSPECTOR).status_code == 200
        text = new_token()
        misspelt = text[:-1] + ("y" if text.endswith("x") else "x")
        slip = {"Authorization": f"Bearer {misspelt}"}
        assert service.client.get("/v1/worklist", headers=slip).status_code == 401


def test_wrong_links_are_rate_limited_and_a_good_one_signs_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    with serving(database, keep=False) as service:

        def sign_in(code: str) -> int:
            return Browser(service).post("/sign-in/link", {"code": code}).status_code

        assert [sign_in(f"rsl_{number}") for number in range(SIGN_IN.burst)] == (
            [400] * SIGN_IN.burst
        )
        assert sign_in("rsl_one_more") == 429
        good = make_link(database.conninfo(OWNER), INSPECTOR)
        assert sign_in(good) == 303
        assert sign_in(good) == 429, "used up, and so a guess like any other"


def test_no_page_for_signing_in_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image on another site may ask for them, from the browser of anybody in the office."""
    monkeypatch.setattr(Rates, "take", None)
    with serving(database, keep=False) as service:
        for path, status in (
            ("/sign-in", 200), ("/sign-in/link", 200), ("/sign-in/callback?state=x", 404),
        ):  # fmt: skip
            assert service.get(path, Sec_Fetch_Site="cross-site").status_code == status
        good = make_link(database.conninfo(OWNER), INSPECTOR)
        assert Browser(service).post("/sign-in/link", {"code": good}).status_code == 303


def test_a_valid_token_is_not_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(database) as service:
        monkeypatch.setattr(Rates, "take", None)
        assert service.get("/v1/worklist", INSPECTOR).status_code == 200
        assert service.get("/v1/forces").status_code == 200


def test_rate_limits_without_the_database_stop_only_sign_in(database: Database) -> None:
    async def doing() -> type[Exception]:
        with proxied(database) as (through, proxy):
            async with AsyncLedger(through.conninfo(APP), wait=1) as opened:
                limits = Limits(Rates(opened.run))
                proxy.to("cut")
                with pytest.raises(Exception, match=r".") as raised:
                    await limits.take("sign-in", "a")
                await limits.take_if_counted("token", "a")
                return raised.type

    assert asyncio.run(doing()).__name__ == "OperationalError", "which is answered 503"


def test_a_limited_request_is_told_when_to_retry(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)

    async def doing(opened: Rates) -> None:
        limits = Limits(opened)
        for _ in range(SIGN_IN.burst):
            await limits.take("sign-in", "a")
        with pytest.raises(ProblemError) as raised:
            await limits.take("sign-in", "a")
        assert raised.value.kind.status == 429
        (told,) = raised.value.headers.items()
        assert told[0] == "Retry-After"
        assert 3_500 < int(told[1]) <= 3_600

    counted(database, doing)


# Roughly


def far(service: Service, path: str, client: str) -> tuple[int, str | None]:
    answer = service.get(path, X_Forwarded_For=client)
    return answer.status_code, answer.headers.get("Retry-After")


@pytest.mark.slow
def test_one_address_cannot_use_all_capacity(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(app, "Throttle", lambda: Throttle(clock=lambda: now))
    chosen = settings(TRACKER_TRUSTED_PROXIES="127.0.0.1")
    with serving(database, keep=False, chosen=chosen) as service:
        answers = [far(service, "/problems/stale", "203.0.113.5") for _ in range(202)]
        assert answers == [(200, None)] * 200 + [(429, "1")] * 2
        assert far(service, "/nothing", "203.0.113.5") == (429, "1")
        assert far(service, "/problems/stale", "203.0.113.6") == (200, None)
        now = 1.0
        answers = [far(service, "/problems/stale", "203.0.113.5") for _ in range(51)]
        assert answers == [(200, None)] * 50 + [(429, "1")]


def test_a_throttle_counts_by_time_and_forgets_idle_clients() -> None:
    now = 0.0
    throttle = Throttle(at_once=2, per_second=0.5, clock=lambda: now)
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 2]
    now = 2.0
    assert [throttle.take("a") for _ in range(2)] == [0, 2]
    for number in range(CLIENTS_MAX * 2):
        throttle.take(str(number))
    assert len(throttle._free_at) == CLIENTS_MAX
    assert [throttle.take("loopback") for _ in range(10)] == [0] * 10


@pytest.mark.parametrize(
    ("given", "counted_as"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("nonsense", "unknown"),
    ],
)
def test_a_client_is_an_address_or_its_network(given: str, counted_as: str) -> None:
    assert client_of({"client": (given, 1)}) == counted_as  # type: ignore[arg-type]
