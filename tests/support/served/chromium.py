"""Debian's Chromium by Playwright, started once for all the tests of a module.

Not once for the whole run: while Playwright is open, its event loop counts as running in this
thread, and `asyncio.run` is refused in the tests of other modules.

Without a browser these tests are skipped with a clear message; `.ci/run` installs one if it can.
"""

import os
import shutil
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 640}
"""A width of 320 pixels equals 1280 at 400 % zoom (WCAG 2.2, 1.4.10)."""


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("*** NO BROWSER *** install chromium to run the tests of pages in a browser")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *sandbox])
        yield launched
        launched.close()
