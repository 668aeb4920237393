"""Files as known at a moment: they have what was known then, and nothing that came later."""

from typing import Any

import pytest

from tests.downloads.test_formats import READERS, download, items, value
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.served.serving import Published, Service, command, published

LATER = "A reason that was recorded later."


@pytest.fixture(scope="module")
def moment(service: Service) -> str:
    """A moment between a first report and what was recorded after it."""
    first = published(service, "kent-first-2022")
    history = service.get(f"/v1/recommendations/{first.recommendations[0]}/history", INSPECTOR)
    at: str = history.json()["items"][-1]["at"]
    _record_more(service, first)
    return at.replace("+", "%2B")


def _record_more(service: Service, first: Published) -> None:
    """Record a plan for the first report, of a day before the moment, and a second report."""
    stream = first.recommendations[0]
    plan: dict[str, Any] = {"answer": "act", "content": LATER, "on": "2023-01-05"}
    answer = command(service, stream, KENT, "receive_action_plan", **plan)
    assert answer.status_code == 201, answer.text
    position = published(service, "kent-second-2022").position
    for name in ("recommendations", "reports", "statements", "progress"):
        assert service.get(f"/v1/{name}?position={position}").is_success


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("on", ["", "&on=2024-06-30"])
def test_a_file_has_what_was_known_at_a_moment_of_a_day(
    service: Service, moment: str, ending: str, on: str
) -> None:
    then = f"?known_at={moment}{on}"
    for name in ("recommendations", "reports"):
        listed, now = (items(service, f"/v1/{name}{q}") for q in (then, on.replace("&", "?")))
        rows = READERS[ending](download(service, f"/v1/{name}{then}", ending))
        assert [value(row["id"]) for row in rows] == [item["id"] for item in listed] != []
        assert len(rows) < len(now)
    (row,) = READERS[ending](download(service, f"/v1/recommendations{then}", ending))
    assert row["stage"] == "issued"
    today = f"/v1/recommendations{on.replace('&', '?')}"
    stages = {row["stage"] for row in READERS[ending](download(service, today, ending))}
    assert stages == {"issued", "plan_received"}


def test_a_file_says_the_moment_it_was_known_at_in_its_name_and_its_rows(
    service: Service, moment: str
) -> None:
    answer = service.get(f"/v1/recommendations.csv?known_at={moment}")
    assert "-known-" in answer.headers["Content-Disposition"]
    (row,) = READERS["csv"](answer.content)
    assert row["known_at"].replace("+", "%2B")[:19] == moment[:19]
