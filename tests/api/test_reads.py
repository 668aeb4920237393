"""Reads over HTTP: states as at a day and as known, and no more than the reader may see."""

import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from adapters.postgres.database import OWNER, Database
from api.http.moment import today
from domain.vocabulary.actors import Actor
from domain.vocabulary.forces import ADDRESSEES, TRAINING_FORCES
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT, KENT_BODY, issue, publish
from tests.support.data.inspections import Inspecting
from tests.support.served.serving import (
    AUDITOR,
    PUBLISHER,
    REPORTING,
    TRAINER,
    Published,
    Service,
    command,
    published,
)

CANARIES = {
    "plan": "canary-plan", "remark": "canary-remark", "evidence": "canary-evidence",
    "assurance": "canary-assurance", "basis": "canary-basis",
}  # fmt: skip
EXPLANATION = "We welcome it."


@pytest.fixture(scope="module", autouse=True)
def report(service: Service) -> Published:
    """Kent's report with a life of one recommendation, another still new, and training's."""
    first = replace(issue(text="Record the voice of the child."), topic="record_keeping")
    made = published(service, "kent-life-2022", first, issue(ordinal=2))
    stream = made.recommendations[0]
    steps: list[tuple[Actor, str, dict[str, object]]] = [
        (KENT, "receive_action_plan", {"answer": "act", "content": CANARIES["plan"]}),
        (INSPECTOR, "review_action_plan", {"outcome": "accepted", "remarks": CANARIES["remark"]}),
        (INSPECTOR, "assign_follow_up", {
            "kind": "monitoring", "procedure": "2020", "assignee": "inspector-7"}),
        (INSPECTOR, "report_follow_up", {
            "finding": "partly_met", "passage": "Some progress.", "source": "The review."}),
        (KENT_BODY, "respond_under_section_55", {"answer": "act", "explanation": EXPLANATION}),
        (KENT_BODY, "record_assurance", {"level": "assured", "reason": CANARIES["assurance"]}),
        (KENT, "claim_completion", {"evidence": CANARIES["evidence"]}),
    ]  # fmt: skip
    for day, (actor, kind, fields) in enumerate(steps, 1):
        on = f"2022-09-{day:02}"
        assert command(service, stream, actor, kind, on=on, **fields).status_code == 201
    last = published(service, "training-2022", issue("training"), force="training")
    service.get(f"/v1/recommendations?position={last.position}")
    service.get(f"/v1/progress?position={last.position}")
    service.get(f"/v1/reports?position={last.position}")
    service.get(f"/v1/worklist?position={last.position}", INSPECTOR)
    return made


# One recommendation


def test_a_published_recommendation_is_open_to_the_public(
    service: Service, report: Published
) -> None:
    shown = service.get(f"/v1/recommendations/{report.recommendations[0]}").json()
    assert shown["text"] == "Record the voice of the child."
    assert shown["addressee_name"] == "Kent Police"
    assert (shown["stage"], shown["plan"], shown["cycle"]) == ("followed_up", "accepted", 1)
    assert [clock["name"] for clock in shown["clocks"]] == [
        "action_plan",
        "section_55",
        "time_limit",
    ]
    assert shown["clocks"][0]["state"] == "in_time"
    assert shown["findings"][0]["passage"] == "Some progress."
    assert shown["claimed"] == {"step": 8, "on": "2022-09-07"}
    assert shown["assurance"]["level"] == "assured"
    assert shown["section_55"]["explanation"] == EXPLANATION
    assert shown["closure"] is None


@pytest.mark.parametrize(
    ("actor", "inside"),
    [(None, False), (REPORTING, False), (ESSEX, False), (TRAINER, False), (KENT, True),
     (KENT_BODY, True), (INSPECTOR, True), (AUDITOR, True), (PUBLISHER, True), (ADMIN, True)],
)  # fmt: skip
def test_only_permitted_roles_see_the_people_on_a_recommendation(
    service: Service, report: Published, actor: Actor | None, *, inside: bool
) -> None:
    shown = service.get(f"/v1/recommendations/{report.recommendations[0]}", actor).json()
    assert ("inside" in shown) is inside
    if inside:
        assert shown["inside"]["claimed_by"] == KENT.id


