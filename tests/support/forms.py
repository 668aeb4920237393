"""The forms of a page, as a browser would send them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import html5lib
import httpx
from msgspec import Struct

from tests.support.browser import Browser

XHTML = "{http://www.w3.org/1999/xhtml}"


class Form(Struct):
    """A form of a page's main part, with what stands in it."""

    action: str
    fields: dict[str, str]
    buttons: list[str]


def forms(answer: httpx.Response) -> list[Form]:
    """The forms in the main part of a page."""
    return [_form(one, answer) for one in _main(answer).iter(f"{XHTML}form")]


def posted(answer: httpx.Response) -> Form:
    """The one form of a page that records something."""
    found = [one for one in forms(answer) if "_csrf" in one.fields]
    assert len(found) == 1, answer.text
    return found[0]


def send(
    browser: Browser, form: Form, then: str, typed: Mapping[str, str] | None = None
) -> httpx.Response:
    """Fill a form in, and press one of its buttons."""
    assert then in form.buttons, form.buttons
    unknown = set(typed or {}) - form.fields.keys()
    assert not unknown, f"the form has no {unknown}"
    return browser.post(form.action, {**form.fields, **(typed or {}), "then": then})


def words_of(answer: httpx.Response) -> str:
    """What a page says in its main part, as one line."""
    return " ".join("".join(_main(answer).itertext()).split())


def _main(answer: httpx.Response) -> Any:  # noqa: ANN401  the library's
    parser: Any = html5lib.HTMLParser()
    found = parser.parse(answer.content, transport_encoding="utf-8").find(f".//{XHTML}main")
    assert found is not None, answer.text
    return found


def _form(node: Any, answer: httpx.Response) -> Form:  # noqa: ANN401  the library's
    fields: dict[str, str] = {}
    buttons: list[str] = []
    for one in node.iter():
        name, kind = one.get("name"), one.get("type", "text")
        if one.tag == f"{XHTML}button":
            buttons.append(one.get("value", ""))
        elif one.tag == f"{XHTML}textarea":
            fields[name] = "".join(one.itertext()).removeprefix("\n")
        elif one.tag == f"{XHTML}select":
            chosen = [o for o in one.iter(f"{XHTML}option") if o.get("selected") is not None]
            fields[name] = chosen[0].get("value", "") if chosen else ""
        elif one.tag == f"{XHTML}input" and kind in {"radio", "checkbox"}:
            fields.setdefault(name, "")
            if one.get("checked") is not None:
                fields[name] = one.get("value", "on")
        elif one.tag == f"{XHTML}input" and kind != "file":
            fields[name] = one.get("value", "")
    return Form(urlsplit(node.get("action") or str(answer.url)).path, fields, buttons)
