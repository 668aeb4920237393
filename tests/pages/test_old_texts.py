"""Pages and feeds of texts that were recorded before they had to be visible and safe."""

import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from adapters.postgres.database import Database
from api.pages.rendering import formatting
from domain.commands.command import Command
from tests.support.data.examples import INSPECTOR, issue, publish
from tests.support.served.browser import Browser
from tests.support.served.serving import Published, Service

ATOM = "{http://www.w3.org/2005/Atom}"
WORD = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 5
UNSEEN = re.compile("[\x80-\x9f\u200b\u2028\u202a-\u202e\u2066-\u2069]")


def _as_it_is(command: Command) -> Command:
    return command


@pytest.fixture(scope="module")
def old(service: Service) -> Published:
    """A report as it could be recorded in the past."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.ledger.submit.tidied", _as_it_is)
        report = publish(
            issue(text="\u200b\u2028\u2800"),
            issue(text="Met.\x9b\u202eteM\u2028Now.", ordinal=2),
            issue(text=f"{WORD} is to be met.", ordinal=3),
            reference="kent-old-2022",
        )
        body = {**msgspec.to_builtins(report), "title": "\u200b\u00a0"}
        answer = service.post("/v1/reports", body)
    assert answer.status_code == 201, answer.text
    return msgspec.convert(answer.json(), Published)


def test_pages_show_no_control_and_no_empty_link_or_heading(
    service: Service, make_database: Database, old: Published
) -> None:
    assert service.get(f"/v1/reports?position={old.position}").status_code == 200
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    paths = [f"/recommendations/{stream}" for stream in old.recommendations]
    paths += [f"{path}/history" for path in paths]
    for path in (f"/reports/{old.id}", "/reports", "/recommendations", "/work", *paths):
        answer = inspector.get(path)
        assert answer.status_code == 200, path
        assert not UNSEEN.search(answer.text), path
        for tag in ("a", "h1", "h2", "h3", "title"):
            for inside in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", answer.text, re.DOTALL):
                text = re.sub(r"<[^>]*>", "", inside)
                assert re.search(r"[^\s\u00a0]", text), (path, tag, inside)


def test_a_feed_titles_every_entry(service: Service, old: Published) -> None:
    assert service.get(f"/v1/recommendations?position={old.position}").status_code == 200
    titles = list[str]()
    for name in ("recommendations", "reports"):
        feed = ET.fromstring(service.get(f"/feeds/{name}.atom").content)  # noqa: S314  our own
        titles += [entry.findtext(f"{ATOM}title") or "" for entry in feed.iter(f"{ATOM}entry")]
    assert len(titles) == len(old.recommendations) + 1
    for title in titles:
        assert title.strip(" …"), titles
        assert len(title) <= 120
        assert not UNSEEN.search(title)
    assert f"Issued in the inspection report. {WORD}"[:119] + "…" in titles, titles


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (WORD, f"{WORD[:89]}…"),
        (f"  {WORD} is to be met.", f"{WORD[:89]}…"),
        ("…", "…"),
        ("All officers are trained.", "All officers are trained."),
        ("All officers are trained. " * 9, "All officers are trained. " * 3 + "All …"),
    ],
)
def test_a_title_is_the_beginning_of_a_text(text: str, title: str) -> None:
    assert formatting.title(text) == title.strip()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Six  weeks\nto answer", "Six weeks to answer"),
        ("Six weeks to answers", "Six weeks to …"),
        ("Six weeks to plan and act", "Six weeks to plan …"),
        ("Safeguarding-arrangements", "Safeguarding-arran…"),
    ],
)
def test_a_shortened_text_ends_between_words_if_it_can(text: str, shown: str) -> None:
    assert formatting.shortened(text, 19) == shown
    assert len(shown) <= 19
