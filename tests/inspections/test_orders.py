"""The orders of the list of inspections: planned last, force, and whose reply is due next."""

import re

import pytest

from domain.vocabulary.ids import inspection_id
from tests.pages.test_pages import check
from tests.support.data.examples import ESSEX, INSPECTOR, KENT
from tests.support.data.inspections import Inspecting, MovedClock, draft
from tests.support.served.serving import AUDITOR, Served, Service

pytestmark = pytest.mark.slow

CLOCK = MovedClock()
PLANNED = (
    "essex-finished", "kent-later", "essex-sooner", "kent-put-off", "essex-planned", "kent-planned",
)  # fmt: skip
"""The references, in the order in which they are planned."""
ORDERS = {
    "planned": PLANNED[::-1],
    "force": (
        "essex-planned", "essex-sooner", "essex-finished",
        "kent-planned", "kent-put-off", "kent-later",
    ),
    "reply": (
        "essex-sooner", "kent-later",
        "kent-planned", "essex-planned", "kent-put-off", "essex-finished",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


@pytest.fixture(scope="module", autouse=True)
def waiting(service: Service) -> None:
    """Bring inspections to where their replies are due on days of their own, or not at all."""
    replies = {"essex-finished": 3, "kent-later": 12, "essex-sooner": 5, "kent-put-off": 2}
    for reference in PLANNED:
        force = reference.partition("-")[0]
        one = Inspecting(service, reference, CLOCK)
        assert one.plan(force).is_success
        if reference not in replies:
            continue
        one.done("begin_fieldwork")
        assert one.save(draft(reference, "Train all officers.")).is_success
        one.done("moderate_draft", draft_version=one.version)
        day = one.day_in(replies[reference])
        begun = one.done("send_to_check", draft_version=one.version, reply_by=day)
        if reference == "kent-put-off":
            one.done("defer_publication", reason="An election.")
        if reference == "essex-finished":
            check = begun["step"] - len(begun["entries"]) + 1
            one.done("finish_check", ESSEX, check=check)


@pytest.mark.parametrize("order", ORDERS)
def test_inspections_are_sorted_as_is_asked(service: Service, order: str) -> None:
    for limit in (1, 4, 500):
        listed, after = list[str](), 0
        while after is not None:
            path = f"/v1/inspections?order={order}&limit={limit}&after={after}"
            page = service.get(path, INSPECTOR).json()
            listed += [item["reference"] for item in page["items"]]
            after = page["next"]
        assert tuple(listed) == ORDERS[order]
    seen = service.get(f"/v1/inspections?order={order}", KENT).json()["items"]
    assert [one["reference"] for one in seen] == [
        reference for reference in ORDERS[order] if reference in {"kent-later", "kent-put-off"}
    ]


def test_the_list_of_inspections_says_what_it_is_sorted_by(service: Service) -> None:
    words = {
        "planned": "the one planned last first",
        "force": "force",
        "reply": "reply of the force, the next due first",
    }
    for order, text in words.items():
        path = "/inspections" if order == "planned" else f"/inspections?order={order}"
        page = service.get(path, INSPECTOR, accept="text/html").text
        links = check(path, page).links
        shown = [link for link in links if re.fullmatch(r"/inspections/[0-9a-f-]{36}", link)]
        assert shown == [f"/inspections/{inspection_id(one)}" for one in ORDERS[order]]
        assert f"Sorted by {text}" in page
        others = {"/inspections" if one == "planned" else f"/inspections?order={one}"
                  for one in words if one != order}  # fmt: skip
        assert others <= set(links)


def test_an_order_of_inspections_that_there_is_none_of_is_refused(service: Service) -> None:
    refused = service.get("/v1/inspections?order=colour", AUDITOR)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == "order"
    page = service.get("/inspections?order=colour", INSPECTOR, accept="text/html")
    assert page.status_code == 400
    assert "cannot be sorted in that way" in page.text
