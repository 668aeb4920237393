"""Training on pages: said before everything else, shown on request, and in nothing national."""

import re
from collections.abc import Generator, Mapping
from html import unescape
from typing import Any, cast
from uuid import uuid4

import pytest

from adapters.corpus.training.play import play
from adapters.corpus.training.world import WHOLE_LIFE
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from api.pages.rendering.assets import static
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.forces import FORCES, NATIONAL, TRAINING_FORCES, is_training
from domain.vocabulary.ids import recommendation_id
from tests.pages.test_pages import HTML, check, read
from tests.support.data.examples import INSPECTOR
from tests.support.data.paged import fill
from tests.support.served.browser import Browser
from tests.support.served.serving import AUDITOR, TRAINER, Service, published, serving

pytestmark = pytest.mark.slow

SAID = "Training: fictional."
FORCE = "training-corvenham"
OF_REPORTS = ("", "/history", "/correct", "/published", "/work", "/work/close")
LISTS = (
    "/v1/recommendations?limit=500",
    "/v1/reports?limit=500",
    "/v1/worklist?limit=500",
    "/v1/progress",
    "/v1/areas",
    "/v1/slippage",
    "/v1/compare?since=2023-01-01&limit=500",
    "/v1/restatement?on=2026-10-31&limit=500",
    "/v1/forces",
    "/v1/recommendations?q=children&limit=500",
    "/v1/reports?q=inspection&limit=500",
)
DRAWN = (
    "/charts/stages.svg",
    "/charts/months.svg",
    "/charts/forces.svg",
    "/charts/forces-months.svg",
    "/charts/ages.svg",
    "/charts/flow.svg",
    "/charts/areas.svg",
    "/feeds/reports.atom",
    "/feeds/recommendations.atom",
    "/feeds/recommendations.atom?area=investigation",
)
CHANGES = ("/feeds/changes.atom", "/feeds/changes.atom?open=true")
"""Feeds whose archives are ranges of positions, whoever has entries there."""
PAGES = (
    "/",
    "/recommendations",
    "/reports",
    "/forces",
    "/areas",
    "/areas/investigation",
    "/progress",
    "/slippage",
    "/compare?since=2023-01-01",
    "/restatement?on=2026-10-31",
    "/search?q=children",
)
SWITCHED = tuple(path for path in PAGES if path != "/")


def answer_of(service: Service, path: str) -> object:
    """An answer without what differs by itself: the position, and the address of the service."""
    if path in LISTS:
        answer: dict[str, Any] = service.get(path, INSPECTOR).json()
        if "coverage" in answer:
            answer["coverage"]["position"] = 0
        return {**answer, "position": 0}
    text = service.client.get(path, headers=HTML if path in PAGES else {}).text
    if path in CHANGES:
        return re.findall(r"<entry><id>(.*?)</id>", text)
    return re.sub(r"up to number \d+", "", text.replace(service.url, ""))


@pytest.fixture(scope="module")
def before(make_database: Database) -> Mapping[str, object]:
    """What the service says of the real corpus alone."""
    fill(make_database)
    with serving(make_database) as alone:
        return {path: answer_of(alone, path) for path in (*LISTS, *DRAWN, *CHANGES, *PAGES)}


@pytest.fixture(scope="module")
def service(make_database: Database, before: Mapping[str, object]) -> Generator[Service]:
    """The same database with the training world."""
    assert before
    with Ledger(environment(make_database.conninfo(APP), pool=2)) as ledger:
        play(ledger, lambda _done, _of: None)
        head = ledger.head()
    with serving(make_database) as running:
        for name in ("recommendations", "reports", "progress"):
            assert running.get(f"/v1/{name}?position={head}").is_success
        assert running.get(f"/v1/worklist?position={head}", INSPECTOR).is_success
        yield running


def title_of(text: str) -> str:
    return unescape(re.findall(r"<title>(.*?)</title>", text, re.DOTALL)[0])


def says_training(text: str) -> bool:
    """Whether a page says so in its title, and in words before its heading."""
    return SAID in title_of(text) and SAID in text.partition("<main")[2].partition("<h1")[0]


@pytest.mark.parametrize("path", [*LISTS, *DRAWN, *PAGES])
def test_nothing_national_changes_with_the_training_world(
    service: Service, before: Mapping[str, object], path: str
) -> None:
    assert answer_of(service, path) == before[path]


@pytest.mark.parametrize("path", CHANGES)
def test_the_latest_changes_of_a_list_have_none_of_the_training_world(
    service: Service, before: Mapping[str, object], path: str
) -> None:
    alone = cast("list[str]", before[path])
    beside = cast("list[str]", answer_of(service, path))
    assert alone[: len(beside)] == beside, "further ones are in the archive before"


@pytest.mark.parametrize("path", ["/progress", "/recommendations", "/compare"])
def test_no_figure_or_filter_says_that_a_plan_is_awaited_where_it_may_be_waived(
    service: Service, path: str
) -> None:
    shown = read(service, f"{path}?training=true")
    assert "lan awaited" not in shown
    assert "o action plan yet" in shown or "No plan yet" in shown