def test_the_public_never_sees_notes_or_people(service: Service, report: Published) -> None:
    stream = report.recommendations[0]
    seen = "".join(
        service.get(path).text
        for path in (
            f"/v1/recommendations/{stream}",
            f"/v1/recommendations/{stream}?step=4",
            f"/v1/reports/{report.id}",
            "/v1/recommendations",
            "/v1/reports",
            "/v1/progress",
            "/v1/progress/kent",
        )
    )
    secrets = [*CANARIES.values(), KENT.id, KENT_BODY.id, INSPECTOR.id, "inspector-7"]
    assert [secret for secret in secrets if secret in seen] == []
    assert "sha256:" not in seen


def test_a_recommendation_is_shown_as_at_a_day_and_as_after_a_step(
    service: Service, report: Published
) -> None:
    path = f"/v1/recommendations/{report.recommendations[0]}"
    on = service.get(f"{path}?on=2022-09-02").json()
    assert (on["stage"], on["step"], on["on"]) == ("plan_reviewed", 8, "2022-09-02")
    assert on["clocks"][2]["days"] == 64
    after = service.get(f"{path}?step=2")
    assert after.json()["stage"] == "plan_received"
    assert after.headers["ETag"].startswith('"2.')
    assert service.get(f"{path}?on=2022-08-04").status_code == 404
    assert service.get(f"{path}?step=99").status_code == 404


def test_a_recommendation_is_shown_as_known_at_a_moment(service: Service) -> None:
    stream = published(service, "kent-known-2022").recommendations[0]
    before = datetime.now(UTC)
    fields = {"step": 1, "field": "area", "was": "leadership", "now": "investigation"}
    assert command(service, stream, INSPECTOR, "correct", why="Misread.", **fields).is_success
    path = f"/v1/recommendations/{stream}"
    assert service.get(path).json()["area"] == "investigation"
    known = service.get(path, params={"known_at": before.isoformat()}).json()
    assert (known["area"], known["step"]) == ("leadership", 1)
    early = before - timedelta(days=1)
    assert service.get(path, params={"known_at": early.isoformat()}).status_code == 404


