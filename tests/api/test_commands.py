"""Commands over HTTP: all or nothing, once per key, and only on a current tag."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from adapters.postgres.database import APP, Database
from domain.vocabulary.actors import Actor
from domain.vocabulary.ids import report_id
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, issue, publish
from tests.support.served.serving import PUBLISHER, REPORTING, Service, command, published

COMMENT = {"type": "comment", "comment": "Noted."}


def path_of(stream: str) -> str:
    return f"/v1/recommendations/{stream}/commands"


def step_of(service: Service, stream: str) -> int:
    return int(service.get(f"/v1/recommendations/{stream}", INSPECTOR).json()["step"])


# Recording


def test_a_report_is_published_with_its_recommendations(service: Service) -> None:
    report = publish(issue("kent", "essex"), issue(ordinal=2), reference="kent-a-2022")
    answer = service.post("/v1/reports", msgspec.to_builtins(report), PUBLISHER)
    assert answer.status_code == 201
    done = answer.json()
    assert answer.headers["Location"] == f"/v1/reports/{done['id']}"
    assert done["id"] == str(report_id("kent-a-2022"))
    assert done["step"] == 1
    assert len(done["entries"]) == 4
    references = [
        service.get(f"/v1/recommendations/{stream}").json()["reference"]
        for stream in done["recommendations"]
    ]
    assert references == ["kent-a-2022-r01-kent", "kent-a-2022-r01-essex", "kent-a-2022-r02"]
    assert service.get(answer.headers["Location"]).json()["reference"] == "kent-a-2022"


def test_the_type_of_a_report_may_be_left_out(service: Service) -> None:
    report = msgspec.to_builtins(publish(reference="kent-b-2022"))
    del report["type"]
    assert service.post("/v1/reports", report).status_code == 201


def test_a_recorded_command_returns_its_position_and_step(service: Service) -> None:
    report = published(service, "kent-c-2022")
    stream = report.recommendations[0]
    answer = command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    assert answer.status_code == 201
    done = answer.json()
    assert done == {"position": report.position + 1, "step": 2, "entries": [done["entries"][0]]}
    shown = service.get(f"/v1/recommendations/{stream}").json()
    assert (shown["stage"], shown["step"]) == ("plan_received", 2)
    assert shown["position"] == done["position"]


def test_the_position_of_a_command_lets_a_list_wait_for_it(service: Service) -> None:
    stream = published(service, "kent-d-2022").recommendations[0]
    path = "/v1/recommendations?report=kent-d-2022"
    plan = command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    (seen,) = service.get(f"{path}&position={plan.json()['position']}").json()["items"]
    assert seen["standing"]["stage"] == "plan_received"
    review = command(service, stream, INSPECTOR, "review_action_plan", outcome="accepted")
    (seen,) = service.get(f"{path}&position={review.json()['position']}").json()["items"]
    assert seen["standing"]["stage"] == "plan_reviewed"


def test_a_recommendation_is_issued_later(service: Service) -> None:
    report = published(service, "kent-e-2022")
    later = {**msgspec.to_builtins(issue("kent", "essex", ordinal=2)), "type": "issue"}
    done = service.post(f"/v1/reports/{report.id}/commands", later, Idempotency_Key="later")
    assert done.status_code == 201
    assert len(done.json()["recommendations"]) == 2
    assert done.json()["step"] == 1
    area = {
        "type": "note_area", "reference": "kent-e-2022-a1", "text": "More.",
        "area": "leadership", "source": "The letter.",
    }  # fmt: skip
    assert service.post(f"/v1/reports/{report.id}/commands", area).json()["step"] == 2
    again = service.post(f"/v1/reports/{report.id}/commands", later, Idempotency_Key="later")
    assert again.json() == done.json()


def test_several_commands_are_recorded_all_or_nothing(service: Service) -> None:
    stream = published(service, "kent-f-2022").recommendations[0]
    plan = {"type": "receive_action_plan", "answer": "act", "content": "We will."}
    review = {"type": "review_action_plan", "outcome": "accepted"}
    wrong = [{"stream": stream, "command": one} for one in (plan, review, review)]
    refused = service.post("/v1/commands", wrong)
    assert refused.status_code == 409
    assert step_of(service, stream) == 1
    done = service.post("/v1/commands", wrong[:2])
    assert done.status_code == 201
    assert done.json()["steps"] == {stream: 3}
    assert len(done.json()["entries"]) == 2


def test_line_ends_and_accents_are_recorded_in_one_form(service: Service) -> None:
    written = issue(text="Cafe\u0301 meetings:\r\n- weekly\r- monthly")
    answer = service.post("/v1/reports", msgspec.to_builtins(publish(written, reference="kent-g")))
    (stream,) = answer.json()["recommendations"]
    shown = service.get(f"/v1/recommendations/{stream}").json()
    assert shown["text"] == "Caf\u00e9 meetings:\n- weekly\n- monthly"
    fix = {"step": 1, "field": "text", "was": written.text, "now": "Meet.", "why": "Shorter."}
    assert command(service, stream, INSPECTOR, "correct", **fix).status_code == 201


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_one_to_five_hundred_commands(service: Service, count: int) -> None:
    answer = service.post("/v1/commands", [{"stream": str(uuid4()), "command": COMMENT}] * count)
    assert answer.status_code == 400
    assert "length" in answer.json()["detail"]


def test_an_entry_keeps_our_own_id_of_its_request(
    service: Service, make_database: Database
) -> None:
    stream = published(service, "kent-g-2022").recommendations[0]
    answer = service.post(path_of(stream), COMMENT, X_Request_Id="jane.doe")
    with psycopg.connect(make_database.conninfo(APP)) as connection:
        row = connection.execute(
            "SELECT metadata FROM ledger_events WHERE entry_id = %s", (answer.json()["entries"][0],)
        ).fetchone()
    assert row == ({"request_id": answer.headers["X-Request-Id"]},)
    assert "jane.doe" not in str(row)


ONE = '"comment":"One."'
COMMENTED = f'{{"type":"comment",{ONE}}}'


def test_a_name_that_stands_twice_in_an_object_is_refused(service: Service) -> None:
    stream = published(service, "kent-twice-2022").recommendations[0]
    for path, body in (
        (path_of(stream), '{"type":"comment","comment":"One.","comment":"Other."}'),
        (path_of(stream), '{"type":"comment","comment":"One.","on":null,"\\u006fn":null}'),
        ("/v1/commands", f'[{{"stream":"{stream}","command":{{"type":"comment",{ONE},{ONE}}}}}]'),
        ("/v1/commands", f'[{{"stream":"{uuid4()}","stream":"{stream}","command":{COMMENTED}}}]'),
    ):
        headers = {**service.headers(INSPECTOR), "Content-Type": "application/json"}
        answer = service.client.post(path, content=body, headers=headers)
        assert answer.status_code == 400, body
        assert answer.json()["type"] == "/problems/malformed"
        assert re.search('twice: "(comment|on|stream)"', answer.json()["detail"])
    assert service.get(f"/v1/recommendations/{stream}").json()["step"] == 1


@pytest.mark.parametrize(
    "name", ["Content-Type", "Idempotency-Key", "If-Match", "X-CSRF-Token", "Cookie", "Origin"]
)
def test_a_header_that_stands_twice_is_refused(service: Service, name: str) -> None:
    stream = published(service, f"kent-{name.lower()}-2022").recommendations[0]
    value = {"Content-Type": "application/json", "If-Match": '"1"'}.get(name, "x")
    headers = {**service.headers(INSPECTOR), "Content-Type": "application/json"}
    several = [pair for pair in headers.items() if pair[0] != name] + [(name, value)] * 2
    answer = service.client.post(path_of(stream), json=COMMENT, headers=several)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"detail": "It is sent twice.", "parameter": name}]


# If-Match


def test_a_command_with_a_current_tag_is_recorded(service: Service) -> None:
    stream = published(service, "kent-h-2022").recommendations[0]
    tag = service.get(f"/v1/recommendations/{stream}", INSPECTOR).headers["ETag"]
    assert tag.startswith('"1.')
    assert service.post(path_of(stream), COMMENT, If_Match=tag).status_code == 201
    assert service.post(path_of(stream), COMMENT, If_Match="*").status_code == 201
    after = service.get(f"/v1/recommendations/{stream}", INSPECTOR).headers["ETag"]
    assert after.startswith('"3.')


def test_a_command_with_a_stale_tag_returns_the_entries_since(service: Service) -> None:
    stream = published(service, "kent-i-2022").recommendations[0]
    service.post(path_of(stream), {"type": "comment", "comment": "canary in a comment"}, KENT)
    answer = service.post(path_of(stream), COMMENT, If_Match='"1"')
    assert answer.status_code == 412
    (since,) = answer.json()["since"]
    assert (since["step"], since["actor"]) == (2, KENT.id)
    assert since["tag"] == "recommendation.commented"
    assert since["event"]["comment"].startswith("sha256:")
    assert "canary" not in answer.text
    assert step_of(service, stream) == 2


def test_the_entries_since_are_returned_only_to_permitted_roles(service: Service) -> None:
    stream = published(service, "kent-j-2022").recommendations[0]
    service.post(path_of(stream), COMMENT)
    for actor, status in ((ESSEX, 404), (REPORTING, 403)):
        answer = service.post(path_of(stream), COMMENT, actor, If_Match='"1"')
        assert answer.status_code == status
        assert "since" not in answer.json()


TAGS = ["1", 'W/"1"', '"one"', '""', '"1", "2"', '"-1"', "", '"9999999999"']


@pytest.mark.parametrize("tag", TAGS)
def test_a_malformed_tag_is_an_error(service: Service, tag: str) -> None:
    stream = published(service, f"kent-tag-{uuid4().hex}").recommendations[0]
    answer = service.post(path_of(stream), COMMENT, If_Match=tag)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "If-Match"


def test_a_tag_on_a_route_without_a_stream_is_an_error(service: Service) -> None:
    report = msgspec.to_builtins(publish(reference="kent-k-2022"))
    assert service.post("/v1/reports", report, If_Match='"1"').status_code == 400
    item = {"stream": str(uuid4()), "command": COMMENT}
    assert service.post("/v1/commands", [item], If_Match='"1"').status_code == 400


def test_a_batch_states_the_expected_step_of_each_stream(service: Service) -> None:
    one, other = (published(service, f"kent-l-{n}-2022").recommendations[0] for n in (1, 2))
    items = [
        {"stream": one, "command": COMMENT, "expected_step": 1},
        {"stream": other, "command": COMMENT, "expected_step": 2},
    ]
    stale = service.post("/v1/commands", items)
    assert stale.status_code == 412
    assert other in stale.json()["detail"]
    assert step_of(service, one) == 1
    items[1]["expected_step"] = 1
    assert service.post("/v1/commands", items).status_code == 201


def test_of_rivals_with_the_same_tag_exactly_one_is_recorded(service: Service) -> None:
    stream = published(service, "kent-m-2022").recommendations[0]

    def write(_: int) -> int:
        return service.post(path_of(stream), COMMENT, If_Match='"1"').status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == [201] + [412] * 7
    assert step_of(service, stream) == 2


# Idempotency-Key


def test_a_repeated_request_with_the_same_key_gets_the_same_answer(service: Service) -> None:
    stream = published(service, "kent-n-2022").recommendations[0]

    def write(_: int) -> tuple[int, str]:
        answer = service.post(path_of(stream), COMMENT, Idempotency_Key="once", If_Match='"1"')
        return answer.status_code, answer.text

    first = write(0)
    assert first[0] == 201
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(write, range(8))) == {first}
    assert step_of(service, stream) == 2


def test_a_report_sent_twice_with_one_key_is_published_once(service: Service) -> None:
    report = msgspec.to_builtins(publish(issue(), issue(ordinal=2), reference="kent-o-2022"))
    answers = [service.post("/v1/reports", report, Idempotency_Key="report") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].text == answers[1].text
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_a_key_is_good_for_one_request_of_one_actor(service: Service) -> None:
    one, other = (published(service, f"kent-p-{n}-2022").recommendations[0] for n in (1, 2))
    assert service.post(path_of(one), COMMENT, Idempotency_Key="mine").status_code == 201
    changed = {"type": "comment", "comment": "Something else."}
    for path, body in ((path_of(one), changed), (path_of(other), COMMENT)):
        answer = service.post(path, body, Idempotency_Key="mine")
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/key-reused"
    assert step_of(service, other) == 1
    assert service.post(path_of(one), changed, KENT, Idempotency_Key="mine").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 201, "tab\there", "caf\u00e9"])
def test_a_malformed_key_is_an_error(service: Service, key: str) -> None:
    stream = published(service, f"kent-key-{uuid4().hex}").recommendations[0]
    sent = {**service.headers(INSPECTOR), "Idempotency-Key": key}
    headers = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    answer = service.client.post(path_of(stream), json=COMMENT, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


# What is not there


@pytest.mark.parametrize("kind", ["recommendations", "reports"])
def test_a_missing_stream_is_not_found(service: Service, kind: str) -> None:
    body = {"type": "correct", "step": 1, "field": "on", "was": "2022", "now": "2021", "why": "So."}
    for name in (str(uuid4()), "no-id", "1"):
        answer = service.post(f"/v1/{kind}/{name}/commands", body, If_Match='"1"')
        assert answer.status_code == 404


def test_reports_and_recommendations_do_not_answer_on_each_others_routes(service: Service) -> None:
    report = published(service, "kent-q-2022")
    body = {"type": "correct", "step": 1, "field": "on", "was": "2022-08-05", "now": "2022-08-04",
            "why": "So."}  # fmt: skip
    assert service.post(path_of(report.id), body).status_code == 404
    other = report.recommendations[0]
    assert service.post(f"/v1/reports/{other}/commands", body).status_code == 404
    assert service.post(f"/v1/reports/{report.id}/commands", body).status_code == 201


def test_a_report_has_the_stream_of_its_reference(service: Service) -> None:
    report = msgspec.to_builtins(publish(reference="kent-r-2022"))
    answer = service.post("/v1/commands", [{"stream": str(uuid4()), "command": report}])
    assert answer.status_code == 409
    assert str(report_id("kent-r-2022")) in answer.json()["detail"]
    right = {"stream": str(report_id("kent-r-2022")), "command": report, "expected_step": 0}
    assert service.post("/v1/commands", [right]).status_code == 201


# The rules, in words


@pytest.mark.parametrize(
    ("actor", "body", "words"),
    [
        (KENT, {"type": "report_progress", "progress": "On.", "on": "2199-01-01"}, "the future"),
        (KENT, {"type": "report_progress", "progress": "On.", "on": "2022-08-04"}, "before an"),
        (KENT, {"type": "report_progress", "progress": "On.", "on": "2022-02-30"}, "a real date"),
        (INSPECTOR, {"type": "reopen", "reason": "Not so."}, "Only a closed recommendation"),
        (INSPECTOR, {"type": "review_action_plan", "outcome": "accepted"}, "Only an action plan"),
    ],
)  # fmt: skip
def test_a_command_against_the_rules_is_refused_with_a_reason(
    service: Service, actor: Actor, body: dict[str, str], words: str
) -> None:
    stream = published(service, f"kent-rule-{uuid4().hex}").recommendations[0]
    answer = service.post(path_of(stream), body, actor)
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/refused"
    assert words in answer.json()["detail"]
    assert step_of(service, stream) == 1


def test_a_report_is_published_once(service: Service) -> None:
    report = msgspec.to_builtins(publish(reference="kent-s-2022"))
    assert service.post("/v1/reports", report).status_code == 201
    answer = service.post("/v1/reports", report)
    assert answer.status_code == 409
    assert "already been published" in answer.json()["detail"]


def test_stream_ids_are_uuids(service: Service) -> None:
    report = published(service, "kent-t-2022")
    assert all(UUID(one) for one in (report.id, *report.recommendations))