def test_a_training_force_is_offered_no_switch_to_a_real_record_of_its_own(
    service: Service, make_database: Database
) -> None:
    shown = Browser(service).sign_in(make_database, TRAINER).get("/work", Accept="text/html").text
    assert says_training(shown)
    assert "Show the real record" not in shown


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_real_record_does_not_say_training(service: Service, path: str) -> None:
    assert not says_training(read(service, path))


@pytest.mark.parametrize("path", SWITCHED)
def test_every_list_page_has_the_switch_and_says_what_it_shows(service: Service, path: str) -> None:
    switch = '<a class="govuk-link" href="([^"]*)">Show training, which is fictional'
    (on,) = re.findall(switch, read(service, path))
    shown = read(service, unescape(on))
    check(path, shown)
    assert says_training(shown)
    names = [force.name for force in FORCES.values() if force.name in shown]
    assert not names, "training stands in place of the real record, not beside it"
    assert any(force.name in shown for force in TRAINING_FORCES.values()) or path == "/areas"
    (off,) = re.findall('<a class="govuk-link" href="([^"]*)">Show the real record', shown)
    assert not says_training(read(service, unescape(off)))


@pytest.mark.parametrize("path", LISTS)
def test_every_list_of_the_api_shows_training_alone_on_request(service: Service, path: str) -> None:
    asked = path + ("&" if "?" in path else "?") + "training=true"
    answer = service.get(asked, INSPECTOR)
    assert answer.status_code == 200, answer.text
    text = answer.text
    assert f'"{FORCE}"' in text or "/restatement" in path
    assert not [
        code for code in (*FORCES, NATIONAL) if f'"{code}"' in text.replace('national":', "")
    ]


