"""Webhooks to real receivers: signed, in order, each at least once; in no private network."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from adapters.notices import courier, outgoing
from adapters.postgres.database import APP, OWNER, PROJECTOR, READER, Database
from tests.support.data.examples import ESSEX, INSPECTOR, KENT
from tests.support.served.program import eventually
from tests.support.served.receiver import Receiver, receiving, verify
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
    monkeypatch.setattr(outgoing, "DELIVERY_SECONDS", 4.0)
    receiver.seconds = 8
    slow = subscribe(service, receiver.url)
    with receiving() as other:
        subscribe(service, other.url)
        began = time.monotonic()
        record(service)
        assert eventually(lambda: len(other.requests) == 2)
        assert time.monotonic() - began < outgoing.DELIVERY_SECONDS
        assert eventually(lambda: state_of(service, slow)["failure"] == "timed-out")
    receiver.seconds = 0


def test_slow_receivers_of_one_actor_delay_no_other(service: Service, receiver: Receiver) -> None:
    receiver.seconds = 2
    made = [service.post(PATH, {"url": receiver.url}, ESSEX).json() for _ in range(8)]
    for _ in range(3):
        record(service)
    with receiving() as other:
        subscribe(service, other.url)
        began = time.monotonic()
        record(service)
        assert eventually(lambda: len(other.requests) == 2)
        assert time.monotonic() - began < courier.TURN_SECONDS
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


def test_a_subscription_to_a_list_takes_what_came_into_it_changed_in_it_and_left_it(
    service: Service, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url, filters="force=kent&claimed=true&open=true")
    (stream,), other = record(service).recommendations, record(service, "essex")
    path = f"/v1/recommendations/{stream}/commands"
    months = {"type": "change_time_limit", "time_limit": "months:9", "reason": "More."}
    for actor, body in (
        (INSPECTOR, months),
        (KENT, {"type": "claim_completion", "evidence": "Done."}),
        (INSPECTOR, {**months, "time_limit": "months:12"}),
        (KENT, {"type": "comment", "comment": "Private."}),
        (INSPECTOR, {"type": "return_claim", "reason": "No."}),
        (INSPECTOR, {**months, "time_limit": "months:15"}),
    ):
        assert service.post(path, body, actor).status_code == 201
    assert other.recommendations
    end = service.get("/v1/notices", INSPECTOR).json()["position"]
    assert eventually(lambda: state_of(service, made)["position"] >= end)
    tags = [event["data"]["tag"].partition(".")[2] for event in receiver.events(made["secret"])]
    assert tags == ["completion_claimed", "time_limit_changed", "claim_returned"]


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ("training=true", "training: Training forces are in no feed."),
        ("known_at=2026-01-01T00:00:00Z", "known_at: A list as known at one moment"),
        ("stage=nothing", "stage: "),
        ("nothing=1", "nothing"),
        ("force", "Send what is after the question mark in the address of a list."),
        ("x" * 1001, ""),
    ],
)
def test_a_subscription_to_no_list_is_refused_in_words(
    service: Service, filters: str, words: str
) -> None:
    answer = service.post(PATH, {"url": "https://example.org/hook", "filters": filters})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/filters"
    assert words in error["detail"]


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


def run_webhook(database: Database, *words: str) -> tuple[int, str]:
    """Run the operator's command on a database; return its status and what it printed."""
    variables = {
        "DATABASE_URL": database.url,
        "DATABASE_OWNER_URL": database.owner_url,
        "TRACKER_WEBHOOKS": "loopback",
    }
    if database.embedded:
        variables["PGUSER"] = "tracker_owner"
    done = subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "api.cli", "webhook", *words],
        env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_subscriber_tries_its_receiver_with_a_signed_notice_of_no_step(
    service: Service, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url)
    begun = state_of(service, made)
    assert begun["test"] is None
    answer = service.post(f"{PATH}/{made['id']}/test", {})
    assert answer.status_code == 202, answer.text
    assert answer.json()["test"]["outcome"] is None
    assert eventually(lambda: state_of(service, made)["test"]["outcome"] == "204")
    (event,) = receiver.events(made["secret"])
    assert (event["type"], event["subject"]) == ("tracker.test", f"{PATH}/{made['id']}")
    tried = state_of(service, made)
    assert event["id"] == receiver.ids[0] == answer.json()["test"]["id"] == tried["test"]["id"]
    assert tried["test"]["requested_at"] < tried["test"]["ended_at"]
    again = service.post(f"{PATH}/{made['id']}/test", {})
    assert (again.status_code, "retry-after" in again.headers) == (429, True)
    assert len(receiver.requests) == 1