def test_an_unchanged_resource_is_not_sent_again(
    service: Service, report: Published, make_database: Database
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        row = connection.execute("SELECT max(notification_id) FROM ledger_events").fetchone()
    assert row
    caught_up = service.get(f"/v1/recommendations?position={row[0]}", INSPECTOR)
    assert caught_up.status_code == 200, "what tests before have recorded would change the list"
    for path in (
        f"/v1/recommendations/{report.recommendations[0]}",
        f"/v1/reports/{report.id}",
        "/v1/forces",
        "/v1/recommendations?limit=1",
    ):
        first = service.get(path)
        tag = first.headers["ETag"]
        for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = service.get(path, If_None_Match=sent)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == tag
            assert "Content-Type" not in again.headers
        assert service.get(path, If_None_Match='"other"').status_code == 200


def test_only_a_stable_public_answer_may_be_cached(service: Service, report: Published) -> None:
    path = f"/v1/recommendations/{report.recommendations[0]}"
    kept = "public, max-age=0, must-revalidate"
    for asked, actor, control in (
        (path, None, "no-store"),
        (f"{path}?on=2022-09-02", None, kept),
        (f"{path}?on=2022-09-02", INSPECTOR, "no-store"),
        ("/v1/recommendations", None, kept),
        ("/v1/recommendations?limit=0", None, "no-store"),
    ):
        answer = service.get(asked, actor)
        assert answer.headers["Cache-Control"] == control
        assert answer.headers["Vary"] == "Accept, Authorization, Cookie"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# A history


def test_a_history_lists_every_entry(service: Service, report: Published) -> None:
    stream = report.recommendations[0]
    told = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()
    assert [item["step"] for item in told["items"]] == list(range(1, 9))
    assert [item["stage"] for item in told["items"]] == [
        "issued", "plan_received", "plan_reviewed", "follow_up_assigned", *["followed_up"] * 4,
    ]  # fmt: skip
    plan = told["items"][1]
    assert plan["tag"] == "recommendation.action_plan_received"
    assert (plan["actor"], plan["role"], plan["on"]) == (KENT.id, "force", "2022-09-01")
    assert plan["event"]["content"].startswith("sha256:")
    assert plan["notes"] == {"content": CANARIES["plan"]}
    assert "amended" not in plan
    assert told["next"] is None


def test_a_history_shows_corrected_entries_beside_the_original(service: Service) -> None:
    stream = published(service, "kent-amended-2022").recommendations[0]
    for was, now in (("2022-08-05", "2022-08-04"), ("2022-08-04", "2022-08-03")):
        answer = command(
            service, stream, INSPECTOR, "correct", step=1, field="on", was=was, now=now, why="So."
        )
        assert answer.status_code == 201
    first = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()["items"][0]
    assert (first["on"], first["amended"]["on"], first["amended"]["step"]) == (
        "2022-08-05", "2022-08-03", 3,
    )  # fmt: skip
    assert first["amended"]["event"] == first["event"]


def test_a_removed_note_is_null_for_everybody(service: Service) -> None:
    stream = published(service, "kent-redacted-2022").recommendations[0]
    command(service, stream, KENT, "report_progress", progress="canary-removed")
    fields = {"step": 2, "field": "progress"}
    asked = command(service, stream, ADMIN, "request_redaction", ground="safeguarding", **fields)
    assert asked.status_code == 201
    approved = command(service, stream, INSPECTOR, "approve_redaction", request=3, **fields)
    assert approved.status_code == 201
    for actor in (INSPECTOR, KENT, ADMIN):
        answer = service.get(f"/v1/recommendations/{stream}/history", actor)
        assert answer.json()["items"][1]["notes"] == {"progress": None}
        assert "canary-removed" not in answer.text


def test_a_force_does_not_read_the_comments_of_others(service: Service) -> None:
    stream = published(service, "kent-remarks-2022").recommendations[0]
    for actor in (INSPECTOR, KENT, KENT_BODY):
        command(service, stream, actor, "comment", comment=f"remark of {actor.id}")
    for actor in (KENT, KENT_BODY):
        items = service.get(f"/v1/recommendations/{stream}/history", actor).json()["items"][1:]
        assert [item["actor"] for item in items if "notes" in item] == [actor.id]
    items = service.get(f"/v1/recommendations/{stream}/history", AUDITOR).json()["items"][1:]
    assert all("notes" in item for item in items)


def test_a_history_is_limited_by_day_last_step_and_cursor(
    service: Service, report: Published
) -> None:
    path = f"/v1/recommendations/{report.recommendations[0]}/history"

    def steps(query: str) -> list[int]:
        items = service.get(f"{path}?{query}", INSPECTOR).json()["items"]
        return [item["step"] for item in items]

    assert steps("on=2022-09-03") == [1, 2, 3, 4]
    assert steps("step=2") == [1, 2]
    assert steps("after=6") == [7, 8]
    assert steps("after=2&on=2022-09-03") == [3, 4]


def test_a_long_history_is_paged(service: Service) -> None:
    stream = published(service, "kent-long-2022").recommendations[0]
    comment = {"stream": stream, "command": {"type": "comment", "comment": "Noted."}}
    for actor in (INSPECTOR, KENT, KENT_BODY):  # no role may add more than 200 steps a day
        assert service.post("/v1/commands", [comment] * 166, actor).status_code == 201
    assert service.post("/v1/commands", [comment] * 2).status_code == 201
    path = f"/v1/recommendations/{stream}/history"
    first = service.get(path, INSPECTOR).json()
    assert (len(first["items"]), first["next"]) == (500, 500)
    answer = service.get(f"{path}?on={today()}", INSPECTOR)
    more = service.get(answer.links["next"]["url"], INSPECTOR)
    rest = more.json()
    assert ([item["step"] for item in rest["items"]], rest["next"]) == ([501], None)
    assert rest["on"] == str(today()), "a link leads on under the same terms"
    assert "next" not in more.links


def test_a_report_has_a_history_too(service: Service, report: Published) -> None:
    told = service.get(f"/v1/reports/{report.id}/history", KENT).json()
    (item,) = told["items"]
    assert item["tag"] == "report.published"
    assert "stage" not in item


# The lists


def references(answer: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [item["standing"]["reference"] for item in answer["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("force=kent&report=kent-life-2022", ["r01", "r02"]),
        ("report=kent-life-2022&stage=issued", ["r02"]),
        ("report=kent-life-2022&open=true", ["r01", "r02"]),
        ("report=kent-life-2022&open=false", []),
        ("report=kent-life-2022&reason=verified", []),
        ("report=kent-life-2022&claimed=true", ["r01"]),
        ("report=kent-life-2022&claimed=false", ["r02"]),
        ("report=kent-life-2022&overdue=true", ["r02"]),
        ("report=kent-life-2022&overdue=false", ["r01"]),
        ("report=kent-life-2022&overdue=true&on=2022-08-20", []),
        ("report=kent-life-2022&q=voice", ["r01"]),
        ("report=kent-life-2022&q=nothing-like-it", []),
        ("report=kent-life-2022&area=leadership&kind=recommendation", ["r01", "r02"]),
        ("report=kent-life-2022&area=investigation", []),
        ("report=kent-life-2022&topic=record_keeping", ["r01"]),
        ("report=kent-life-2022&topic=supervision", []),
        ("report=kent-life-2022&topic=record_keeping&on=2022-08-01", []),
        ("report=kent-life-2022&kind=cause_of_concern", []),
        ("report=kent-life-2022&due_before=2022-11-06", ["r01", "r02"]),
        ("report=kent-life-2022&due_before=2022-11-05", []),
        ("report=kent-life-2022&force=essex", []),
        ("report=kent-life-2022&stage=plan_received&on=2022-09-01", ["r01"]),
        ("report=kent-life-2022&known_at=2026-01-01T00:00:00Z", []),
        ("report=no-such-report", []),
    ],
)
def test_the_register_is_filtered(service: Service, query: str, found: list[str]) -> None:
    answer = service.get(f"/v1/recommendations?{query}")
    assert answer.status_code == 200, answer.text
    assert references(answer.json()) == [f"kent-life-2022-{one}" for one in found]


def test_measures_are_counted_as_the_register_lists_them(service: Service) -> None:
    for query in ("", "on=2022-08-20", "force=kent", "known_at=2026-01-01T00:00:00Z"):
        measures = service.get(f"/v1/measures?{query}").json()
        listed = service.get(f"/v1/recommendations?limit=500&{query}").json()
        assert (measures["on"], measures["position"]) == (listed["on"], listed["position"])
        there = [one["standing"] for one in listed["items"]]
        still = [one for one in there if one["stage"] not in {"closed", "not_known"}]
        assert sum(one["issued"] for one in measures["cohorts"]) == len(there)
        assert sum(one["open"] for one in measures["cohorts"]) == len(still)
        for load in measures["load"]:
            here = [
                one
                for one in still
                if one["force"] == load["force"] and load["area"] in (None, one["area"])
            ]
            assert load["open"] == len(here)
            assert load["reports"] == len({one["report"] for one in here})


def test_a_claim_is_listed_with_what_became_of_it(service: Service) -> None:
    made = published(service, "kent-claimed-2022")
    stream = made.recommendations[0]
    assert command(service, stream, KENT, "claim_completion", evidence="All.").status_code == 201
    wait_for_lists(service)
    query = "force=kent&waiting=true&limit=500"
    (claim,) = [
        one for one in service.get(f"/v1/claims?{query}").json()["items"] if one["id"] == stream
    ]
    assert claim["claimed"]["judgement"] is None
    assert command(service, stream, INSPECTOR, "return_claim", reason="No.").status_code == 201
    wait_for_lists(service)
    assert stream not in [one["id"] for one in service.get(f"/v1/claims?{query}").json()["items"]]
    returned = service.get("/v1/claims?force=kent&judgement=returned&limit=500").json()
    (claim,) = [one for one in returned["items"] if one["id"] == stream]
    assert claim["claimed"]["days"] == 0
    kent = [one for one in service.get("/v1/measures").json()["accuracy"] if one["force"] == "kent"]
    assert kent[0]["returned"] == len(returned["items"])
    assert "Returned to the force" in service.get("/claims?force=kent").text


def test_areas_are_counted_as_the_register_lists_them(service: Service) -> None:
    for query in ("", "on=2022-08-20", "known_at=2026-01-01T00:00:00Z"):
        areas = service.get(f"/v1/areas?{query}").json()
        listed = service.get(f"/v1/recommendations?limit=500&{query}").json()
        assert (areas["on"], areas["position"]) == (listed["on"], listed["position"])
        found = {(one["area"], one["force"]): one for one in areas["items"]}
        there = [(one["standing"], one["overdue"]) for one in listed["items"]]
        assert {*found} == {(standing["area"], standing["force"]) for standing, _ in there}
        for (area, force), counts in found.items():
            here = [
                (standing, overdue)
                for standing, overdue in there
                if (standing["area"], standing["force"]) == (area, force)
            ]
            assert counts == {
                "area": area,
                "force": force,
                "total": len(here),
                "open": sum(one["stage"] not in {"closed", "not_known"} for one, _ in here),
                "limited": sum(
                    one["stage"] != "closed" and one["due"] is not None for one, _ in here
                ),
                "overdue": sum(overdue for _, overdue in here),
                "claimed": sum(standing["claimed_on"] is not None for standing, _ in here),
                "not_known": sum(standing["stage"] == "not_known" for standing, _ in here),
                **{
                    finding: sum(standing["finding"] == finding for standing, _ in here)
                    for finding in ("met", "partly_met", "not_met", "too_early", "narrative")
                },
            }


def test_a_report_is_named_by_its_id_or_its_reference(service: Service, report: Published) -> None:
    by_id = service.get(f"/v1/recommendations?report={report.id}").json()
    assert references(by_id) == ["kent-life-2022-r01", "kent-life-2022-r02"]


def test_training_is_left_out_unless_requested(service: Service) -> None:
    assert "training-2022-r01" not in references(
        service.get("/v1/recommendations?limit=500").json()
    )
    asked = service.get("/v1/recommendations?force=training").json()
    assert references(asked) == ["training-2022-r01"]
    assert "training" not in service.get("/v1/progress").json()["forces"]
    assert service.get("/v1/progress/training").json()["counts"]["total"] == 1


@pytest.fixture(scope="module")
def listed_at(service: Service) -> int:
    """The position from which lists have several reports and recommendations of Surrey."""
    return [
        published(service, f"surrey-paged-{number}-2022", force="surrey").position
        for number in range(5)
    ][-1]


@pytest.mark.parametrize(
    "path",
    ["/v1/recommendations?force=surrey", "/v1/reports?force=surrey", "/v1/worklist?force=surrey",
     "/v1/recommendations?force=surrey&overdue=true&claimed=false"],
)  # fmt: skip
def test_a_list_is_paged_without_gap_or_repetition(
    service: Service, listed_at: int, path: str
) -> None:
    whole = service.get(f"{path}&limit=500&position={listed_at}", INSPECTOR).json()["items"]
    assert len(whole) > 4
    read, url = [], f"{path}&limit=2"
    while url:
        answer = service.get(url, INSPECTOR)
        page = answer.json()
        assert len(page["items"]) <= 2
        read += page["items"]
        url = answer.links["next"]["url"] if "next" in answer.links else ""
        assert bool(url) is (page["next"] is not None)
    assert read == whole


def test_reports_are_listed_newest_first_and_by_product(service: Service) -> None:
    def read(query: str) -> list[str]:
        found: list[str] = []
        path = f"/v1/reports?{query}"
        while path:
            answer = service.get(path)
            found += [item["listing"]["reference"] for item in answer.json()["items"]]
            path = answer.links["next"]["url"] if "next" in answer.links else ""
        return found

    days = {"a": "2021", "b": "2021-03", "c": "2021-03-05", "d": "2021-03-05", "e": "unknown"}
    for name, published_on in days.items():
        body = to_builtins(publish(reference=f"essex-{name}", force="essex", on=published_on))
        made = service.post("/v1/reports", body)
        assert made.status_code == 201, made.text
        service.get(f"/v1/reports?position={made.json()['position']}")
    newest = [f"essex-{name}" for name in "cdbae"]
    for limit in (1, 2, 500):
        assert read(f"force=essex&order=newest&limit={limit}") == newest
        assert read(f"force=essex&limit={limit}") == sorted(newest)
    assert read("force=essex&product=ncpi") == sorted(newest)
    assert read("force=essex&product=thematic") == []


def test_a_cursor_belongs_to_its_filters(service: Service) -> None:
    first = service.get("/v1/recommendations?force=kent&limit=1").json()["next"]
    assert service.get(f"/v1/recommendations?force=kent&limit=5&cursor={first}").is_success
    for query in (f"cursor={first}", f"force=essex&cursor={first}", "cursor=garbage", "cursor=W10",
                  "cursor=%C3%A9", f"force=kent&cursor={first[:-4]}"):  # fmt: skip
        answer = service.get(f"/v1/recommendations?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("/v1/recommendations", "newest", "oldest"),
        ("/v1/late", "longest", "latest"),
        ("/v1/claims", "newest", "force"),
    ],
)
def test_a_cursor_belongs_to_its_order(service: Service, path: str, one: str, other: str) -> None:
    for number in (1, 2):
        made = published(service, f"kent-{path[4:]}-{one}-202{number}", issue("essex"))
        claimed = command(
            service, made.recommendations[0], ESSEX, "claim_completion", evidence="All of it."
        )
        assert claimed.status_code == 201
    wait_for_lists(service)
    first = service.get(f"{path}?order={one}&limit=1").json()["next"]
    assert service.get(f"{path}?order={one}&limit=1&cursor={first}").is_success
    for query in (f"cursor={first}", f"order={other}&cursor={first}"):
        answer = service.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"] == [
            {
                "parameter": "cursor",
                "detail": "That cursor is of a list with other filters, or in another order.",
            }
        ]
    unknown = service.get(f"{path}?order=colour")
    assert unknown.status_code == 400
    assert unknown.json()["errors"][0]["parameter"] == "order"


