"""A page as Chromium prints it on A4, and the text that can be read there."""

import re
from base64 import b64decode
from bisect import bisect
from collections import Counter
from io import BytesIO
from typing import Any

from playwright.sync_api import Page
from pypdf import PdfReader

A4 = {"paperWidth": 8.27, "paperHeight": 11.69}
"""Inches."""
SHOWN = """() => {
  const left_out = '[hidden], nav, form[method=get], .tracker-filter,'
    + '.govuk-visually-hidden, [aria-hidden],'
    + 'button, .govuk-button, script, option, input, textarea, .tracker-beginning'
  const needless = '[class*=tracker-only--], .tracker-limit__months, .tracker-limit__date'
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  const found = []
  while (texts.nextNode()) {
    const around = texts.currentNode.parentElement
    if (around.closest(left_out) || around.closest(needless)?.checkVisibility() === false) continue
    found.push(texts.currentNode.data)
  }
  return found
}"""
"""The texts of a page that belong on paper: not navigation, filters, buttons or needless fields."""


def printed(page: Page) -> list[str]:
    """Print a page, and return the text within the edges of each sheet."""
    session = page.context.new_cdp_session(page)
    chromium: Any = session
    data: str = chromium.send("Page.printToPDF", A4)["data"]
    session.detach()
    sheets = list[str]()
    for sheet in PdfReader(BytesIO(b64decode(data))).pages:
        width, texts = float(sheet.mediabox.width), list[str]()

        def within(text: str, cm: list[float], tm: list[float], *_: Any) -> None:  # noqa: ANN401
            left = tm[4] * cm[0] + cm[4]
            if -1 < left < width:  # noqa: B023  read at once
                texts.append(text)  # noqa: B023  the same

        sheet.extract_text(visitor_text=within)
        sheets.append("".join(texts))
    return sheets


def lost_in_print(page: Page) -> list[str]:
    """Return the texts of a page that its printed sheets lack."""
    belonging = Counter(squeezed(text) for text in page.evaluate(SHOWN))
    sheets = [squeezed(sheet) for sheet in printed(page)]
    return [text for text, many in belonging.items() if text and times(text, sheets) < many]


def times(text: str, sheets: list[str]) -> int:
    """Return how often a text is on some sheets, also where it goes on overleaf."""
    whole = sum(sheet.count(text) for sheet in sheets)
    broken = [sheet.replace(text, "") for sheet in sheets]
    return whole + sum(goes_on(text, broken[place:]) for place in range(len(sheets) - 1))


def goes_on(text: str, sheets: list[str]) -> bool:
    """Return whether a text begins on the first of some sheets and ends on a later one.

    The beginning is at the end of the sheet, where the same text may stand whole before it; or
    anywhere, where columns end beside each other.
    """
    for begun in range(len(text) - 1, 0, -1):
        if sheets[0].endswith(text[:begun]) and text[begun:] in "".join(sheets[1:2]):
            return True
    for sheet in sheets:
        begun = bisect(range(1, len(text) + 1), 0, key=lambda k: text[:k] not in sheet)
        if begun in {0, len(text)}:
            return begun > 0 and sheet is not sheets[0]
        text = text[begun:]
    return False


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
