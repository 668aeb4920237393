"""Webhooks to real receivers: signed, in order, each at least once; in no private network."""

import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from adapters.notices import courier, outgoing
from adapters.notices.outgoing import (
    Undelivered,
    check_url,
    connection_to,
    is_public,
    post,
    resolve,
)
from adapters.postgres.database import APP, OWNER, PROJECTOR, READER, Database
from tests.support.data.examples import ESSEX, INSPECTOR, KENT
from tests.support.served.program import eventually
from tests.support.served.serving import (
    REPORTING,
    Published,
    Served,
    Service,
    command,
    published,
    serving,
    settings,
)

pytestmark = pytest.mark.slow

PATH = "/v1/subscriptions"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(chosen=settings(TRACKER_WEBHOOKS="loopback"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(courier, "LOOK_SECONDS", 0.05)


class Receiver:
    """A receiver of webhooks, as it would run elsewhere; it answers as `answers` says."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: Callable[[int], int] = lambda _count: 204
        """The status of each answer, by the number of requests so far."""
        self.seconds = 0.0
        """How long it takes to answer."""
        self.most_at_once = 0
        self._now, self._lock = 0, threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append((headers, body))
                with receiver.counting():
                    time.sleep(receiver.seconds)
                self.send_response(receiver.answers(len(receiver.requests)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as there
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=us"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    @contextmanager
    def counting(self) -> Generator[None]:
        """Count a request as one of those at the same time."""
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        yield
        with self._lock:
            self._now -= 1

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.requests]

    def events(self, secret: str) -> list[dict[str, Any]]:
        """Return what came, each checked with a secret by the library of receivers."""
        for headers, body in self.requests:
            verify(secret, headers, body)
        return [json.loads(body) for _, body in self.requests]


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    Webhook(secret).verify(body, headers)
    return True


@contextmanager
def receiving(port: int = 0) -> Generator[Receiver]:
    receiver = Receiver(port)
    receiver.thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.thread.join()
        receiver.server.server_close()


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with receiving() as running:
        yield running


def subscribe(service: Service, url: str, **fields: object) -> dict[str, str]:
    """Subscribe an address; return the id and the secret."""
    answer = service.post(PATH, {"url": url, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


@pytest.fixture(autouse=True)
def unsubscribed(service: Service) -> Generator[None]:
    """Leave no subscription to the next test."""
    yield
    for item in service.get(PATH, INSPECTOR).json()["items"]:
        path = f"{PATH}/{item['id']}"
        assert service.client.delete(path, headers=service.headers(INSPECTOR)).is_success


def record(service: Service, force: str = "kent") -> Published:
    """Record a report with one recommendation: two published steps."""
    return published(service, f"{force}-{uuid4().hex}-2022", force=force)


def state_of(service: Service, made: dict[str, str]) -> dict[str, Any]:
    items = service.get(PATH, INSPECTOR).json()["items"]
    state: dict[str, Any] = next(item for item in items if item["id"] == made["id"])
    return state


def test_a_receiver_has_each_published_step_once_in_order_and_signed(
    service: Service, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url)
    reports = [record(service) for _ in range(3)]
    stream = reports[0].recommendations[0]
    assert command(service, stream, KENT, "comment", comment="Between us.").is_success
    plan = command(service, stream, KENT, "receive_action_plan", answer="act", content="Yes.")
    assert eventually(lambda: len(receiver.requests) == 7)
    events = receiver.events(made["secret"])
    positions = [event["data"]["position"] for event in events]
    assert positions == sorted(positions)
    assert positions[-1] == plan.json()["position"]
    assert len(set(receiver.ids)) == 7
    assert [event["id"] for event in events] == receiver.ids
    headers, body = receiver.requests[0]
    assert headers["content-type"] == "application/cloudevents+json"
    assert b"Between us" not in body
    with pytest.raises(WebhookVerificationError):
        verify(made["secret"], headers, body + b" ")
    assert eventually(lambda: state_of(service, made)["position"] >= positions[-1])


def test_a_receiver_that_fails_is_asked_again_with_the_same_id(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = lambda count: 503 if count < 4 else 200
    made = subscribe(service, receiver.url)
    record(service)
    assert eventually(lambda: len(receiver.requests) == 5)
    assert len(set(receiver.ids[:4])) == 1
    assert receiver.ids[4] != receiver.ids[3]
    assert eventually(lambda: state_of(service, made)["failures"] == 0)


def test_a_subscription_pauses_after_failures_and_is_replayed_from_a_position(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FAILURES_MAX", 3)
    receiver.answers = lambda _count: 500
    made = subscribe(service, receiver.url)
    begun = state_of(service, made)["position"]
    record(service)
    assert eventually(lambda: state_of(service, made)["paused_at"] is not None)
    assert (state_of(service, made)["failure"], len(receiver.requests)) == ("500", 3)
    receiver.answers = lambda _count: 200
    resumed = service.post(f"{PATH}/{made['id']}/resume", {})
    assert resumed.json()["paused_at"] is None
    assert eventually(lambda: len(receiver.requests) == 5)
    assert service.post(f"{PATH}/{made['id']}/resume", {"after": begun}).is_success
    assert eventually(lambda: len(receiver.requests) == 7)
    assert receiver.ids[-2:] == receiver.ids[-4:-2]
    late = service.post(f"{PATH}/{made['id']}/resume", {"after": 10**9})
    assert (late.status_code, late.json()["errors"][0]["pointer"]) == (400, "/after")


def test_a_receiver_that_is_gone_is_left_alone(service: Service, receiver: Receiver) -> None:
    receiver.answers = lambda _count: 410
    made = subscribe(service, receiver.url)
    record(service)
    assert eventually(lambda: state_of(service, made)["paused_at"] is not None)
    time.sleep(0.5)
    assert len(receiver.requests) == 1


def test_a_redirect_is_not_followed(service: Service, receiver: Receiver) -> None:
    receiver.answers = lambda _count: 302
    made = subscribe(service, receiver.url)
    record(service)
    assert eventually(lambda: state_of(service, made)["failure"] == "302")
    assert {headers["webhook-id"] for headers, _ in receiver.requests} == {receiver.ids[0]}


def test_a_slow_receiver_is_cut_off_and_delays_no_other(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "DELIVERY_SECONDS", 1.0)
    receiver.seconds = 3
    slow = subscribe(service, receiver.url)
    with receiving() as other:
        subscribe(service, other.url)
        began = time.monotonic()
        record(service)
        assert eventually(lambda: len(other.requests) == 2)
        assert time.monotonic() - began < 2
        assert eventually(lambda: state_of(service, slow)["failure"] == "timed-out")
    receiver.seconds = 0


def test_slow_receivers_of_one_actor_delay_no_other(service: Service, receiver: Receiver) -> None:
    receiver.seconds = 1
    made = [service.post(PATH, {"url": receiver.url}, ESSEX).json() for _ in range(8)]
    for _ in range(3):
        record(service)
    with receiving() as other:
        subscribe(service, other.url)
        began = time.monotonic()
        record(service)
        assert eventually(lambda: len(other.requests) == 2)
        assert time.monotonic() - began < 3
    assert receiver.most_at_once == 2
    receiver.seconds = 0
    for item in made:
        path = f"{PATH}/{item['id']}"
        assert service.client.delete(path, headers=service.headers(ESSEX)).is_success


def test_subscriptions_take_turns_before_they_come_to_the_end(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "TURN_SECONDS", 0.1)
    receiver.seconds = 0.2
    for _ in range(3):  # one more than are served at the same time
        subscribe(service, receiver.url)
    for _ in range(10):
        record(service)
    assert eventually(lambda: len(receiver.ids) > 0)
    assert eventually(lambda: receiver.ids.count(receiver.ids[0]) == 3)
    assert len(set(receiver.ids)) < 20


def test_nothing_is_sent_without_a_secret_to_sign_with(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    subscribe(service, receiver.url)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM webhook_secrets")  # as if it were removed meanwhile
    record(service)
    time.sleep(0.5)
    assert receiver.requests == []


def test_a_subscription_takes_what_its_filter_says(service: Service, receiver: Receiver) -> None:
    made = subscribe(service, receiver.url, force="essex", about="recommendation")
    record(service)
    essex = record(service, "essex")
    assert eventually(lambda: len(receiver.requests) == 1)
    (event,) = receiver.events(made["secret"])
    assert event["data"]["id"] == essex.recommendations[0]


def test_two_secrets_are_valid_while_one_takes_over_from_the_other(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url)
    rotated = service.post(f"{PATH}/{made['id']}/secret", {}).json()
    assert rotated["secret"] != made["secret"]
    record(service)
    assert eventually(lambda: len(receiver.requests) == 2)
    assert receiver.events(made["secret"]) == receiver.events(rotated["secret"])
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE webhook_secrets SET ends_at = now() WHERE ends_at IS NOT NULL")
    record(service)
    assert eventually(lambda: len(receiver.requests) == 4)
    headers, body = receiver.requests[-1]
    assert verify(rotated["secret"], headers, body)
    with pytest.raises(WebhookVerificationError):
        verify(made["secret"], headers, body)


def test_only_those_who_may_write_subscribe_and_each_sees_their_own(
    service: Service, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url)
    assert service.post(PATH, {"url": receiver.url}, REPORTING).status_code == 403
    assert service.post(PATH, {"url": receiver.url}, None).status_code == 401
    assert service.get(PATH, ESSEX).json() == {"items": []}
    assert service.post(f"{PATH}/{made['id']}/secret", {}, ESSEX).status_code == 404
    path = f"{PATH}/{made['id']}"
    assert service.client.delete(path, headers=service.headers(ESSEX)).status_code == 404
    assert made["secret"] not in service.get(PATH, INSPECTOR).text


def test_an_actor_has_so_many_subscriptions_and_no_more(
    service: Service, receiver: Receiver
) -> None:
    for _ in range(10):
        subscribe(service, receiver.url)
    answer = service.post(PATH, {"url": receiver.url})
    assert (answer.status_code, answer.json()["detail"][:25]) == (409, "You have 10 subscriptions")


def test_an_actor_has_no_more_subscriptions_when_they_are_made_at_once(
    service: Service, receiver: Receiver
) -> None:
    for _ in range(8):
        subscribe(service, receiver.url)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(service.post, PATH, {"url": receiver.url}) for _ in range(8)]
    assert sorted(job.result().status_code for job in jobs) == [201] * 2 + [409] * 6


def test_one_secret_lasts_when_several_are_made_at_once(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    path = f"{PATH}/{subscribe(service, receiver.url)['id']}/secret"
    with ThreadPoolExecutor(4) as pool, psycopg.connect(make_database.conninfo(OWNER)) as owner:
        owner.execute("SELECT FROM webhook_secrets FOR UPDATE")  # lets all of them come together
        jobs = [pool.submit(service.post, path, {}) for _ in range(4)]
        time.sleep(0.5)
    assert all(job.result().is_success for job in jobs)
    with psycopg.connect(make_database.conninfo(PROJECTOR)) as connection:
        secrets = connection.execute("SELECT ends_at IS NULL FROM webhook_secrets").fetchall()
    assert sorted(secrets) == [(False,), (True,)]


def test_a_secret_is_read_only_by_the_process_that_signs(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    subscribe(service, receiver.url)
    query = "SELECT secret FROM webhook_secrets"
    for role in (APP, READER):
        with (
            psycopg.connect(make_database.conninfo(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(query)
    with psycopg.connect(make_database.conninfo(PROJECTOR)) as connection:
        assert len(connection.execute(query).fetchall()) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/", "https://"),
        ("ftp://example.org/", "https://"),
        ("https://", "name a host"),
        ("https://user:secret@example.org/", "neither user nor password"),
        ("https://example.org/#part", "fragment"),
        ("https://10.0.0.1/", "no public network"),
        ("https://[::1]:8000/", "no public network"),
        ("https://example.org/a b", "without spaces"),
        ("https://ex\u00e4mple.org/", "ASCII"),
        ("https://example.org:0/", "port 0"),
        ("https://example.org:99999/", "ort"),
        (f"https://example.org/{'a' * 2_000}", "2000 bytes"),
    ],
)
def test_an_address_of_another_form_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_url(url, loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",  # noqa: S104
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "::127.0.0.1",
        "3fff::1", "3fff:fff::1", "192.88.99.1", "168.63.129.16", "::ffff:168.63.129.16",
    ],
)  # fmt: skip
def test_an_address_of_no_public_network_is_known_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "0x7f000001", "2130706433", "127.1", "0177.0.0.1", "::1"]
)
def test_no_spelling_of_this_machine_is_connected_to(host: str) -> None:
    with pytest.raises(Undelivered, match="not-public"):
        resolve(host, 443, loopback=False)


@contextmanager
def resolving(*answers: list[str], seconds: float = 0) -> Generator[None]:
    """Let a name have some addresses, one list for each look-up, which takes some seconds."""
    left, real = iter(answers), socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: int, **named: int) -> list[Any]:
        if not host.endswith(".example"):
            return [*real(host, port, *more, **named)]
        time.sleep(seconds)
        return [(2, 1, 6, "", (address, port)) for address in next(left)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def test_a_name_is_resolved_once_and_connected_to_as_checked(receiver: Receiver) -> None:
    port = receiver.server.server_port
    with resolving(["127.0.0.1"], ["10.0.0.1"]):  # it moves after the check
        assert post(f"http://moving.example:{port}/", {}, b"{}", loopback=True) == 204
    headers, _ = receiver.requests[0]
    assert headers["host"] == f"moving.example:{port}"


def test_a_delivery_takes_so_long_with_the_look_up_of_the_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "DELIVERY_SECONDS", 1.0)
    receiver.seconds = 0.7
    url = f"http://slow.example:{receiver.server.server_port}/"
    began = time.monotonic()
    with resolving(["127.0.0.1"], seconds=0.7), pytest.raises(Undelivered, match="timed-out"):
        post(url, {}, b"{}", loopback=True)
    assert time.monotonic() - began < 1.3


def test_a_name_whose_look_up_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "DELIVERY_SECONDS", 0.3)
    began = time.monotonic()
    with resolving(["127.0.0.1"], seconds=1.5), pytest.raises(Undelivered, match="timed-out"):
        post("http://slow.example/", {}, b"{}", loopback=True)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("scheme", "port", "host"),
    [
        ("https", 443, b"example.com"),
        ("https", 8443, b"example.com:8443"),
        ("http", 80, b"example.com"),
    ],
)
def test_a_request_names_no_port_that_is_the_usual_one(scheme: str, port: int, host: bytes) -> None:
    connection = connection_to("example.com", port, secure=scheme == "https")
    connection.sock, other_end = socket.socketpair()
    with other_end:
        connection.request("POST", "/")
        assert b"\r\nHost: " + host + b"\r\n" in other_end.recv(1_000)
        connection.close()


def test_one_private_address_of_several_is_enough_to_refuse() -> None:
    with resolving(["1.1.1.1", "10.0.0.1"]), pytest.raises(Undelivered, match="not-public"):
        resolve("both.example", 443, loopback=False)


def test_without_the_setting_nobody_subscribes(database: Database) -> None:

    with serving(database, keep=False) as closed:
        answer = closed.post(PATH, {"url": "https://example.org/"})
        assert (answer.status_code, "off" in answer.json()["detail"]) == (409, True)


def test_of_several_processes_one_sends(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    with serving(make_database, chosen=settings(TRACKER_WEBHOOKS="loopback")):
        subscribe(service, receiver.url)
        record(service)
        assert eventually(lambda: len(receiver.requests) == 2)
        time.sleep(0.5)
        assert len(receiver.requests) == len(set(receiver.ids)) == 2


def test_a_subscription_of_another_lineage_waits_until_somebody_says_where_to_go_on(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("SELECT ledger_begin_lineage('Put back, for a test.')")
    report = record(service)
    assert eventually(lambda: state_of(service, made)["failure"] == "another-lineage")
    assert receiver.requests == []
    path = f"{PATH}/{made['id']}/resume"
    assert service.post(path, {}).status_code == 409
    assert service.post(path, {"after": report.position - 1}).is_success
    assert eventually(lambda: len(receiver.requests) == 1)