def test_a_list_states_the_position_it_is_as_of(service: Service) -> None:
    position = published(service, "kent-position-2022").position
    lists = "/v1/recommendations", "/v1/reports", "/v1/progress", "/v1/progress/kent"
    for path, actor in (*((path, KENT) for path in lists), ("/v1/worklist", INSPECTOR)):
        page = service.get(f"{path}?position={position}", actor).json()
        assert page["position"] >= position
        beyond = service.get(f"{path}?position={position + 1_000_000}", actor)
        assert beyond.status_code == 404
        assert "the last one is" in beyond.json()["detail"]


def test_a_list_states_the_lineage_in_which_its_position_counts(service: Service) -> None:
    position = published(service, "kent-lineage-2022").position
    stated: set[str] = set()
    for path, operations in service.get("/v1/openapi.json").json()["paths"].items():
        answers = operations.get("get", {}).get("responses", {})
        if "Ledger-Lineage" in answers.get("200", {}).get("headers", {}) and "{" not in path:
            answer = service.get(path, INSPECTOR)
            assert answer.status_code == 200, answer.text
            assert answer.json()["position"] <= position, path
            stated.add(answer.headers["Ledger-Lineage"])
    assert stated == {service.get("/health/ready").json()["lineage"]}
    assert "Ledger-Lineage" not in service.get("/v1/recommendations?position=x").headers


