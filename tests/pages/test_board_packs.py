"""Board packs: their figures are the board's, each file is tagged, small and the same again."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from adapters.postgres.database import Database
from adapters.printing.paper import Grid, Paper, Section, Span, line
from adapters.printing.pdf import write_pdf
from api.downloads import sending
from api.pages.packs.handlers import PDF_BYTES_MAX, SHEETS_MAX
from domain.vocabulary.actors import Actor
from domain.vocabulary.forces import FORCES
from tests.pages.test_glossary import in_words
from tests.pages.test_pages import HTML
from tests.support.data import pdf
from tests.support.data.examples import INSPECTOR, KENT, issue
from tests.support.data.pdf import elements, text_of
from tests.support.served.serving import Published, Served, Service, command, published, serving

DAYS = [("2024-06-30", "2025-06-30"), ("2025-06-30", "2026-06-30")]
LONG = ("Improve the response to children who are at risk of harm from other people. " * 12).strip()
NATIONAL, TRAINING, AMBLEFORD, ESSEX = (
    "/board-pack", "/board-pack?training=true", "/board-pack/training-ambleford",
    "/board-pack/essex",
)  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def asked(
    service: Service, path: str, actor: Actor | None = None, /, **query: str
) -> httpx.Response:
    """Get an address, with more parameters than it has."""
    joined = "&" if "?" in path else "?"
    return service.get(path + joined + urlencode(query), actor)


def file_of(service: Service, path: str, actor: Actor | None = None, /, **query: str) -> bytes:
    base, question, given = path.partition("?")
    answer = asked(service, f"{base}.pdf{question}{given}", actor, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    return answer.content


def shown(counts: dict[str, Any], name: str) -> str:
    told = counts["total"] > counts["stages"]["not_known"]
    match name:
        case "On record":
            return str(counts["total"])
        case "Of these, not known where they stand":
            return str(counts["stages"]["not_known"])
        case "Overdue, of those with a last day that is known":
            limited = counts["limited"]
            unsure = not told or counts["open"] or counts["stages"]["not_known"]
            return (
                f"{counts['overdue']} of {limited}"
                if limited
                else "Not known"
                if unsure
                else "None open"
            )
        case _:
            of = {
                "Known to be open": counts["open"],
                "Action plan overdue": counts["plan_overdue"],
                "The force says done, not verified": counts["claimed"],
                "Closed by the inspectorate": counts["stages"]["closed"],
            }
            return str(of[name]) if told else "Not known"


FIGURES = (
    "On record", "Of these, not known where they stand", "Known to be open",
    "Overdue, of those with a last day that is known", "Action plan overdue",
    "The force says done, not verified", "Closed by the inspectorate",
)  # fmt: skip


@pytest.mark.parametrize("known_at", [None, "2026-01-01T00:00:00Z"])
@pytest.mark.parametrize(("since", "on"), DAYS)
@pytest.mark.parametrize("path", [NATIONAL, TRAINING, AMBLEFORD, ESSEX])
def test_the_figures_of_a_pack_are_those_of_the_board(
    service: Service, path: str, since: str, on: str, known_at: str | None
) -> None:
    moment = {"known_at": known_at} if known_at else {}
    text = text_of(file_of(service, path, since=since, on=on, **moment))
    of = path.replace("/board-pack", "/v1/progress")
    boards = [asked(service, of, on=day, **moment).json() for day in (since, on)]
    then, now = (board.get("national") or board["counts"] for board in boards)
    for name in FIGURES:
        assert f"{name} {shown(then, name)} {shown(now, name)} " in text, name


@pytest.mark.parametrize(("since", "on"), DAYS)
def test_the_rows_of_forces_have_the_figures_of_the_board(
    service: Service, since: str, on: str
) -> None:
    text = text_of(file_of(service, TRAINING, since=since, on=on))
    board = service.get("/v1/progress", params={"training": "true", "on": on}).json()["forces"]
    for code, counts in board.items():
        if not counts["total"]:
            continue
        name = service.get(f"/v1/forces/{code}").json()["name"]
        row = re.search(rf"{re.escape(name)} {counts['total']} .{{0,40}}? {counts['open']}\b", text)
        assert row is not None, name


def test_what_is_late_agrees_with_the_figures(service: Service) -> None:
    board = service.get("/v1/progress?training=true&on=2026-06-30").json()["national"]
    assert board["overdue"] + board["plan_overdue"] > 0
    work = service.get(
        "/v1/worklist?training=true&on=2026-06-30&work=chase_overdue&limit=500", INSPECTOR
    ).json()["items"]
    closed = {
        item["id"]
        for item in service.get(
            "/v1/recommendations?training=true&on=2026-06-30&stage=closed&limit=500"
        ).json()["items"]
    }
    clocks = [item["clock"] for item in work]
    assert clocks.count("time_limit") == board["overdue"]
    assert clocks.count("action_plan") == board["plan_overdue"]
    text = text_of(file_of(service, TRAINING, on="2026-06-30", since="2026-03-31"))
    is_open = [item for item in work if item["id"] not in closed]
    assert 0 < len(is_open) < len(work), "or closed ones could not take places"
    late = [(date(2026, 6, 30) - date.fromisoformat(item["due"])).days for item in is_open]
    assert f"of {len(is_open)}." in text
    assert f"{len(work) - len(is_open)} deadlines passed at recommendations that are closed" in text
    assert re.search(rf"\b{max(late)}\b", text)


def test_a_pack_names_what_changed_by_the_steps_that_changed_it(service: Service) -> None:
    answer = service.get(f"{AMBLEFORD}?since=2023-01-01&on=2026-06-30", Accept="text/html")
    compared = service.get(
        "/v1/compare?force=training-ambleford&since=2023-01-01&on=2026-06-30&limit=500"
    ).json()["items"]
    assert f"{len(compared)} recommendations changed." in answer.text
    steps = re.findall(
        r'href="(/recommendations/[0-9a-f-]+\?on=2026-06-30)">[^<]* \(([^()]*), step (\d+)\)<',
        answer.text,
    )
    assert steps
    for path, _, step in steps:
        page = service.get(path, Accept="text/html")
        assert page.status_code == 200
        assert int(step) >= 1


def test_a_pack_says_which_figures_of_the_last_meeting_have_changed_since(
    database: Database,
) -> None:
    clock = Clock(datetime(2026, 6, 1, 12, tzinfo=UTC))
    with serving(database, clock=clock) as service:
        first = published(service, "kent-first-2022", issue("kent"))
        plan = {"answer": "act", "content": "We will.", "on": "2022-08-20"}
        recorded(
            service, command(service, first.recommendations[0], KENT, "receive_action_plan", **plan)
        )
        clock.moment = datetime(2026, 9, 1, 12, tzinfo=UTC)
        query = {"since": "2026-07-01", "on": "2026-09-01"}
        assert "Nothing recorded or corrected after that day changes them" in text_of(
            file_of(service, "/board-pack/kent", **query)
        )
        then = {"since": "2026-07-01", "on": "2026-08-31", "known_at": "2026-08-31T12:00:00Z"}
        before = file_of(service, "/board-pack/kent", **then)
        late = published(service, "kent-second-2022", issue("kent"))
        recorded(service, late)
        text = text_of(file_of(service, "/board-pack/kent", **query))
        assert "No. Something was recorded or corrected after that day." in text
        assert "On record 1 2 +1" in text
        assert file_of(service, "/board-pack/kent", **then) == before
        early = {**query, "known_at": "2026-06-15T00:00:00Z"}
        text = text_of(file_of(service, "/board-pack/kent", **early))
        assert "uses nothing that was recorded after the end of 1 July 2026" in text


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


LISTS = ("/v1/recommendations", "/v1/worklist", "/v1/progress", "/v1/reports")


def recorded(service: Service, done: httpx.Response | Published) -> None:
    """Wait until every list that a pack is read from knows what was recorded."""
    position = done.position if isinstance(done, Published) else done.json()["position"]
    for path in LISTS:
        answer = service.get(f"{path}?position={position}", INSPECTOR)
        assert answer.is_success, answer.text


def test_a_pack_says_that_nothing_was_on_record_at_the_last_meeting(service: Service) -> None:
    text = text_of(file_of(service, AMBLEFORD, since="2026-03-31", on="2026-06-30"))
    assert "No recommendation to this force was on record at the end of that day" in text


def test_a_pack_says_that_reports_were_recorded_later_where_no_recommendation_was(
    service: Service,
) -> None:
    text = text_of(file_of(service, "/board-pack/cambridgeshire", since="2026-01-31"))
    assert "Yes. Nothing recorded or corrected after that day changes them" not in text
    assert "The totals hold, but reports were recorded or corrected later." in text


@pytest.mark.parametrize("path", [NATIONAL, ESSEX, "/board-pack/bedfordshire"])
def test_a_pack_says_by_the_steps_on_record_that_nothing_is_late(
    service: Service, path: str
) -> None:
    text = text_of(file_of(service, path))
    assert "By the steps on record, nothing is certainly late." in text
    assert "Nothing on record says" not in text


def test_the_pack_of_all_forces_names_whose_recommendations_are_missing(service: Service) -> None:
    reports = service.get("/v1/progress").json()["coverage"]
    assert reports["forces"]["suffolk"]["stated"] == 10
    text = text_of(file_of(service, NATIONAL))
    assert (
        "Reports on 3 of these forces state recommendations that are not on record here: "
        "Cambridgeshire Constabulary (9), Hampshire and Isle of Wight Constabulary (6), "
        "Suffolk Constabulary (10)."
    ) in text


def test_a_pack_says_whose_days_late_are_those_of_each_force(service: Service) -> None:
    assert "Most days late by the force, at least" in text_of(file_of(service, TRAINING))


@pytest.mark.parametrize("path", [NATIONAL, TRAINING, AMBLEFORD, ESSEX])
def test_the_page_and_the_file_of_a_pack_say_the_same(service: Service, path: str) -> None:
    query = {"since": "2025-06-30", "on": "2026-06-30"}
    joined = "&" if "?" in path else "?"
    page = service.client.get(path + joined + urlencode(query), headers=HTML).text
    filters = r'<form.*?</form>|<p class="[^"]*tracker-filter.*?</p>'
    main = re.sub(filters, "", page, flags=re.DOTALL)
    said = [
        " ".join(re.sub(r"<[^>]+>", "", part).split())
        for part in re.findall(r"<(?:h2|td|p)[^>]*>(.*?)</(?:h2|td|p)>", main, re.DOTALL)
    ]
    text = text_of(file_of(service, path, **query)).replace(" ", "")
    start = said.index(next(part for part in said if part.startswith("As at the end of")))
    end = next(n for n, part in enumerate(said) if "It contains public sector" in part)
    lost = [part for part in said[start:end] if unescape(part).replace(" ", "") not in text]
    assert lost == []


@pytest.mark.parametrize("path", [NATIONAL, AMBLEFORD])
def test_a_file_is_tagged_as_the_standard_for_accessible_pdf_asks(
    service: Service, path: str
) -> None:
    file = file_of(service, path, since="2025-06-30", on="2026-06-30")
    root = pdf.reader(file).root_object
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.reader(file).metadata.title.startswith("Board pack: ")
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    kinds = [element["/S"] for element in elements(file)]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") > 4
    assert kinds.count("/Table") >= 2
    heads = [element for element in elements(file) if element["/S"] == "/TH"]
    assert len(heads) >= 4
    assert {pdf.scope_of(head) for head in heads} == {"/Column"}
    descriptors = [*pdf.fonts(file)]
    assert descriptors
    assert all({*font} & {"/FontFile", "/FontFile2", "/FontFile3"} for font in descriptors)


@pytest.mark.parametrize("path", [NATIONAL, TRAINING, AMBLEFORD])
def test_the_same_position_and_question_give_the_same_bytes(service: Service, path: str) -> None:
    query = {"since": "2025-06-30", "on": "2026-06-30"}
    file = file_of(service, path, **query)
    assert file_of(service, path, **query) == file
    assert {*pdf.reader(file).metadata} & {"/CreationDate", "/ModDate"} == set()
    assert b"CreateDate" not in file


@pytest.mark.parametrize("path", [NATIONAL, TRAINING, AMBLEFORD, ESSEX])
def test_no_pack_has_a_word_that_its_readers_do_not_know(service: Service, path: str) -> None:
    assert in_words(text_of(file_of(service, path))) == []


def test_training_is_said_to_be_fictional_and_is_in_no_pack_of_all_forces(
    service: Service,
) -> None:
    assert "Training: fictional." in text_of(file_of(service, TRAINING))
    assert "Training: fictional." in text_of(file_of(service, AMBLEFORD))
    national = text_of(file_of(service, NATIONAL, since="2025-06-30"))
    assert "Training" not in national
    assert "Ambleford" not in national


def test_a_pack_shows_the_public_no_more_than_anybody_may_read(service: Service) -> None:
    query = {"since": "2025-06-30", "on": "2026-06-30"}
    words = r"[Rr]ecord number [\d,]+"
    files = [file_of(service, AMBLEFORD, actor, **query) for actor in (INSPECTOR, None)]
    mine, anybodys = (re.sub(words, "", text_of(file)) for file in files)
    assert mine == anybodys


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2026-02-01", "on": "2026-01-01"}, "earlier date"),
        ({"on": "2999-01-01"}, "today or in the past"),
        ({"since": "soon"}, "earlier date"),
    ],
)
def test_days_that_no_pack_can_be_of_are_refused_in_words(
    service: Service, query: dict[str, str], words: str
) -> None:
    answer = service.get(f"{ESSEX}.pdf", params=query)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    page = service.client.get(ESSEX, params=query, headers=HTML)
    assert page.status_code == 400
    assert words in page.text


@pytest.mark.parametrize(
    ("path", "is_of_training"),
    [("/board-pack/kent", True), ("/board-pack/kent.pdf", True), (AMBLEFORD, False)],
)
def test_a_pack_of_one_force_says_if_it_is_asked_for_in_the_wrong_world(
    service: Service, path: str, *, is_of_training: bool
) -> None:
    answer = service.get(path, params={"training": str(is_of_training).lower()})
    assert answer.status_code == 400
    assert "training" in answer.text
    other = service.get(path, params={"training": str(not is_of_training).lower()})
    assert other.status_code == 200
    assert other.content == service.get(path).content or not path.endswith(".pdf")


def test_a_pack_of_no_force_is_not_found(service: Service) -> None:
    assert service.get("/board-pack/camelot").status_code == 404
    assert service.get("/board-pack/camelot.pdf").status_code == 404


def test_a_pack_is_refused_while_too_many_files_are_under_way(service: Service) -> None:
    for _ in range(16):
        sending.SLOTS.take("loopback")
    try:
        answer = service.get(f"{ESSEX}.pdf")
    finally:
        for _ in range(16):
            sending.SLOTS.release("loopback")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


# The longest packs


def test_a_pack_of_all_forces_with_the_longest_texts_has_two_sheets(
    service: Service,
) -> None:
    issues = [
        issue(*FORCES, ordinal=number, text=f"{number}. {LONG}", time_limit="months:1")
        for number in (1, 2)
    ]
    made = published(service, "kent-longest-2022", *issues, force="kent")
    for stream in made.recommendations[:11]:
        done = command(service, stream, INSPECTOR, "waive_action_plan", reason="Done.")
        assert done.status_code == 201, done.text
    done = command(service, made.recommendations[11], INSPECTOR, "waive_action_plan", reason="D.")
    recorded(service, done)
    for path in (NATIONAL, "/board-pack/kent", "/board-pack/metropolitan"):
        file = file_of(service, path, since="2021-06-30")
        assert len(pdf.reader(file).pages) <= SHEETS_MAX, path
        assert len(file) < PDF_BYTES_MAX
    text = text_of(file_of(service, NATIONAL, since="2021-06-30"))
    for force in FORCES.values():
        assert force.name in text


def test_texts_are_shown_as_they_are_and_never_read_as_the_language_of_the_printer() -> None:
    text = '#panic("no") *bold* $x$ \\ [a] "b" <c> ŵŷ'
    paper = Paper(
        title=text, language="en-GB", author="A", opening=(line(text),),
        sections=(Section(text, grid=Grid(text, (text,), ((line(Span(text, "/there")),),), (1,))),),
        foot=text, sheet="{n} of {total}",
    )  # fmt: skip
    file = write_pdf(paper, service="https://tracker.example")
    shown_text = text_of(file)
    assert shown_text.count("*bold* $x$ \\ [a]") == 7
    assert "ŵŷ" in shown_text
    assert pdf.links(file) == ["https://tracker.example/there"]


def test_a_character_that_no_font_has_is_shown_as_a_box_and_ends_no_paper() -> None:
    opening = (line("Look: \N{THUMBS UP SIGN} \uf0b7 \u4e2d, and Welsh \u0175."),)
    paper = Paper(
        title="A paper", language="en-GB", author="Us", opening=opening, sections=(),
        foot="Foot", sheet="{n} of {total}",
    )  # fmt: skip
    text = text_of(write_pdf(paper, service="https://tracker.example"))
    assert "Look: \u25a1 \u25a1 \u25a1, and Welsh \u0175." in text
