"""Translation of the pages: every string comes from the catalogue or the record."""

import re
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from babel.dates import format_date as day_as
from babel.messages.pofile import read_po

from adapters.corpus.gazetteer.place import places_named
from adapters.corpus.gazetteer.tables import force_names, policing_bodies
from adapters.postgres.database import Database
from api.app import build
from api.downloads.dataset.files import public_lists
from api.pages.public.about.sql import MADE
from api.pages.rendering import formatting, language
from deploy import strings
from domain.recommendation.deadlines import RULES
from domain.vocabulary.actors import Actor
from domain.vocabulary.forces import ADDRESSEES
from tests.pages.test_pages import HTML
from tests.support.data.examples import ESSEX, INSPECTOR, KENT
from tests.support.data.inspections import CANARY, Inspecting
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send
from tests.support.served.serving import Published, Served, Service, settings

OPEN, SHUT = "⟦", "⟧"
XHTML = "{http://www.w3.org/1999/xhtml}"
UNSEEN = {"style", "script", "code", "pre"}
TOLD = ("alt", "aria-label", "title", "placeholder")
FORM = re.compile(r'href="(/re(?:commendations|ports)/[^"/]+/record/[^"]+)"')
PUT_IN = re.compile(r"(%\(\w+\)s|%%|<[^>]+>|&\w+;)")
"""What in a string is not of its language: the names of values, and HTML."""
MONTHS = "|".join(day_as(date(2026, month, 1), "MMMM", "cy") for month in range(1, 13))
DATA = re.compile(
    r"[\W\d_]*|[a-z0-9]+(-[a-z0-9]+)+|[0-9a-f-]{12,}|\S*/\S*|[a-z0-9-]+(\.[a-z0-9-]+)+"
    rf"|(\d+ )?({MONTHS}) \d{{4}}|\d+:\d\d[ap]m"
)
"""Numbers, references, addresses, names of sites, dates and times."""


