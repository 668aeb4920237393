"""A walk over the pages of the service by their links, as somebody or as the public."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from html import unescape
from urllib.parse import urldefrag, urlsplit

import httpx

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NO_PAGES = ("/v1/", "/static/", "/feeds/", "/charts/", "/metrics")


def kind_of(path: str) -> str:
    """Return what a page is, whatever it is about; a query makes another kind of it."""
    parts = urlsplit(path)
    route = re.sub(UUID, "{id}", parts.path)
    route = re.sub(r"^/(forces|areas)/.+", r"/\1/{code}", route)
    route = re.sub(r"/\d+(?=/|$)", "/{step}", route)
    route = re.sub(r"(/record/\w+/\{step\})/.+", r"\1/{field}", route)
    return f"{route}?" if parts.query else route


def crawl(
    get: Callable[[str], httpx.Response], starts: Iterable[str], most: int
) -> dict[str, list[str]]:
    """Follow the links of pages; return the addresses of each kind, the longest page first.

    `most` is the number of pages of one kind that are read.
    """
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    todo, seen = list(starts), set[str]()
    while todo:
        path = todo.pop(0)
        kind = kind_of(path)
        if path in seen or len(sizes[kind]) == most:
            continue
        seen.add(path)
        answer = get(path)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        sizes[kind][path] = len(answer.text)
        for link in re.findall(r'href="(/[^"]*)"', answer.text):
            address = urldefrag(unescape(link))[0]
            if not address.startswith(NO_PAGES):
                todo.append(address)
    return {
        kind: sorted(pages, key=lambda page: -pages[page]) for kind, pages in sizes.items() if pages
    }
