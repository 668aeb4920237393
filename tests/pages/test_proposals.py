"""Proposed closures, and plans after a finding: the same next move on every page."""

from uuid import uuid4

import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor, Role
from tests.pages.test_report_work import REVIEW, report_of
from tests.pages.test_rows_of_reports import followed_up, give
from tests.pages.test_worklist import ROW, lead
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Service, command, published

pytestmark = pytest.mark.slow

BEFORE, LIST = "Closures that other inspectors proposed", "Work waiting"
PROPOSAL = {"basis": "Seen on a visit.", "source": "Letter"}


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def propose(service: Service, stream: str, by: Actor, **more: str) -> int:
    made = command(service, stream, by, "propose_closure", **PROPOSAL, **more)
    assert made.status_code == 201, made.text
    return int(made.json()["position"])


def test_a_proposal_waits_for_every_inspector_but_the_one_who_proposed(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = published(
        service, f"dorset-{uuid4().hex}", issue("dorset"), issue("dorset", ordinal=2),
        force="dorset",
    )  # fmt: skip
    open_one, named = report.recommendations
    lead(service, "dorset", INSPECTOR)
    lead(service, "gwent", OTHER_INSPECTOR)
    propose(service, open_one, INSPECTOR)
    position = propose(service, named, INSPECTOR, second_reader=OTHER_INSPECTOR.id)
    own = signed_in[INSPECTOR].get(f"/work?work=agree_closure&position={position}")
    assert not {open_one, named} & {*ROW.findall(own.text)}
    assert BEFORE not in words_of(own)
    other = signed_in[OTHER_INSPECTOR].get("/work?work=agree_closure")
    beside, _, listed = other.text.partition(LIST)
    assert open_one in ROW.findall(beside)
    assert named not in ROW.findall(beside), "it waits for its second reader"
    assert named in ROW.findall(listed)
    every = words_of(signed_in[INSPECTOR].get("/work/all?force=dorset&work=agree_closure"))
    assert "You proposed to close it" in every
    assert "Next action by: Another inspector" in every
    lead(service, "dorset", None)
    lead(service, "gwent", None)


def test_the_force_is_not_to_plan_again_while_a_closure_is_proposed(
    service: Service, make_database: Database
) -> None:
    force = Actor("cumbria-1", Role.FORCE, "cumbria")
    report = published(
        service, f"cumbria-{uuid4().hex}",
        *(issue("cumbria", ordinal=n, time_limit="none") for n in (1, 2)), force="cumbria",
    )  # fmt: skip
    first, second = report.recommendations
    for stream in report.recommendations:
        give(service, stream, INSPECTOR, "receive_action_plan", answer="act", content="Yes.")
        followed_up(service, stream, "not_met")
    browser = Browser(service).sign_in(make_database, force)
    position = propose(service, second, INSPECTOR)
    work = browser.get(f"/work?position={position}")
    assert ROW.findall(work.text).count(first) == 1
    assert second not in ROW.findall(work.text)
    assert "Make a new plan after the finding" in words_of(work)
    whole = words_of(browser.get(f"/reports/{report.id}/work/receive_action_plan"))
    assert whole.count("A closure is proposed, on which inspectors decide first.") == 1
    plan = browser.get("/record/plan")
    form = posted(plan)
    assert f"of-{first}" in form.fields
    assert f"of-{second}" not in form.fields
    step = form.fields[f"of-{first}"] or "5"
    answers = {f"of-{first}": step, "answer": "act", "content": "We will train more."}
    check = send(browser, form, "check", answers)
    assert check.status_code == 200, words_of(check)
    done = words_of(send(browser, posted(check), "record"))
    assert "Action plan recorded: it will act, step 6" in done, done


def test_who_may_read_them_sees_what_inspectors_ask_to_change(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    stream = report_of(service, 1, planned=True).recommendations[0]
    give(service, stream, INSPECTOR, REVIEW, outcome="changes_requested", remarks="By when?")
    page = words_of(signed_in[KENT].get(f"/recommendations/{stream}"))
    assert "What inspectors ask to change in the plan By when?" in page
    public = service.get(f"/recommendations/{stream}", Accept="text/html")
    assert "By when?" not in public.text
    give(service, stream, KENT, "receive_action_plan", answer="act", content="In May.")
    assert "ask to change" not in words_of(signed_in[KENT].get(f"/recommendations/{stream}"))


def test_one_piece_of_work_has_no_orders_and_is_called_filtered_only_if_it_is(
    service: Service, make_database: Database
) -> None:
    force = Actor("norfolk-9", Role.FORCE, "city-of-london")
    issues = [issue(force.force or "", time_limit="none")]
    report = published(service, f"city-{uuid4().hex}", *issues, force="city-of-london")
    stream = report.recommendations[0]
    give(service, stream, INSPECTOR, "receive_action_plan", answer="act", content="Yes.")
    remarks = {"outcome": "changes_requested", "remarks": "By when?"}
    position = command(service, stream, INSPECTOR, REVIEW, **remarks).json()["position"]
    browser = Browser(service).sign_in(make_database, force)
    page = words_of(browser.get(f"/work?position={position}"))
    assert "1 item." in page
    assert "Sort" not in page
    assert "1 row. Each file" in page
    register = "/recommendations?force=city-of-london"
    assert "1 row, as filtered." in words_of(browser.get(register))