def test_waiting_work_is_counted_and_listed(service: Service, report: Published) -> None:
    page = service.get("/v1/worklist?force=kent&work=check_claim", INSPECTOR).json()
    assert page["counts"]["check_claim"] == 1
    (item,) = page["items"]
    assert item["id"] == report.recommendations[0]


def test_progress_counts_every_force(service: Service) -> None:
    board = service.get("/v1/progress?on=2022-09-07").json()
    assert set(board["forces"]) == set(ADDRESSEES) - set(TRAINING_FORCES)
    kent = service.get("/v1/progress/kent?on=2022-09-07").json()
    assert kent["counts"] == board["forces"]["kent"]
    assert board["national"]["claimed"] == kent["counts"]["claimed"] == 1
    assert kent["series"][-1]["month"] == "2022-09"
    assert sum(kent["counts"]["stages"].values()) == kent["counts"]["total"]


def test_a_report_is_shown_with_the_areas_noted_on_it(service: Service, report: Published) -> None:
    area = {
        "type": "note_area", "reference": "kent-life-2022-a1", "text": "More.",
        "area": "leadership", "source": "The letter.", "remark": "canary-area",
    }  # fmt: skip
    assert service.post(f"/v1/reports/{report.id}/commands", area).is_success
    answer = service.get(f"/v1/reports/{report.id}")
    assert answer.json()["areas"][0]["text"] == "More."
    assert answer.json()["areas"][0]["remark"] is None
    assert answer.headers["ETag"].startswith('"2.')
    assert service.get(f"/v1/reports/{report.id}?on=2022-08-05").json()["areas"] == []


