"""Writes every string of the pages into one template of catalogues, for translators.

    python -m deploy.strings          writes api/pages/locale/tracker.pot
    python -m deploy.strings --check  says whether it is as it should be

Strings are found where they are marked, by `_` and its kin in templates and modules; and in tables
of words and of questions, whose texts are translated when they are read.
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
from api.pages.record.form_fields import Field, Question
from api.pages.rendering.language import LOCALE, Table

TEMPLATE = LOCALE / "tracker.pot"
FOLDER = Path(routes.__file__).parent.parent
PAGES = f"{routes.__package__}."
METHODS = [("**.py", "python"), ("pages/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"pages/templates/**.html": {"trimmed": "true", "silent": "false"}}


def template() -> bytes:
    """The template: the same strings give the same bytes, in order of file and string."""
    catalogue = Catalog(
        project="Recommendation Tracker", copyright_holder="", fuzzy=False, charset="utf-8"
    )
    found = sorted({(file, text) for file, text in (*_marked(), *_tabled())}, key=str)
    for file, text in found:
        catalogue.add(text, locations=[(file, 0)])
    written = BytesIO()
    write_po(written, catalogue, omit_header=True, include_lineno=False, sort_by_file=True)
    return b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + written.getvalue()


def _marked() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """What is marked in modules and templates."""
    for file, _, text, _, _ in extract_from_dir(
        FOLDER, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        yield f"api/{file}", text


def _tabled() -> Iterator[tuple[str, str]]:
    """What stands in tables of words, of questions and of problems."""
    for kind in PROBLEM_TYPES.values():
        yield "api/http/problem_types.py", kind.title
        yield "api/http/problem_types.py", kind.meaning
    for module in _modules():
        for one in vars(module).values():
            for text in _texts(one):
                if text:
                    yield f"{module.__name__.replace('.', '/')}.py", text


def _modules() -> list[ModuleType]:
    """Every module of the pages; their routes import them all."""
    return [module for name, module in sorted(sys.modules.items()) if name.startswith(PAGES)]


def _texts(one: object) -> Iterator[str]:
    match one:
        case Table():
            yield from one.english.values()
        case Question():
            yield from (one.title, one.done, one.means)
            yield from _texts(one.fields)
        case Field():
            yield from (one.label, one.short, one.hint)
            if isinstance(one.options, dict):
                yield from one.options.values()
        case tuple():
            for each in cast("tuple[object, ...]", one):
                yield from _texts(each)
        case _:
            pass


def main(words: list[str]) -> int:
    """Write the template, or check it; the exit status."""
    made = template()
    if words == ["--check"]:
        return 0 if TEMPLATE.read_bytes() == made else 1
    TEMPLATE.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
