"""The way of a report to publication, over HTTP: drafted, checked, embargoed, released."""

import time
from collections.abc import Callable
from datetime import timedelta

import msgspec
import psycopg
import pytest
from msgspec.structs import replace

from adapters.inspections import releasing
from adapters.inspections.releasing import RELEASER, release_due
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import Submission
from adapters.postgres.database import APP, OWNER, Database
from adapters.telemetry.metrics import REGISTRY
from domain.vocabulary.ids import recommendation_id, report_id
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR, issue, publish
from tests.support.data.inspections import Inspecting, MovedClock, draft
from tests.support.served.forms import words_of
from tests.support.served.serving import AUDITOR, PUBLISHER, Served, Service

CLOCK = MovedClock()
WAIT_SECONDS = 10


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


def eventually(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.1)


def stage_of(inspecting: Inspecting) -> str:
    return str(inspecting.get().json()["stage"])


def test_a_report_goes_from_its_plan_to_its_release_in_a_minute(service: Service) -> None:
    kent = Inspecting(service, "kent-way-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.", "Record what children say.")
    accepted = kent.comment("r1", "We have trained a half.")
    rejected = kent.comment("r2", "There is no helpdesk.")
    withdrawn = kent.comment("r3", "We do that.")
    kent.done("withdraw_comment", KENT, comment=withdrawn)
    kent.answer(accepted, "accepted")
    kent.answer(rejected, "rejected")
    changed = draft(
        kent.reference,
        "Train the other half of all officers.",
        "Review the helpdesk.",
        "Record what children say.",
    )
    assert kent.save(changed).status_code == 200
    release_at = kent.agreed()
    assert stage_of(kent) == "agreed"
    CLOCK.at = release_at - timedelta(seconds=1)
    time.sleep(2.5)
    report = report_id("kent-way-2026-report")
    assert (stage_of(kent), service.get(f"/v1/reports/{report}").status_code) == ("agreed", 404)
    CLOCK.at = release_at
    eventually(lambda: stage_of(kent) == "released")
    published = service.get(f"/v1/reports/{report}").json()
    assert (published["published_on"], published["addressee"]) == (
        release_at.date().isoformat(),
        "kent",
    )
    first = recommendation_id("kent-way-2026-report-r01")
    shown = service.get(f"/v1/recommendations/{first}").json()
    assert shown["text"] == "Train the other half of all officers."
    assert kent.get().json()["report"] == str(report)
    history = service.get(f"/v1/reports/{report}/history", INSPECTOR).json()["items"]
    assert history[0]["actor"] == RELEASER.id
    assert kent.get("/draft").json()["version"] == 0, "the draft is gone"


def test_what_changed_after_the_check_can_be_seen_and_proved_afterwards(service: Service) -> None:
    kent = Inspecting(service, "kent-proof-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    kent.answer(kent.comment("r2", "It is a desk."), "accepted")
    kent.save(draft(kent.reference, "Train all officers.", "Review the desk."))
    release_at = kent.agreed()
    under_embargo = kent.get("/text", KENT).json()["parts"]
    assert kent.get("/text", AUDITOR).status_code == 404
    CLOCK.at = release_at
    eventually(lambda: stage_of(kent) == "released")
    text = kent.get("/text", AUDITOR).json()
    of = {part["part"]: part for part in text["parts"]}
    assert [name for name, part in of.items() if part["changed"]] == ["r2"]
    assert (of["r2"]["sent_words"], of["r2"]["words"]) == (
        "Review the helpdesk.",
        "Review the desk.",
    )
    assert {part["proven"] for part in of.values()} == {True}
    assert {part["part"]: part["words"] for part in under_embargo} == {
        name: part["words"] for name, part in of.items()
    }
    assert len(text["salt"]) == 64


def test_a_text_changes_after_the_check_only_where_a_comment_was_accepted(service: Service) -> None:
    kent = Inspecting(service, "kent-tight-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    kent.answer(kent.comment("r1", "Half are trained."), "accepted")
    kent.answer(kent.comment("r2", "There is none."), "rejected")
    kent.save(draft(kent.reference, "Train all.", "Review the desk.", "One more."))
    at = kent.minute_in(20).isoformat()
    refused = kent.give("embargo_report", draft_version=kent.version, release_at=at)
    assert refused.status_code == 409
    assert "report, r2, r3" in refused.json()["detail"]
    again = kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(9))
    waits = kent.give("embargo_report", draft_version=kent.version, release_at=at)
    assert waits.status_code == 409
    assert "sent to the force again" in waits.json()["detail"]
    first = again["step"] - len(again["entries"]) + 1
    kent.done("finish_check", KENT, check=first)
    kent.done("embargo_report", draft_version=kent.version, release_at=at)


def test_what_was_sent_to_the_check_again_is_compared_with_what_was_sent_first(
    service: Service,
) -> None:
    kent = Inspecting(service, "kent-again-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    kent.answer(kent.comment("r2", "There is none."), "rejected")
    kent.save(draft(kent.reference, "Train all officers.", "Review the desk."))
    kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(0))
    for reader in (INSPECTOR, KENT):
        (change,) = kent.get("/text", reader).json()["changes"]
        assert (change["part"], change["accepted"]) == ("r2", [])
        assert change["before"]["words"] == "Review the helpdesk."
        assert change["after"]["words"] == "Review the desk."
    kent.done("finish_check", KENT, check=kent.get().json()["checks"][-1]["step"])
    assert kent.give("comment_on_fact", KENT, part="r1", comment="Wait.").status_code == 409
    CLOCK.at = kent.agreed()
    eventually(lambda: stage_of(kent) == "released")
    text = kent.get("/text", AUDITOR).json()
    assert [(change["part"], change["accepted"]) for change in text["changes"]] == [("r2", [])]
    assert [part["part"] for part in text["parts"] if part["changed"]] == ["r2"]


def test_a_recommendation_to_several_forces_is_proved_as_one_part(service: Service) -> None:
    kent = Inspecting(service, "kent-several-2026", CLOCK)
    content = draft(kent.reference, "Train all officers.", "Share what you know.", "Count them.")
    content["recommendations"][1]["addressees"] = ["surrey", "kent", "essex"]
    kent.plan()
    kent.done("begin_fieldwork")
    assert kent.save(content).status_code == 200
    kent.done("moderate_draft", draft_version=kent.version)
    kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(10))
    kent.answer(kent.comment("r2", "Surrey has left."), "accepted")
    content["recommendations"][1]["addressees"] = ["kent", "essex"]
    kent.save(content)
    CLOCK.at = kent.agreed()
    eventually(lambda: stage_of(kent) == "released")
    parts = {part["part"]: part for part in kent.get("/text").json()["parts"]}
    assert {name: part["proven"] for name, part in parts.items()} == dict.fromkeys(
        ("report", "r1", "r2", "r3"), True
    )
    assert parts["r2"]["words"] == "Share what you know."
    assert '"addressees":["kent","essex"]' in parts["r2"]["facts"]