def test_forces_are_served_by_code_and_name(service: Service) -> None:
    every = service.get("/v1/forces").json()["items"]
    training = service.get("/v1/forces?training=true").json()["items"]
    assert {force["code"] for force in training} == {*TRAINING_FORCES}
    assert {force["code"] for force in every} == {*ADDRESSEES} - {*TRAINING_FORCES}
    assert service.get("/v1/forces/kent").json()["name"] == "Kent Police"
    assert service.get("/v1/forces/nowhere").status_code == 404
    assert service.get("/v1/progress/nowhere").status_code == 404


# The ledger


def test_a_full_page_of_the_ledger_never_changes(service: Service) -> None:
    full = service.get("/v1/ledger?limit=3", AUDITOR)
    assert [item["position"] for item in full.json()["items"]] == [1, 2, 3]
    following = service.get(full.links["next"]["url"], AUDITOR).json()["items"]
    assert [item["position"] for item in following] == [4, 5, 6]
    head = service.get("/health/ready").json()["head"]
    tail = service.get(f"/v1/ledger?after={head - 2}", AUDITOR)
    assert tail.headers["Cache-Control"] == "no-store"
    assert tail.json()["next"] == tail.json()["items"][-1]["position"]
    nothing = service.get(f"/v1/ledger?after={tail.json()['next'] + 1000}", AUDITOR).json()
    assert nothing["items"] == []
    again = service.get("/v1/ledger?limit=3", AUDITOR)
    assert (again.content, again.headers["ETag"]) == (full.content, full.headers["ETag"])


