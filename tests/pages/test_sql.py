"""The pages for analysts who read by SQL: every view and column, as the database describes them."""

import html
import re

import pytest

from api.pages.public.about.sql import MADE
from tests.pages.test_pages import HTML
from tests.support.served.serving import Service

pytestmark = pytest.mark.slow


def shown(service: Service, path: str) -> str:
    """Return the words of a page."""
    answer = service.client.get(path, headers=HTML)
    assert answer.status_code == 200, path
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def test_the_page_of_views_names_each_and_whom_to_ask_for_a_login(service: Service) -> None:
    page = service.client.get("/data/sql", headers=HTML).text
    words = shown(service, "/data/sql")
    for name, view in MADE.items():
        assert f'href="/data/sql/{name}"' in page
        assert view.comment in words
    assert 'href="/contact"' in page
    assert words.count("For police forces and the inspectorate only.") == 1
    assert 'href="/data/sql"' in service.client.get("/about", headers=HTML).text


def test_the_page_of_a_view_has_each_of_its_columns(service: Service) -> None:
    for name, view in MADE.items():
        words = shown(service, f"/data/sql/{name}")
        for column in view.columns:
            assert f"{column.name} {column.type} {column.comment}" in words
    assert service.client.get("/data/sql/ledger_events", headers=HTML).status_code == 404
