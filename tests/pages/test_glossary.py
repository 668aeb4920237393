"""Pages speak as their readers do: the words of the program and of auditors are on none of them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

import html5lib
import httpx
import pytest
from babel.messages.pofile import read_po

from adapters.postgres.database import Database
from api.http.problem_types import PROBLEM_TYPES
from api.pages.rendering.problem import TEXTS, TITLES
from deploy import strings
from domain.vocabulary.actors import Actor
from tests.pages.test_head import OF_PROGRAMS
from tests.pages.test_pages import HTML, Outline
from tests.support.data.examples import ESSEX, INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send
from tests.support.served.serving import ESSEX_BODY, Published, Service, command

BANNED = re.compile(
    r"\b(stale|staleness|ledgers?|entry|entries|positions?|slips?|slipp\w+|restate\w*"
    r"|stands? elsewhere)\b",
    re.IGNORECASE,
)
"""Words of the program and of auditors, with their plurals and what is made of them."""
OF_AUDITORS = {"api/pages/templates/public/about/verify.html"}
"""The page for those who check the record with programs; it explains its words itself."""
UNSEEN = {"style", "script", "code", "pre"}
TOLD = ("alt", "aria-label", "title", "placeholder")
XHTML = "{http://www.w3.org/1999/xhtml}"


def in_words(text: str) -> list[str]:
    return [
        match[0]
        for match in BANNED.finditer(re.sub(r"<code>.*?</code>|<[^>]+>|%\(\w+\)s", " ", text))
    ]


# Every string, whether or not a test comes to its page


def test_no_string_of_a_page_has_a_word_that_its_readers_do_not_know() -> None:
    with strings.TEMPLATE.open("rb") as opened:
        messages = list(read_po(opened))
    assert len(messages) > 1_000
    wrong = [
        (message.id, files)
        for message in messages
        if (files := {file for file, _ in message.locations} - OF_AUDITORS - OF_PROBLEMS)
        and any(in_words(text) for text in _forms(message.id))
    ]
    assert wrong == []


OF_PROBLEMS = {"api/http/problem_types.py"}
"""The words for programs, of which pages show those that the next test reads."""


def _forms(text: str | tuple[str, ...] | list[str]) -> Iterable[str]:
    return [text] if isinstance(text, str) else text


def test_no_problem_on_a_page_has_such_a_word() -> None:
    shown = {
        slug: (TITLES[slug], TEXTS.get(slug, kind.meaning))
        for slug, kind in PROBLEM_TYPES.items()
        if slug not in OF_PROGRAMS
    }
    assert {slug: words for slug, words in shown.items() if in_words(" ".join(words))} == {}


def test_the_page_for_auditors_explains_the_words_that_it_uses(service: Service) -> None:
    verify = service.client.get("/about/verify", headers=HTML).text
    meanings = " ".join(re.findall(r"<dt[^>]*>(.*?)</dt>", verify)).lower()
    used = {word.lower() for word in in_words(verify)}
    singular = {re.sub(r"ies$", "y", word).rstrip("s") for word in used}
    assert singular == {word for word in singular if word in meanings}
    assert singular >= {"ledger", "entry", "position"}


# Pages as they are sent


def text_of(answer: httpx.Response) -> str:
    """Return what a page says to who sees it and to who hears it, but for addresses and code."""
    parser: Any = html5lib.HTMLParser()
    root = parser.parse(answer.content, transport_encoding="utf-8")

    def gather(node: Any) -> Iterator[str]:  # noqa: ANN401  the library's
        if not isinstance(node.tag, str) or node.tag.removeprefix(XHTML) in UNSEEN:
            return
        if "tracker-paper" in node.attrib.get("class", ""):  # the address of the page
            return
        yield from (node.attrib[name] for name in TOLD if name in node.attrib)
        yield node.text or ""
        for child in node:
            yield from gather(child)
            yield child.tail or ""

    return " ".join(gather(root))


def shape(path: str) -> tuple[str, bool]:
    """Return an address without its ids and values, and whether it has a query."""
    parts = urlsplit(path)
    kind = re.sub(r"[0-9a-f-]{36}|/\d+|(?<=/forces/)[^/]+|(?<=/areas/)[^/]+", "*", parts.path)
    return kind, bool(parts.query)


def walk(browser: Browser, starts: list[str]) -> dict[str, list[str]]:
    """Read some pages, and one of every kind that links lead to; return the words by address."""
    todo, kinds, found = [*starts], set[tuple[str, bool]](), dict[str, list[str]]()
    read = set[str]()
    while todo:
        path = todo.pop(0)
        if path in read or (path not in starts and shape(path) in kinds):
            continue
        read.add(path)
        kinds.add(shape(path))
        answer = browser.get(path, **HTML)
        assert answer.status_code in {200, 303, 400, 401, 403, 404, 409}, (path, answer.text)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        if urlsplit(path).path != "/about/verify":
            found[path] = in_words(text_of(answer))
        links = (urldefrag(link)[0] for link in Outline(answer.text).links)
        todo += [
            link
            for link in dict.fromkeys(links)
            if link.startswith("/") and not link.startswith(("/v1/", "/static/"))
        ]
    return found


STARTS = [
    "/", "/sign-in", "/nothing", "/forces/atlantis", "/recommendations?q=zebra", "/search?q=zebra",
    "/recommendations?on=soon", "/forces/essex?on=soon", "/forces/kent", "/work", "/work?work=x",
    "/compare?since=2026-02-01&on=2026-01-01", "/restatement?on=2026-01-01", "/training",
    "/recommendations/{}", "/recommendations/{other}", "/recommendations/{}?on=2026-11-01",
    "/recommendations/{}/history", "/recommendations/{}/record/close", "/reports/{report}/history",
]  # fmt: skip
"""Pages and their states: empty, refused, not there, not to be seen."""
WHOLE = 25
"""The fewest pages that each person comes to."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "actor", [None, ESSEX, ESSEX_BODY, INSPECTOR], ids=["public", "force", "body", "inspector"]
)
def test_no_page_and_no_state_of_it_shows_such_a_word(
    service: Service, make_database: Database, lived: Published, actor: Actor | None
) -> None:
    browser = Browser(service)
    if actor is not None:
        browser.sign_in(make_database, actor)
    first, other = lived.recommendations
    starts = [path.format(first, other=other, report=lived.id) for path in STARTS]
    found = walk(browser, starts)
    assert {path: words for path, words in found.items() if words} == {}
    assert len(found) > WHOLE


