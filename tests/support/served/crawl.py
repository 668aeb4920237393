"""A walk over the pages of the service by their links, as somebody or as the public."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urlsplit

import httpx

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NO_PAGES = ("/v1/", "/static/", "/feeds/", "/charts/", "/metrics")


def kind_of(path: str, *, closely: bool = False) -> str:
    """Return what a page is, whatever it is about; a query makes another kind of it.

    With `closely`, the names of a query's parameters make a kind each, as do the fields of forms.
    """
    parts = urlsplit(path)
    route = re.sub(UUID, "{id}", parts.path)
    route = re.sub(r"^/(forces|areas)/.+", r"/\1/{code}", route)
    route = re.sub(r"/\d+(?=/|$)", "/{step}", route)
    if not closely:
        route = re.sub(r"(/record/\w+/\{step\})/.+", r"\1/{field}", route)
    names = sorted({name for name, _value in parse_qsl(parts.query)}) if closely else ()
    return f"{route}?{'&'.join(names)}" if parts.query else route


def crawl(
    get: Callable[[str], httpx.Response],
    starts: Iterable[str],
    most: Callable[[str], int],
    *,
    closely: bool = False,
) -> dict[str, list[str]]:
    """Follow the links of pages; return the addresses of each kind, the longest page first.

    `most` returns the number of pages of a kind that are read.
    """
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    todo = deque(starts)
    seen = set(todo)
    while todo:
        path = todo.popleft()
        kind = kind_of(path, closely=closely)
        if len(sizes[kind]) >= most(kind):
            continue
        answer = get(path)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        sizes[kind][path] = len(answer.text)
        for link in re.findall(r'href="(/[^"]*)"', answer.text):
            address = urldefrag(unescape(link))[0]
            if address not in seen and not address.startswith(NO_PAGES):
                seen.add(address)
                todo.append(address)
    return {
        kind: sorted(pages, key=lambda page: -pages[page]) for kind, pages in sizes.items() if pages
    }
