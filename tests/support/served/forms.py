"""Forms of a page, filled in and sent as a browser would."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import html5lib
import httpx
from msgspec import Struct

from tests.support.served.browser import Browser

XHTML = "{http://www.w3.org/1999/xhtml}"


class Form(Struct):
    """A form in the main part of a page, with its values."""

    action: str
    fields: dict[str, str]
    buttons: list[str]


def forms(answer: httpx.Response) -> list[Form]:
    """Return the forms in the main part of a page."""
    return [_form(node, answer) for node in main_of(answer).iter(f"{XHTML}form")]


def posted(answer: httpx.Response, path: str = "") -> Form:
    """Return the only form of a page that records something, on an address that ends so."""
    recording = [
        form for form in forms(answer) if "_csrf" in form.fields and form.action.endswith(path)
    ]
    assert len(recording) == 1, answer.text
    return recording[0]


def send(
    browser: Browser, form: Form, then: str, typed: Mapping[str, str] | None = None
) -> httpx.Response:
    """Fill in a form, and press one of its buttons."""
    assert then in form.buttons, form.buttons
    unknown = set(typed or {}) - form.fields.keys()
    assert not unknown, f"the form has no {unknown}"
    return browser.post(form.action, {**form.fields, **(typed or {}), "then": then})


def words_of(answer: httpx.Response) -> str:
    """Return the text of the main part of a page, as one line."""
    return " ".join("".join(main_of(answer).itertext()).split())


def main_of(answer: httpx.Response) -> Any:  # noqa: ANN401  the library's
    """Return the main part of a page."""
    parser: Any = html5lib.HTMLParser()
    main = parser.parse(answer.content, transport_encoding="utf-8").find(f".//{XHTML}main")
    assert main is not None, answer.text
    return main


def _form(node: Any, answer: httpx.Response) -> Form:  # noqa: ANN401  the library's
    fields: dict[str, str] = {}
    buttons: list[str] = []
    for part in node.iter():
        name, kind = part.get("name"), part.get("type", "text")
        if part.tag == f"{XHTML}button":
            buttons.append(part.get("value", ""))
        elif part.tag == f"{XHTML}textarea":
            fields[name] = "".join(part.itertext()).removeprefix("\n")
        elif part.tag == f"{XHTML}select":
            chosen = [o for o in part.iter(f"{XHTML}option") if o.get("selected") is not None]
            fields[name] = chosen[0].get("value", "") if chosen else ""
        elif part.tag == f"{XHTML}input" and kind in {"radio", "checkbox"}:
            fields.setdefault(name, "")
            if part.get("checked") is not None:
                fields[name] = part.get("value", "on")
        elif part.tag == f"{XHTML}input" and kind != "file":
            fields[name] = part.get("value", "")
    return Form(urlsplit(node.get("action") or str(answer.url)).path, fields, buttons)
