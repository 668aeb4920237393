"""Templates use only names that pages pass: an undefined name would be silently empty."""

import ast
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes
from markupsafe import Markup

from api.pages.rendering.render import COMPONENTS, environment

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "api" / "pages"
TEMPLATES = sorted((PAGES / "templates").rglob("*.html"))
ALWAYS = {
    "path",
    "this_page",
    "canonical",
    "session",
    "csrf",
    "labels",
    "formatting",
    "reading",
    "number",
    "static",
    "language",
    "select_items",
    *COMPONENTS,
}
"""Passed to every template by `render.page`, or known to its environment."""
TRANSLATED = {"_", "gettext", "ngettext"}
ENVIRONMENT = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])


def passed() -> set[str]:
    """Return every name that the pages pass by keyword, or as a key of a dict that they spread."""
    names: set[str] = set()
    for path in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                names |= {keyword.arg for keyword in node.keywords if keyword.arg}
            elif isinstance(node, ast.Dict):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                names |= {key for key in keys if isinstance(key, str)}
    return names


def declared(tree: nodes.Template) -> set[str]:
    """Return every name that a template sets, imports or defines itself."""
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    names |= {node.target for node in tree.find_all(nodes.Import)}
    for node in tree.find_all(nodes.FromImport):
        names |= {name if isinstance(name, str) else name[1] for name in node.names}
    return names | {node.name for node in tree.find_all(nodes.Macro)}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_uses_only_names_that_pages_pass(template: Path) -> None:
    tree = ENVIRONMENT.parse(template.read_text())
    used = meta.find_undeclared_variables(tree) - declared(tree)
    assert used - passed() - ALWAYS - TRANSLATED == set()


HISTORIES = {"audit/history.html", "parts.html"}
"""A history is read on from any step, to which corrections and links lead, so it has no numbers."""

CHOICES = "record/several/plan.html"
"""Its rows are boxes of a form, in order of reference."""


def test_every_list_is_paged_by_numbers_and_says_its_order() -> None:
    for template in TEMPLATES:
        name, text = str(template.relative_to(PAGES / "templates")), template.read_text("utf-8")
        if name not in HISTORIES:
            assert "next_page(" not in text, name
        if "parts.pages(paging)" in text and name != CHOICES:
            assert "parts.sorted_by(paging, orders)" in text, name


def test_a_component_escapes_a_text_though_it_was_rendered_as_html_before() -> None:
    tag = environment().from_string("{{ govukTag({'text': text}) }}")
    assert "<b>Closed</b>" in tag.render(text=Markup("<b>Closed</b>"))
    assert "&lt;b&gt;Closed&lt;/b&gt;" in tag.render(text="<b>Closed</b>")


def test_what_somebody_typed_is_not_kept_with_a_component() -> None:
    field = environment().from_string("{{ govukInput({'id': 'q', 'name': 'q', 'value': typed}) }}")
    assert 'value="one"' in field.render(typed="one")
    assert 'value="two"' in field.render(typed="two")
