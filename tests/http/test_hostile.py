"""Thousands of hostile requests, and no fault.

`hostile/` holds requests that once caused faults, byte by byte, with $HOST, $TOKEN and $STREAM to
be filled in; they are sent first. Add a file there when a new one is found.
"""

from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import CHECKER, Database
from api.http.headers import DEFAULT_HEADERS
from domain.vocabulary.actors import Actor
from tests.support.data.examples import INSPECTOR
from tests.support.matrices.hostile_requests import STREAM, Sent, requests
from tests.support.served.raw import Answer, Connection
from tests.support.served.serving import Service, published

pytestmark = pytest.mark.slow

KEPT = sorted((Path(__file__).parent / "hostile").glob("*.http"))
REQUESTS = 5_000
TOGETHER = 20
HARMLESS = {
    "request_answered", "request_refused", "sign_in_refused",
    "access_refused", "access_refusals_many", "access_refusals_counted",
    "read_model_kept", "reporting_views_made",
}  # fmt: skip
SAFE = {"GET", "HEAD", "OPTIONS"}


class Attacker:
    """Sends requests on one connection after another, and looks at every answer."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._connection: Connection | None = None
        self.stream = published(service, "kent-hostile-2021").recommendations[0]
        self.statuses: Counter[int | None] = Counter()

    def send(self, raw: bytes, method: str, *, whole: bool, actor: Actor | None) -> None:
        """Send one request; fail if the answer is one that no request may have."""
        try:
            answer = self._answer(raw, method, whole=whole)
            if whole or answer:
                check(answer, method, actor)
        except (AssertionError, TimeoutError) as error:
            error.add_note(self._how_to_keep(raw))
            raise

    def _answer(self, raw: bytes, method: str, *, whole: bool) -> Answer | None:
        if self._connection and self._connection.is_dropped():  # idle for longer than it may be
            self.close()
            self._connection = None
        connection = self._connection or Connection(self._service.url)
        connection.send(raw.replace(str(STREAM).encode(), self.stream.encode()))
        try:
            answer = connection.answer(method)
        except TimeoutError:
            self._connection = None
            connection.close()
            raise
        if whole and answer and "close" not in answer.all("connection"):
            self._connection = connection
        else:
            connection.close()
            self._connection = None
        self.statuses[answer.status if answer else None] += 1
        return answer

    def _how_to_keep(self, raw: bytes) -> str:
        for token in self._service.tokens.values():
            raw = raw.replace(token.encode(), b"$TOKEN")
        raw = raw.replace(str(STREAM).encode(), b"$STREAM")
        return f"Keep it: Path('tests/http/hostile/NAME.http').write_bytes({raw!r})"

    def close(self) -> None:
        """Hang up."""
        if self._connection:
            self._connection.close()

    def sent(self, sent: Sent) -> None:
        """Send what was made up, as somebody and as nobody."""
        for actor, token in ((sent.actor, self._service.tokens[sent.actor]), (None, None)):
            self.send(sent.raw("127.0.0.1", token), sent.method, whole=sent.whole, actor=actor)


def check(answer: Answer | None, method: str, actor: Actor | None) -> None:
    """What holds for the answer to any request, however hostile."""
    assert answer is not None, "every request is answered"
    assert answer.status < 500, answer
    assert answer.all("content-security-policy") == [DEFAULT_HEADERS["Content-Security-Policy"]], (
        answer
    )
    is_page = answer.all("content-type") == ["text/html; charset=utf-8"]
    if answer.status >= 400 and method != "HEAD" and not is_page:
        assert answer.problem
    if actor is None and method not in SAFE:
        assert answer.status >= 400, "the public changes nothing"


@pytest.fixture(scope="module")
def attacker(service: Service) -> Generator[Attacker]:
    made = Attacker(service)
    yield made
    made.close()


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_requests_that_once_caused_faults_are_answered(
    service: Service, attacker: Attacker, file: Path
) -> None:
    raw = file.read_bytes()
    for name, value in (
        (b"$HOST", "127.0.0.1"), (b"$TOKEN", service.tokens[INSPECTOR]), (b"$STREAM", str(STREAM)),
    ):  # fmt: skip
        raw = raw.replace(name, value.encode())
    method = raw.split(b" ", 1)[0].decode("latin-1")
    actor = INSPECTOR if b"Authorization" in raw else None
    attacker.send(raw, method, whole=True, actor=actor)


def test_no_generated_request_causes_a_fault(service: Service, attacker: Attacker) -> None:
    attacker.statuses.clear()

    @settings(
        max_examples=REQUESTS // TOGETHER // 2,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(requests(), min_size=TOGETHER, max_size=TOGETHER))
    def attack(several: list[Sent]) -> None:
        for sent in several:
            attacker.sent(sent)

    with structlog.testing.capture_logs() as logs:
        attack()
    assert attacker.statuses.total() >= REQUESTS, attacker.statuses
    assert {200, 201, 400, 401, 403, 404, 405, 414} <= attacker.statuses.keys(), "many ways in"
    assert {line["event"] for line in logs} <= HARMLESS
    assert service.get("/health/ready").json()["ready"] is True


def test_the_ledger_is_intact_after_the_hostile_requests(
    attacker: Attacker, make_database: Database
) -> None:
    assert attacker.stream
    with Ledger(environment(make_database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
        assert checker.faults == []
        assert checker.entries > 2, "some of what was sent was well meant"
