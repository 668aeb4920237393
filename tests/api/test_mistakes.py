"""Mistakes over HTTP: dates corrected together, steps withdrawn, closures agreed to."""

from tests.support.data.examples import (
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
)
from tests.support.served.serving import Service, command, published

MOVED = {"step": 1, "field": "on", "was": "2022-08-05", "now": "2022-05-01", "why": "Typing."}
CLAIM = {"type": "claim_completion", "evidence": "All are trained."}


def test_a_report_whose_day_is_corrected_alone_warns_of_its_recommendations(
    service: Service,
) -> None:
    report = published(service, "kent-moved-2022", issue(), issue(ordinal=2))
    service.get(f"/v1/recommendations?position={report.position}")
    path = f"/v1/reports/{report.id}/commands"
    done = service.post(path, {"type": "correct", **MOVED}, INSPECTOR).json()
    assert done["warnings"] == [
        "2 of its recommendations still have another day: 2022-08-05. Correct step 1 of each too."
    ]
    first, second = report.recommendations
    answer = command(service, first, INSPECTOR, "correct", **MOVED)
    assert answer.status_code == 201
    assert "warnings" not in answer.json()
    both = [{"stream": second, "command": {"type": "correct", **MOVED}}]
    assert service.post("/v1/commands", both, INSPECTOR).status_code == 201
    clocks = service.get(f"/v1/recommendations/{second}").json()["clocks"]
    assert clocks[0]["due"] == "2022-06-12"


def test_a_recommendation_whose_day_is_corrected_alone_warns_of_its_report(
    service: Service,
) -> None:
    report = published(service, "kent-alone-2022", issue())
    answer = command(service, report.recommendations[0], INSPECTOR, "correct", **MOVED)
    assert answer.json()["warnings"] == [
        "Its report still has the day 2022-08-05. Correct step 1 of the report too."
    ]


def test_comments_in_time_are_recorded_after_a_later_step_of_inspectors(service: Service) -> None:
    (stream,) = published(service, "kent-late-2022", issue()).recommendations
    waive = {"reason": "Small.", "on": "2022-10-01"}
    assert command(service, stream, INSPECTOR, "waive_action_plan", **waive).status_code == 201
    comments = {"answer": "act", "explanation": "We asked.", "on": "2022-09-20"}
    answer = command(service, stream, KENT_BODY, "respond_under_section_55", **comments)
    assert answer.status_code == 201
    view = service.get(f"/v1/recommendations/{stream}").json()
    clocks = {clock["name"]: clock for clock in view["clocks"]}
    assert clocks["section_55"]["state"] == "in_time"
    assert [response["on"] for response in view["responses"]] == ["2022-09-20"]
    early = service.get(f"/v1/recommendations/{stream}?on=2022-09-25").json()
    assert (early["plan"], early["section_55"]["on"]) == ("awaited", "2022-09-20")


def test_a_withdrawn_step_is_marked_in_the_history_and_gone_from_the_state(
    service: Service,
) -> None:
    (stream,) = published(service, "kent-back-2022", issue()).recommendations
    assert command(service, stream, KENT, "claim_completion", evidence="Done.").status_code == 201
    close = {"reason": "withdrawn", "basis": "Moot."}
    assert command(service, stream, INSPECTOR, "close", **close).status_code == 201
    assert service.get(f"/v1/recommendations/{stream}").json()["claimed"] is None
    back = command(service, stream, INSPECTOR, "withdraw", steps=[3], why="The wrong one.")
    assert back.status_code == 201
    view = service.get(f"/v1/recommendations/{stream}").json()
    assert (view["stage"], view["claimed"]["step"]) == ("issued", 2)
    items = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()["items"]
    assert [item.get("withdrawn") for item in items] == [None, None, 4, None]
    assert items[3]["notes"] == {"why": "The wrong one."}


def test_what_others_recorded_is_withdrawn_by_two_and_hidden_from_other_forces(
    service: Service,
) -> None:
    (stream,) = published(service, "kent-two-2022", issue()).recommendations
    assert command(service, stream, KENT, "claim_completion", evidence="Done.").status_code == 201
    refused = command(service, stream, ESSEX, "withdraw", steps=[2], why="No.")
    assert refused.status_code == 404
    asked = command(service, stream, INSPECTOR, "withdraw", steps=[2], why="The wrong one.")
    assert asked.status_code == 201
    own = command(service, stream, INSPECTOR, "agree_to_withdrawal", request=3)
    assert own.status_code == 409
    agreed = command(service, stream, KENT, "agree_to_withdrawal", request=3)
    assert agreed.status_code == 201
    assert service.get(f"/v1/recommendations/{stream}").json()["claimed"] is None


def test_a_recommendation_issued_by_mistake_is_gone_once_withdrawn(service: Service) -> None:
    report = published(service, "kent-wrong-2022", issue())
    (stream,) = report.recommendations
    back = command(service, stream, INSPECTOR, "withdraw", steps=[1], why="Never made.")
    assert back.status_code == 201, back.text
    position = back.json()["position"]
    assert service.get(f"/v1/recommendations/{stream}").status_code == 404
    listed = service.get(f"/v1/recommendations?report=kent-wrong-2022&position={position}").json()
    assert listed["items"] == []
    history = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR)
    assert [item.get("withdrawn") for item in history.json()["items"]] == [2, None]


def test_to_close_as_verified_without_a_met_finding_takes_two_inspectors(service: Service) -> None:
    (stream,) = published(service, "kent-verified-2022", issue()).recommendations
    close = {"reason": "verified", "basis": "Seen.", "source": "Review"}
    refused = command(service, stream, INSPECTOR, "close", **close)
    assert refused.status_code == 409
    assert "takes two inspectors" in refused.json()["detail"]
    proposal = {"basis": "Seen.", "source": "Review"}
    assert command(service, stream, INSPECTOR, "propose_closure", **proposal).status_code == 201
    own = command(service, stream, INSPECTOR, "close", **close, proposal=2)
    assert own.status_code == 409
    agreed = command(service, stream, OTHER_INSPECTOR, "close", **close, proposal=2)
    assert agreed.status_code == 201
