"""A page as Chromium prints it on A4, and the text that can be read there."""

import re
from base64 import b64decode
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
    + 'button, .govuk-button, script, option, input, textarea, .tracker-screen'
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  const found = []
  while (texts.nextNode())
    if (!texts.currentNode.parentElement.closest(left_out)) found.push(texts.currentNode.data)
  return found
}"""
"""The texts of a page that belong on paper: all but navigation, filters and buttons."""


def printed(page: Page) -> list[str]:
    """Print a page, and return the text within the edges of each sheet."""
    session = page.context.new_cdp_session(page)
    data = session.send("Page.printToPDF", A4)["data"]
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
    on_paper = squeezed("".join(printed(page)))
    return [text for text, many in belonging.items() if text and on_paper.count(text) < many]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