@pytest.mark.slow
def test_every_string_is_in_the_catalogue_template() -> None:
    """Else: python -m deploy.strings."""
    assert strings.template() == strings.TEMPLATE.read_bytes()
    assert strings.main(["--check"]) == 0


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a catalogue that sets every string in marks, as if it were Welsh."""
    folder = tmp_path_factory.mktemp("locale")
    lines = ['msgid ""', 'msgstr "Content-Type: text/plain; charset=utf-8\\n"', ""]
    with strings.TEMPLATE.open("rb") as opened:
        template = read_po(opened)

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    for message in template:
        if not message.id:
            continue
        if isinstance(message.id, str):
            lines += [f"msgid {quoted(message.id)}", f"msgstr {quoted(marked(message.id))}"]
        else:
            one, many = message.id
            lines += [f"msgid {quoted(one)}", f"msgid_plural {quoted(many)}"]
            lines += [f"msgstr[{n}] {quoted(marked(many))}" for n in range(6)]
        lines.append("")
    (folder / "cy.po").write_text("\n".join(lines), encoding="utf-8")
    return folder


def marked(text: str) -> str:
    """A string with each piece of it in marks, so that what is put in shows whether it has them."""
    pieces = PUT_IN.split(text)
    return "".join(
        one if PUT_IN.fullmatch(one) or not one else f"{OPEN}{one}{SHUT}" for one in pieces
    )


@pytest.fixture
def welsh(catalogues: Path) -> Generator[None]:
    language.speak("cy", catalogues)
    yield
    language.speak()


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.mark.usefixtures("welsh")
def test_dates_and_numbers_follow_the_language() -> None:
    assert formatting.day("2026-03-05") == formatting.day(date(2026, 3, 5)) == "5 Mawrth 2026"
    assert formatting.day("2026-03") == "Mawrth 2026"
    assert formatting.day("2026") == "2026"
    assert "2 Gorffennaf 2026" in formatting.moment(datetime(2026, 7, 1, 23, 5, tzinfo=UTC))
    assert language.code() == "cy"
    assert formatting.documents(1_234) == f"1,234{OPEN} documents{SHUT}"


def test_the_language_without_a_catalogue_is_english(catalogues: Path, database: Database) -> None:
    assert (language.code(), formatting.day("2026-03-05")) == ("en-GB", "5 March 2026")
    assert formatting.moment(datetime(2026, 7, 1, 8, 30, tzinfo=UTC)) == "1 July 2026 at 9:30am"
    assert [formatting.median(days) for days in (None, 1.0, 1.5, 1_200.0)] == [
        "not known",
        "1 day",
        "1.5 days",
        "1,200 days",
    ]
    with pytest.raises(ValueError, match="no catalogue of fr; there are: cy, en_GB"):
        language.speak("fr", catalogues)
    with pytest.raises(ValueError, match="there is no catalogue of cy; there are: en_GB"):
        build(database, settings(TRACKER_LANGUAGE="cy"), keep=False)


def shown(page: bytes) -> list[str]:
    """What a page says outside the marks of its catalogue."""
    parser: Any = html5lib.HTMLParser()
    root = parser.parse(page, transport_encoding="utf-8")
    found: list[str] = []

    def gather(one: Any) -> None:  # noqa: ANN401  the library's
        if not isinstance(one.tag, str) or one.tag.removeprefix(XHTML) in UNSEEN:
            return
        found.extend(one.attrib[name] for name in TOLD if name in one.attrib)
        found.append(one.text or "")
        for child in one:
            gather(child)
            found.append(child.tail or "")

    gather(root)
    outside = re.sub(f"{OPEN}[^{OPEN}{SHUT}]*{SHUT}", "\n", "\n".join(found))
    return [line.strip() for line in outside.split("\n") if line.strip()]


@pytest.fixture(scope="module")
def data(service: Service, lived: Published) -> frozenset[str]:
    """What a reader looks for, and what the record and the rules say: all shown as it is."""
    assert lived.id
    known: set[str] = {"zebra", "essex", "mayor", *(force.name for force in ADDRESSEES.values())}
    known |= {"Telford zebras", "Telford", "zebras", "Kent zebras", "CSE", "Yorkshire", "Ambleford"}
    known |= {"child sexual exploitation", "board pack", "children", "children zebra"}
    known |= {"children zebra essex"}
    known |= {str(force.local_policing_body) for force in ADDRESSEES.values()}
    for source in public_lists().values():  # in English in every language, and marked so
        known |= {source.table.title, source.table.description}
    known |= {name.name for name in force_names()} | {body.name for body in policing_bodies()}
    known |= {
        text for place in places_named("Newport") for text in (place.name, place.district or "")
    }
    known |= {urlsplit(name.source or "").netloc.removeprefix("www.") for name in force_names()}
    every = [
        item
        for query in ("limit=500", "limit=500&training=true")
        for item in service.get(f"/v1/recommendations?{query}").json()["items"]
    ]
    for item in every:
        shown = service.get(f"/v1/recommendations/{item['id']}").json()
        known |= {shown["text"], *shown["sources"], *(f["passage"] for f in shown["findings"])}
        known |= {f["source"] for f in shown["findings"]}
        known.add(formatting.headline(shown["text"]))
        for clock in shown["clocks"]:
            known |= {clock["rule"], *clock["notes"]}
        history: Any = service.get(f"/v1/recommendations/{item['id']}/history", INSPECTOR).json()
        for one in history["items"]:
            notes: dict[str, str | None] = one.get("notes") or {}
            known |= {text for text in notes.values() if text is not None}  # not removed
    both = ("limit=500", "limit=500&training=true")
    reports = [r for query in both for r in service.get(f"/v1/reports?{query}").json()["items"]]
    for item in reports:
        shown = service.get(f"/v1/reports/{item['id']}").json()
        known |= {shown["title"], shown["address"], *shown["sources"], *shown["flags"]}
        known.add(str(shown["publisher"]))
    said = [s for query in both for s in service.get(f"/v1/statements?{query}").json()["items"]]
    for item in said:
        known |= {item["said"]["text"], item["said"]["source"]}
    known |= {text for rule in RULES.values() for text in (rule.words, rule.source)}
    for view in MADE.values():
        known |= {view.name, view.comment, *(column.comment for column in view.columns)}
    return frozenset(map(plain, known))


def plain(text: str) -> str:
    """A text in one line, without the signs around it."""
    return " ".join(text.split()).strip(" ,.:;()\N{EN DASH}")


def unmarked(page: bytes, data: frozenset[str]) -> list[str]:
    """What a page says that is neither of the catalogue nor of the record."""
    long = sorted((text for text in data if len(text) > 8), key=len, reverse=True)
    names = re.compile("|".join(map(re.escape, long)))
    lines = [one for line in shown(page) for one in names.sub("\n", line).split("\n")]
    return [line for line in map(plain, lines) if not _of_record(line, data)]


def _of_record(line: str, data: frozenset[str]) -> bool:
    beginning = line.partition(" (")[0]  # a title stands before its reference
    cut = beginning.rstrip(" …")
    begun = beginning.endswith("…") and any(text.startswith(cut) for text in data)
    parts = map(plain, re.split(r"[,()]|: ", line))
    return begun or all(one in data or DATA.fullmatch(one) for one in parts)


PUBLIC = [
    "/", "/recommendations", "/recommendations?q=zebra", "/recommendations?on-day=31&on-month=2",
    "/recommendations/{}", "/recommendations/{}?on=2023-03-31", "/reports", "/reports?q=zebra",
    "/reports/{report}", "/forces", "/forces/essex", "/forces/cumbria", "/progress",
    "/progress?on=2023-03-31", "/slippage", "/slippage?force=essex",
    "/measures", "/claims", "/late", "/late?since=2023-03-31", "/areas",
    "/areas/investigation", "/compare?since=2018-06-30&on=2023-03-31",
    "/restatement?on=2023-03-31", "/search", "/search?q=essex", "/search?q=zebra", "/about",
    "/about/methodology", "/about/verify", "/about/accessibility", "/contact", "/sign-in",
    "/data/sql", "/data/sql/recommendation_v1", "/data/sql/progress_v1", "/data/sql/work_v1",
    "/sign-in/link", "/nothing", "/work", "/alerts",
    "/messages/unsubscribe/00000000-0000-4000-8000-000000000000",
    "/recommendations?q=zebra&force=essex&area=leadership&stage=closed&open=true&on=2023-03-31",
    "/recommendations?kind=recommendation&overdue=false&claimed=false&reason=verified",
    "/recommendations?due_before=2023-03-31", "/training", "/recommendations?training=true",
    "/forces/training-corvenham", "/search?q=zebra&training=true",
    "/recommendations?due_before=2023-03-31", "/recommendations?finding=met&limited=true",
    "/search?q=Telford+zebras", "/search?q=Kent+zebras", "/search?q=CSE", "/search?q=Yorkshire",
    "/search?q=board+pack", "/search?q=Ambleford", "/search?q=children+zebra+essex",
    "/search?q=Newport", "/search?q=mayor", "/forces?q=zebra",
    "/data", "/board-pack", "/board-pack/essex?since=2018-06-30",
    "/forces/kent", "/forces/gwent", "/statements", "/statements?force=essex&area=investigation",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize("path", PUBLIC)
def test_every_string_of_a_public_page_is_translated(
    service: Service, lived: Published, data: frozenset[str], path: str
) -> None:
    address = path.format(lived.recommendations[0], report=lived.id)
    page = service.client.get(address, headers=HTML)
    assert b'<html lang="cy"' in page.content
    assert OPEN in page.text
    assert not unmarked(page.content, data)


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    actors = (INSPECTOR, ESSEX, KENT)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in actors}


@pytest.mark.slow
@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize(
    ("actor", "path"),
    [
        (INSPECTOR, "/work"),
        (INSPECTOR, "/work/addresses"),
        (INSPECTOR, "/recommendations/{}"),
        (INSPECTOR, "/recommendations/{}/history"),
        (INSPECTOR, "/recommendations/{}/correct"),
        (INSPECTOR, "/reports/{report}"),
        (INSPECTOR, "/reports/{report}/history"),
        (INSPECTOR, "/reports/{report}/correct"),
        (INSPECTOR, "/reports/{report}/work"),
        (INSPECTOR, "/record/report"),
        (INSPECTOR, "/record/reviews"),
        (INSPECTOR, "/record/plan?force=essex"),
        (ESSEX, "/work"),
    ],
)
def test_every_string_of_a_signed_in_page_and_its_forms_is_translated(
    signed_in: dict[Actor, Browser], lived: Published, data: frozenset[str], actor: Actor, path: str
) -> None:
    page = signed_in[actor].get(path.format(lived.recommendations[1], report=lived.id))
    assert OPEN in page.text
    assert not unmarked(page.content, data)
    for form in dict.fromkeys(FORM.findall(page.text)):
        asked = signed_in[actor].get(form)
        assert asked.status_code == 200, form
        assert not unmarked(asked.content, data), form


@pytest.mark.slow
@pytest.mark.usefixtures("welsh")
def test_every_string_of_the_pages_of_an_inspection_is_translated(
    signed_in: dict[Actor, Browser], service: Service, data: frozenset[str]
) -> None:
    inspector, kent = signed_in[INSPECTOR], Inspecting(service, "kent-language-2026")
    kent.sent("Train all.", "Review it.")
    comment, path = kent.comment("r1", "Half are."), f"/inspections/{kent.id}"
    saved = kent.get("/draft").json()["draft"]
    known = {kent.reference, saved["title"], saved["reference"], "Train all.", "Review it."}
    known |= {"Train some.", "Half are.", "We looked again.", f"{CANARY} first."}
    forms = ("send_to_check", "embargo_report", "defer_publication", "drop_inspection")
    pages = [inspector.get(f"{path}{tail}") for tail in ("", "/draft", "/text")]
    pages += [inspector.get(address) for address in ("/inspections", "/inspections/new")]
    pages += [inspector.get(f"{path}/record/{tag}") for tag in forms]
    pages.append(inspector.get(f"{path}/record/answer_comment?comment={comment}"))
    wrong = send(inspector, posted(pages[7]), "check")
    pages += [wrong, send(inspector, posted(wrong), "check", {"reason": "123"})]
    kent.answer(comment, "accepted")
    saved["recommendations"][0]["text"] = "Train some."
    kent.save(saved)
    kent.agreed()
    pages += [inspector.get(f"{path}{tail}") for tail in ("", "/text", "/changes")]
    kent.done("defer_publication", reason="An election.")
    known |= {"An election.", "Review all."}
    pages += [inspector.get(f"{path}{tail}") for tail in ("", "/text")]
    kent.done("resume_inspection")
    saved["recommendations"][1]["text"] = "Review all."
    kent.save(saved)
    kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(3))
    force = signed_in[KENT]
    pages += [force.get(f"{path}{tail}") for tail in ("", "/text", "/record/finish_check")]
    kent.done("finish_check", KENT, check=kent.get().json()["checks"][-1]["step"])
    pages += [inspector.get(f"{path}{tail}") for tail in ("", "/text", "/changes")]
    for page in pages:
        assert OPEN in page.text
        assert not unmarked(page.content, data | known), page.url


@pytest.mark.slow
@pytest.mark.usefixtures("welsh")
def test_every_string_of_errors_checks_and_confirmations_is_translated(
    signed_in: dict[Actor, Browser], lived: Published, data: frozenset[str]
) -> None:
    inspector, path = signed_in[INSPECTOR], f"/recommendations/{lived.recommendations[0]}"
    wrong = send(inspector, posted(inspector.get(f"{path}/record/comment")), "check")
    assert wrong.status_code == 400
    check = send(inspector, posted(wrong), "check", {"comment": "123"})
    done = inspector.get(send(inspector, posted(check), "record").headers["Location"])
    assert done.status_code == 200
    for page in (wrong, check, done):
        assert not unmarked(page.content, data)


@pytest.mark.slow
def test_the_language_check_catches_an_unmarked_string(data: frozenset[str]) -> None:
    page = f"<html><body><p>{OPEN}All{SHUT}</p><p>Not marked at all</p><img alt='Nor this'></body>"
    assert unmarked(page.encode(), data) == ["Not marked at all", "Nor this"]
    put_in = marked("Sources: %(one)s of %(day)s.") % {"one": "A title", "day": "5 Mawrth 2026"}
    assert unmarked(f"<p>{put_in}</p>".encode(), data) == ["A title"]