def test_a_page_of_a_training_list_leads_to_the_next(service: Service) -> None:
    path, references = "/v1/recommendations?training=true&limit=25", list[str]()
    while path:
        page = service.get(path)
        references += [item["standing"]["reference"] for item in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else ""
    assert len(references) == len(set(references)) == 64
    assert all(reference.startswith("training-") for reference in references)


def test_the_totals_of_training_are_the_sums_of_its_forces(service: Service) -> None:
    board = service.get("/v1/progress?training=true").json()
    forces = board["forces"].values()
    assert set(board["forces"]) == set(TRAINING_FORCES)
    assert board["training"] is True
    for name in ("total", "open", "overdue", "claimed", "assured", "plan_overdue"):
        assert board["national"][name] == sum(counts[name] or 0 for counts in forces), name
    assert board["national"]["median_days_to_plan"] is not None
    slipped = service.get("/v1/slippage?training=true").json()["counts"]
    assert slipped["total"] == board["national"]["total"] == 64


def test_a_real_force_is_not_listed_as_training(service: Service) -> None:
    answer = service.get("/v1/recommendations?training=true&force=kent")
    assert answer.status_code == 400
    assert "kent is not a training force" in answer.text
    shown = read(service, "/recommendations?training=true&force=kent", 400)
    assert "Choose a force from the list" in shown
    assert '<input type="hidden" name="training" value="true">' in shown


@pytest.mark.parametrize("name", ["reports", "recommendations"])
def test_no_feed_is_of_a_training_force(service: Service, name: str) -> None:
    for code in ("training", FORCE):
        answer = service.client.get(f"/feeds/{name}.atom?force={code}")
        assert answer.status_code == 400
        assert "Training forces are in no feed." in answer.text
    assert "/feeds/" not in read(service, f"/{name}?training=true").split("<main")[1]


def test_a_reader_comes_from_any_page_to_a_whole_life_in_two_steps(service: Service) -> None:
    assert 'href="/training"' in read(service, "/")
    shown = read(service, "/training")
    check("/training", shown)
    assert says_training(shown)
    (whole,) = re.findall('href="([^"]*)">See one whole life', shown)
    assert whole == f"/recommendations/{recommendation_id(WHOLE_LIFE)}"
    life = read(service, whole)
    assert life.count("tracker-timeline__item") >= 20
    assert "Closed by the inspectorate" in life
    assert 'href="/areas/initial_contact?training=true"' in life, "from training into training"
    assert 'href="/recommendations?training=true">Recommendations' in life
    for force in TRAINING_FORCES.values():
        assert force.name in shown


def test_the_training_board_moves_from_day_to_day(service: Service) -> None:
    closed = [
        int(re.findall(r'stage=closed[^"]*">(\d+)', read(service, f"/training?on={day}"))[0])
        for day in ("2024-06-01", "2025-06-01", "2026-06-01", "2026-11-20")
    ]
    assert closed == sorted(set(closed)), "more are closed each year"
    assert "Choose" not in read(service, "/training?on=2022-01-01")
    assert "No training recommendations" in read(service, "/training?on=2022-01-01")
    assert 'href="#on-day"' in read(service, "/training?on=2999-01-01", 400)


def test_every_page_that_training_leads_to_says_training_first(
    service: Service, make_database: Database
) -> None:
    """Followed by an inspector, who sees forms, notes and histories too."""
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    told = service.get("/v1/recommendations?training=true&limit=500").json()["items"]
    chosen = [item["id"] for item in told[::7]]
    report = told[0]["standing"]["report"]
    paths = [
        f"/recommendations/{one}{more}" for one in chosen for more in ("", "/history", "/correct")
    ]
    paths += [f"/reports/{report}{more}" for more in OF_REPORTS]
    paths += [f"/forces/{code}" for code in TRAINING_FORCES]
    paths += [
        f"{path}?training=true" for path in ("/work", "/recommendations", "/areas/leadership")
    ]
    paths += [f"/{path}?force={FORCE}" for path in ("work", "reports", "slippage", "record/plan")]
    for path in paths:
        shown = browser.get(path)
        assert shown.status_code == 200, path
        assert says_training(shown.text), path
        for form in re.findall(r'href="(/recommendations/[^"/]+/record/[^"]+)"', shown.text):
            assert says_training(browser.get(form).text), form


def test_training_is_said_in_print_and_without_colour() -> None:
    styles = static()["tracker.css"].content.decode()
    (own,) = re.findall(r"\.tracker-training \{([^}]*)\}", styles)
    assert "border:" in own
    assert "background" not in own
    printed = re.findall(r"@media print[^{]*\{(.*?)\n\}", styles, re.DOTALL)
    assert len(printed) > 1
    assert not any("tracker-training" in block for block in printed), "nothing hides it"


def test_a_training_force_sees_its_own_work_marked(
    service: Service, make_database: Database
) -> None:
    shown = Browser(service).sign_in(make_database, TRAINER).get("/work")
    assert says_training(shown.text)


def test_every_code_that_begins_with_training_is_a_training_force() -> None:
    assert [code for code in (*FORCES, NATIONAL) if is_training(code)] == []
    for code, force in TRAINING_FORCES.items():
        assert force.training
        assert code.split("-")[0] == "training"
        assert force.name.startswith("Training")


def test_the_work_of_who_leads_a_training_force_says_that_it_is_fictional(
    service: Service, make_database: Database
) -> None:
    actor = Actor("leads-training", Role.INSPECTOR)
    browser = Browser(service).sign_in(make_database, actor)

    def lead(*forces: str) -> None:
        ticks = {f"of-{force}": "yes" for force in forces}
        led = f"{FORCE} kent"
        saved = browser.post("/portfolios", {"_csrf": browser.csrf, "led": led, **ticks})
        assert saved.status_code == 303

    lead(FORCE)
    own = browser.get("/work")
    assert "Training: Corvenham Police" in own.text
    assert says_training(own.text)
    reviews = browser.get("/record/reviews")
    assert "These plans are of the forces that you lead." in reviews.text
    assert says_training(reviews.text)
    lead(FORCE, "kent")
    named = browser.get("/work?force=" + FORCE)
    assert "Partly training: fictional." not in named.text, "the query is of training alone"
    partly = browser.get("/work").text
    assert not says_training(partly), "a real force is named, though nothing of it waits"
    assert "Partly training: fictional." in partly
    position = published(service, f"kent-{uuid4().hex}").position
    mixed = browser.get(f"/work?order=force&limit=500&position={position}")
    assert "Kent Police" in mixed.text
    assert "Partly training: fictional." in mixed.text.partition("<main")[2].partition("<h1")[0]
    assert not says_training(mixed.text)
    lead()


def test_training_is_there_to_try_every_step(service: Service, make_database: Database) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    publishing = browser.get("/record/report").text
    assert all(f'value="{code}"' in publishing for code in TRAINING_FORCES)
    reviews = browser.get("/record/reviews").text
    options = re.findall(r'<option value="([a-z-]+)"[^>]*>([^<]*) \((\d+)\)<', reviews)
    assert options, "the forces with plans that wait, each with how many"
    assert {code for code, _name, _many in options} & TRAINING_FORCES.keys()
    for code, _name, many in options:
        of_force = browser.get(f"/record/reviews?force={code}&mine=false")
        assert int(many) == len(re.findall(r'name="step-', of_force.text)) > 0
        assert says_training(of_force.text) is is_training(code)


def test_an_auditors_training_page_has_its_corrections_and_tasks(
    service: Service, make_database: Database
) -> None:
    browser = Browser(service).sign_in(make_database, AUDITOR)
    shown = unescape(browser.get("/work?training=true").text)
    corrections = shown.partition("Latest corrections")[2].partition("<h2")[0]
    assert "/history?after=" in corrections
    assert "Training" in corrections
    real = unescape(browser.get("/work").text)
    assert "Training:" not in real.partition("Latest corrections")[2].partition("<h2")[0]
    for link in ("/restatement?training=true", "/compare?training=true"):
        assert f'href="{link}"' in shown
        assert says_training(browser.get(link).text)
    evidence = re.search(r'href="(/recommendations\?[^"]*slip=[^"]*)"', shown)
    assert evidence is not None
    assert says_training(browser.get(evidence[1]).text)