@pytest.mark.slow
def test_no_check_result_or_collision_shows_such_a_word(
    service: Service, make_database: Database, lived: Published
) -> None:
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    path = f"/recommendations/{lived.recommendations[1]}"
    blank = posted(inspector.get(f"{path}/record/comment"))
    wrong = send(inspector, blank, "check")
    check = send(inspector, posted(wrong), "check", {"comment": "It was sent."})
    done = send(inspector, posted(check), "record")
    assert done.status_code == 303
    answer = command(service, lived.recommendations[1], INSPECTOR, "comment", comment="Noted.")
    assert answer.status_code == 201
    overtaken = send(inspector, posted(check), "record", {"key": "another-key"})
    refused = inspector.get(f"{path}/record/confirm_decision", **HTML)
    assert refused.status_code == 409
    pages = [wrong, check, inspector.get(done.headers["Location"]), overtaken, refused]
    assert [in_words(text_of(page)) for page in pages] == [[]] * len(pages)


def test_the_check_of_words_catches_each_of_them_in_every_form() -> None:
    wrong = "Stale, staleness; a ledger, Ledgers; an entry, entries; position, positions; slippage "
    wrong += "slipped, slip; restatement, restated; it stands elsewhere"
    assert len(in_words(wrong)) == 14
    assert in_words("a stalemate, <code>ledger</code>, the composition, an entrance") == []