def test_a_comment_has_to_be_answered_before_the_embargo(service: Service) -> None:
    kent = Inspecting(service, "kent-open-2026", CLOCK)
    kent.sent("Train all officers.")
    kent.comment("report", "The title is wrong.")
    at = kent.minute_in(20).isoformat()
    refused = kent.give("embargo_report", draft_version=kent.version, release_at=at)
    assert "wait for an answer: 1" in refused.json()["detail"]


def test_another_person_agrees_to_the_release(service: Service) -> None:
    kent = Inspecting(service, "kent-two-2026", CLOCK)
    kent.sent("Train all officers.")
    at = kent.minute_in(20).isoformat()
    step = kent.done("embargo_report", draft_version=kent.version, release_at=at)["step"]
    assert kent.give("agree_to_release", embargo=step).status_code == 409
    assert kent.give("agree_to_release", OTHER_INSPECTOR, embargo=step - 1).status_code == 409
    assert kent.give("agree_to_release", OTHER_INSPECTOR, embargo=step).status_code == 201


def test_a_deferred_report_is_not_released_until_it_is_embargoed_again(service: Service) -> None:
    kent = Inspecting(service, "kent-later-2026", CLOCK)
    kent.sent("Train all officers.")
    at = kent.agreed()
    kent.done("defer_publication", reason="An election.", until="2028-06")
    CLOCK.at = at
    time.sleep(2.5)
    assert (stage_of(kent), kent.get().json()["deferred"]) == ("agreed", True)
    assert kent.get().json()["embargo"] is None, "no minute of release stands"
    later = kent.minute_in(20)
    assert (
        kent.give("embargo_report", draft_version=1, release_at=later.isoformat()).status_code
        == 409
    )
    kent.done("resume_inspection")
    assert stage_of(kent) == "in_check"
    kent.agreed(later)
    CLOCK.at = later
    eventually(lambda: stage_of(kent) == "released")


def test_a_final_text_cannot_be_saved_over(service: Service) -> None:
    kent = Inspecting(service, "kent-final-2026", CLOCK)
    kent.sent("Train all officers.")
    kent.agreed()
    refused = kent.save(draft(kent.reference, "Do nothing."))
    assert refused.status_code == 409
    assert "its text is final" in refused.json()["detail"]


def test_a_draft_is_saved_over_its_last_version_alone(service: Service) -> None:
    kent = Inspecting(service, "kent-saved-2026", CLOCK)
    kent.plan()
    assert kent.save({"title": "A first title"}).json()["missing"] == ["/reference", "/address"]
    kent.version = 0
    stale = kent.save({"title": "Another"}, OTHER_INSPECTOR)
    assert (stale.status_code, stale.json()["type"].rpartition("/")[2]) == (412, "stale")
    kent.version = 1
    assert kent.save({"title": "Another"}, OTHER_INSPECTOR).json()["version"] == 2
    assert kent.get("/draft").json()["draft"]["title"] == "Another"


