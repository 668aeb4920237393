"""The README's walk-through, run call by call as written."""

import re
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor, Role
from tests.support.served.serving import serving, token_of, wait_for

pytestmark = pytest.mark.slow

README = (Path(__file__).parents[2] / "README.md").read_text()
BODY = re.compile(r"-d '(.*?)'", re.DOTALL)
PEOPLE = {
    "I": Actor("demo-inspector", Role.INSPECTOR),
    "F": Actor("demo-force", Role.FORCE, "training"),
    "B": Actor("demo-body", Role.LOCAL_POLICING_BODY, "training"),
}


def calls() -> list[tuple[str, str | None, str | None, bool]]:
    """Each call of the walk-through: address, who, body, and whether it is to be refused."""
    block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert block
    found: list[tuple[str, str | None, str | None, bool]] = []
    for text in block.group(1).split("curl -s ")[1:]:
        address = re.match(r'"([^"]+)"', text)
        assert address
        actor, body = re.search(r'-H "\$([IFB])"', text), BODY.search(text)
        found.append(
            (
                address.group(1),
                actor.group(1) if actor else None,
                body.group(1) if body else None,
                "# refused" in text.splitlines()[0],
            )
        )
    return found


@pytest.fixture
def service(database: Database) -> Generator[tuple[httpx.Client, dict[str, str]]]:
    with serving(database) as running:
        yield running.client, {name: token_of(database, actor) for name, actor in PEOPLE.items()}


def test_the_readme_walk_through_works_as_written(
    service: tuple[httpx.Client, dict[str, str]],
) -> None:
    client, tokens = service
    names = {"$A": str(client.base_url).rstrip("/"), "$R": "", "$C": ""}
    answers: dict[str, httpx.Response] = {}
    position = 0
    for address, actor, body, refused in calls():
        for name in ("$C", "$A", "$R"):
            address = address.replace(name, names[name])  # noqa: PLW2901  it is filled in
        headers = {"Content-Type": "application/json"} if body else {}
        if actor:
            headers["Authorization"] = f"Bearer {tokens[actor]}"
        if "/v1/progress" in address:  # which a reader types later
            wait_for(client, f"/v1/progress/training?position={position}")
        answer = client.request("POST" if body else "GET", address, content=body, headers=headers)
        assert answer.status_code == (409 if refused else 201 if body else 200), answer.text
        if body and not refused:
            position = answer.json()["position"]
        if address.endswith("/v1/reports"):
            names["$R"] = answer.json()["recommendations"][0]
            names["$C"] = f"{names['$A']}/v1/recommendations/{names['$R']}/commands"
        answers[address.removeprefix(names["$A"])] = answer
    life = f"/v1/recommendations/{names['$R']}"
    assert answers[life].json()["stage"] == "closed"
    assert answers[f"{life}?on=2026-09-01"].json()["stage"] == "follow_up_assigned"
    steps = answers[f"{life}/history"].json()["items"]
    assert [step["tag"].removeprefix("recommendation.") for step in steps] == [
        "issued",
        "action_plan_received",
        "action_plan_reviewed",
        "follow_up_assigned",
        "section_55_responded",
        "completion_claimed",
        "follow_up_reported",
        "closed",
    ]
    assert answers["/v1/progress/training?on=2026-09-01"].json()["counts"]["open"] == 1