def test_the_ledger_holds_commitments_and_no_notes(service: Service) -> None:
    page = service.get("/v1/ledger?limit=500", INSPECTOR)
    assert "sha256:" in page.text
    assert [canary for canary in CANARIES.values() if canary in page.text] == []


# Methods


def wait_for_lists(service: Service) -> None:
    """Return once no list lags behind the ledger."""
    until = time.monotonic() + 30
    while any(model["lag"] for model in read_models(service)):
        assert time.monotonic() < until
        time.sleep(0.05)


def read_models(service: Service) -> list[dict[str, int]]:
    return list(service.get("/health/ready").json()["read_models"].values())


def test_every_route_that_takes_get_takes_head(service: Service, report: Published) -> None:
    schema = service.get("/v1/openapi.json").json()
    sent = {**service.headers(KENT), "Content-Type": "text/plain"}
    documents = f"/v1/recommendations/{report.recommendations[0]}/documents"
    name = service.client.post(documents, content=b"It is.", headers=sent).json()["sha256"]
    paths: list[str] = []
    kent = Inspecting(service, "kent-heads-2026")
    kent.sent("Train all officers.")
    for template, operations in schema["paths"].items():
        if "get" in operations:
            stream = report.id if "/reports/" in template else report.recommendations[0]
            if "/inspections/" in template:
                stream = str(kent.id)
            query = "?q=kent" if template == "/v1/search" else ""
            names = {"code": "kent", "slug": "stale", "actor": "auditor-1", "sha256": name}
            paths.append(template.format(stream=stream, **names) + query)
    for path in paths:  # so that each reading is on record, and none of them moves a list later
        service.get(path, AUDITOR)
    wait_for_lists(service)
    for path in paths:
        of_inspectors = path == "/v1/subscriptions" or path.endswith(("/draft", "/text"))
        reader = INSPECTOR if of_inspectors else AUDITOR
        got = service.get(path, reader)
        headers = service.headers(reader)
        head = service.client.head(path, headers=headers)
        assert (head.status_code, head.content) == (got.status_code, b"") == (200, b""), path
        if not path.startswith("/health"):
            assert head.headers["ETag"] == got.headers["ETag"]
            assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/reports", "GET, HEAD, OPTIONS, POST"),
        ("/v1/recommendations", "GET, HEAD, OPTIONS"),
        ("/v1/commands", "OPTIONS, POST"),
        ("/v1/recommendations/45fd50dd-7508-54fb-94ac-784b0b6d4ac0", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_route_states_the_methods_it_takes(service: Service, path: str, methods: str) -> None:
    options = service.client.options(path)
    assert (options.status_code, options.headers["Allow"]) == (204, methods)
    refused = service.client.delete(path)
    assert (refused.status_code, refused.headers["Allow"]) == (405, methods)
    assert refused.json()["type"] == "/problems/method-not-allowed"


def test_health_states_the_position_of_each_list(service: Service) -> None:
    assert service.get("/health/live").json() == {"live": True, "dead": []}
    ready = service.get("/health/ready").json()
    assert ready["ready"] is True
    assert set(ready["read_models"]) == {
        "register",
        "progress",
        "worklist",
        "reports",
        "statements",
        "claims",
        "steps",
    }
    for model in ready["read_models"].values():
        assert model["state"] == "keeping"
        assert model["lag"] == ready["head"] - model["position"]