def test_an_incomplete_draft_does_not_go_to_the_check(service: Service) -> None:
    kent = Inspecting(service, "kent-part-2026", CLOCK)
    kent.plan()
    kent.done("begin_fieldwork")
    kent.save({"title": "A title", "recommendations": [{"text": "Do it."}]})
    kent.done("moderate_draft", draft_version=kent.version)
    refused = kent.give("send_to_check", draft_version=1, reply_by=kent.day_in(5))
    assert "/recommendations/0/area" in refused.json()["detail"]


def test_a_draft_is_moderated_once_it_is_saved_and_the_record_says_which_version(
    service: Service,
) -> None:
    kent = Inspecting(service, "kent-moderated-2026", CLOCK)
    kent.plan()
    kent.done("begin_fieldwork")
    refused = kent.give("moderate_draft", draft_version=1)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "There is no draft yet."
    for title in ("A title", "Another title"):
        kent.save({"title": title})
    assert kent.give("moderate_draft", draft_version=1).status_code == 412
    kent.done("moderate_draft", draft_version=2)
    items = kent.get("/history").json()["items"]
    assert items[-1]["event"]["draft_version"] == 2


def test_a_dropped_inspection_leaves_no_draft_and_takes_no_step(service: Service) -> None:
    kent = Inspecting(service, "kent-dropped-2026", CLOCK)
    kent.sent("Train all officers.")
    kent.done("drop_inspection", reason="The programme ended.")
    eventually(lambda: kent.get("/draft").json()["version"] == 0)
    assert kent.give("begin_fieldwork").status_code == 409
    assert kent.get("", KENT).json()["stage"] == "dropped"


def test_what_is_saved_in_the_instant_of_an_embargo_is_not_released(
    service: Service, make_database: Database
) -> None:
    kent = Inspecting(service, "kent-raced-2026", CLOCK)
    kent.sent("Train all officers.")
    at = kent.agreed()
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO inspection_drafts SELECT inspection, version + 1, convert_to(replace("
            "convert_from(content, 'UTF8'), 'https://example.org', 'https://evil.example'),"
            " 'UTF8'), saved_at, saved_by, reference FROM inspection_drafts WHERE inspection = %s",
            (kent.id,),
        )
    assert kent.get("/draft").json()["version"] == 1, "the final one"
    CLOCK.at = at
    eventually(lambda: stage_of(kent) == "released")
    report = service.get(f"/v1/reports/{report_id('kent-raced-2026-report')}").json()
    assert report["address"] == "https://example.org/kent-raced-2026"


def test_nobody_publishes_by_hand_what_is_being_drafted(service: Service) -> None:
    kent = Inspecting(service, "kent-reserved-2026", CLOCK)
    kent.sent("Train all officers.")
    at = kent.agreed()
    early = publish(issue(), reference="kent-reserved-2026-report")
    named = replace(issue(), reference="kent-reserved-2026-report-r01")
    other = publish(named, reference="kent-elsewhere-2026")
    for report in (early, other):
        refused = service.post("/v1/reports", msgspec.to_builtins(report), PUBLISHER)
        assert refused.status_code == 409
        assert "is being drafted" in refused.json()["detail"]
    CLOCK.at = at
    eventually(lambda: stage_of(kent) == "released")


def test_a_release_that_fails_is_told_apart_and_keeps_no_other_waiting(
    service: Service, make_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "RETRY_SECONDS", 2.0)
    stuck, kent = (
        Inspecting(service, reference, CLOCK) for reference in ("kent-stuck-2026", "kent-free-2026")
    )
    for inspecting in (stuck, kent):
        inspecting.sent("Train all officers.")
    at = stuck.agreed()
    kent.agreed(at)
    with Ledger(environment(make_database.conninfo(APP), pool=2), CLOCK) as ledger:
        taken = publish(issue(), reference="kent-stuck-2026-report")
        ledger.submit([Submission(report_id(taken.reference), taken)], PUBLISHER)
        CLOCK.at = at
        eventually(lambda: stage_of(kent) == "released")
        assert release_due(ledger, at) == [stuck.id]
    assert stage_of(stuck) == "agreed"
    eventually(lambda: REGISTRY.get_sample_value("tracker_releases_failed") == 1)
    CLOCK.at += timedelta(minutes=2)
    page = service.get(f"/inspections/{stuck.id}", INSPECTOR, accept="text/html")
    assert "Release overdue" in words_of(page)
    stuck.done("defer_publication", reason="The name was taken.")
    eventually(lambda: REGISTRY.get_sample_value("tracker_releases_failed") == 0)


def test_a_force_no_longer_reads_the_text_of_a_dropped_inspection(service: Service) -> None:
    kent = Inspecting(service, "kent-gone-2026", CLOCK)
    kent.sent("Train all officers.")
    assert kent.get("/text", KENT).status_code == 200
    kent.done("drop_inspection", reason="The programme ended.")
    assert kent.get("/text", KENT).status_code == 404
    assert "officers" not in kent.get("/history", KENT).text
