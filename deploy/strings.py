"""Writes every string of the pages into a catalogue template for translators.

    python -m deploy.strings          writes api/pages/locale/tracker.pot
    python -m deploy.strings --check  exits with status 1 unless the file is up to date

Strings are collected where `_` and its relatives mark them in templates and modules, and from
tables of words, questions and problems, whose texts are translated when they are read.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from api.http.problem_types import PROBLEM_TYPES
from api.pages import routes
from api.pages.inspections.steps.forms import InspectionForm
from api.pages.record.form_fields import Field, Question
from api.pages.rendering import problem
from api.pages.rendering.language import LOCALE, Table

TEMPLATE = LOCALE / "tracker.pot"
FOLDER = Path(routes.__file__).parent.parent
PAGES = f"{routes.__package__}."
METHODS = [("**.py", "python"), ("pages/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"pages/templates/**.html": {"trimmed": "true", "silent": "false"}}


def template() -> bytes:
    """Return the template, ordered by file and string; equal strings give equal bytes."""
    catalogue = Catalog(
        project="Recommendation Tracker", copyright_holder="", fuzzy=False, charset="utf-8"
    )
    strings = {(file, text) for file, text in (*_marked_strings(), *_table_strings())}
    for file, text in sorted(strings, key=str):
        catalogue.add(text, locations=[(file, 0)])
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, include_lineno=False, sort_by_file=True)
    return b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + body.getvalue()


def _marked_strings() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Yield the strings marked in modules and templates, each with its file."""
    for file, _, text, _, _ in extract_from_dir(
        FOLDER, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        yield f"api/{file}", text


def _table_strings() -> Iterator[tuple[str, str]]:
    """Yield the strings in tables of words, questions and problems, each with its file."""
    for kind in PROBLEM_TYPES.values():
        yield "api/http/problem_types.py", kind.title
        yield "api/http/problem_types.py", kind.meaning
    for module in _modules():
        for value in vars(module).values():
            for text in _texts(value):
                if text:
                    yield f"{module.__name__.replace('.', '/')}.py", text


def _modules() -> list[ModuleType]:
    """Return every module of the pages: their routes import them all, but that of error pages."""
    modules = {module for name, module in sys.modules.items() if name.startswith(PAGES)}
    return sorted({problem, *modules}, key=lambda module: module.__name__)


def _texts(value: object) -> Iterator[str]:
    match value:
        case Table():
            yield from value.english.values()
        case Question():
            yield from (value.title, value.done, value.means)
            yield from _texts(value.fields)
        case InspectionForm():
            yield from (value.title, value.button, value.means)
            yield from _texts(value.fields)
        case Field():
            yield from (value.label, value.short, value.hint)
            if isinstance(value.options, dict):
                yield from value.options.values()
        case tuple():
            for item in cast("tuple[object, ...]", value):
                yield from _texts(item)
        case _:
            pass


def main(words: list[str]) -> int:
    """Write the template, or check it; return the exit status."""
    content = template()
    if words == ["--check"]:
        return 0 if TEMPLATE.read_bytes() == content else 1
    TEMPLATE.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