def test_a_receiver_that_refuses_a_test_loses_no_notice_and_is_not_paused(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = lambda _count: 410
    made = subscribe(service, receiver.url)
    assert service.post(f"{PATH}/{made['id']}/test", {}).status_code == 202
    assert eventually(lambda: state_of(service, made)["test"]["outcome"] == "410")
    state = state_of(service, made)
    assert (state["failures"], state["failure"], state["paused_at"]) == (0, None, None)
    receiver.answers = lambda _count: 204
    record(service)
    assert eventually(lambda: len(receiver.requests) == 3)


def test_a_paused_receiver_can_be_tried_before_it_goes_on(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = lambda _count: 410
    made = subscribe(service, receiver.url)
    record(service)
    assert eventually(lambda: state_of(service, made)["paused_at"] is not None)
    receiver.answers = lambda _count: 204
    assert service.post(f"{PATH}/{made['id']}/test", {}).status_code == 202
    assert eventually(lambda: state_of(service, made)["test"]["outcome"] == "204")
    assert state_of(service, made)["paused_at"] is not None
    assert len(receiver.requests) == 2


def test_nobody_tries_a_receiver_of_another(service: Service, receiver: Receiver) -> None:
    made = subscribe(service, receiver.url)
    assert service.post(f"{PATH}/{made['id']}/test", {}, KENT).status_code == 404
    assert service.post(f"{PATH}/{uuid4()}/test", {}).status_code == 404
    time.sleep(0.3)
    assert receiver.requests == []


def test_an_operator_tries_a_receiver_with_a_signed_notice_of_no_step(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    made = subscribe(service, receiver.url)
    status, words = run_webhook(make_database, "test", made["id"])
    assert (status, words.startswith("Taken: 204.")) == (0, True), words
    (event,) = receiver.events(made["secret"])
    assert (event["type"], event["subject"]) == ("tracker.test", f"{PATH}/{made['id']}")
    receiver.answers = lambda _count: 500
    status, words = run_webhook(make_database, "test", made["id"])
    assert (status, "Not taken: 500." in words) == (1, True)
    assert state_of(service, made)["failures"] == 0
    assert run_webhook(make_database, "test", str(uuid4()))[0] == 1


def test_an_operator_makes_a_webhook_of_training(
    service: Service, make_database: Database, receiver: Receiver
) -> None:
    words = ("create", receiver.url, "--actor", "trainer-1", "--training")
    assert run_webhook(make_database, *words)[0] == 0
    status, said = run_webhook(make_database, *words, "--force", "kent")
    assert (status, "kent is not a training force." in said) == (2, True)
    _, listed = run_webhook(make_database, "list")
    assert f"trainer-1 {receiver.url} [training]" in listed
    record(service)
    record(service, "training")
    assert eventually(lambda: len(receiver.requests) == 2)
    assert {json.loads(body)["data"]["force"] for _, body in receiver.requests} == {"training"}
    assert run_webhook(make_database, "remove", listed.split()[0])[0] == 0


def test_an_operator_makes_a_webhook_of_the_changes_of_a_list(
    make_database: Database, receiver: Receiver
) -> None:
    words = ("create", receiver.url, "--actor", "lister-1", "--filters")
    assert run_webhook(make_database, *words, "force=kent&overdue=true")[0] == 0
    status, said = run_webhook(make_database, *words, "colour=red")
    assert (status, "colour: " in said) == (2, True)
    _, listed = run_webhook(make_database, "list")
    (line,) = [line for line in listed.splitlines() if "lister-1" in line]
    assert "[force=kent&overdue=true]" in line
    assert run_webhook(make_database, "remove", line.split()[0])[0] == 0


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
