"""Tidiness of the product's code: its words, the size of its folders, and its docstrings.

Each table of exceptions is exact, so that it can only shrink.
"""

import ast
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).parents[2]
PRODUCT = ("domain", "adapters", "projections", "api", "deploy")
NAMES = {
    "AsyncWire": "AsyncLibpqConnection",
    "Absent": "NotFound",
    "Asked": "AsOfParams",
    "Asker": "Request",
    "Door": "RequestGuard",
    "Edge": "Middleware",
    "Folder": "PeriodFolder",
    "Keeper": "Supervisor",
    "Kept": "FollowedModel, or ResponseCache",
    "Listing": "PageParams, or ListedReport",
    "Overtaken": "the name of the conflict",
    "Packed": "BinaryArray",
    "Pendings": "PendingSignIns",
    "Piece": "Period",
    "Poisoned": "PoisonEntry",
    "Reaching": "ReadModelParams",
    "Remembered": "HistoryCache",
    "Room": "LargeBodyQuota",
    "Sight": "ReadPermission",
    "StreamAsked": "StreamParams",
    "Stretch": "StatePeriod",
    "Terms": "WriteHeaders",
    "Told": "HistoryItem, or Sample",
    "Trouble": "ProblemError",
    "Who": "Actor",
    "Wire": "LibpqConnection",
    "command_recommendation": "post_recommendation_command",
    "lasting": "cacheable",
    "looked": "checked, or read",
    "looking": "the name of the reader",
    "looped": "the name of the loop",
    "once_or_again": "with_reconnect",
    "open_to": "available_commands",
    "settle": "chronology",
    "signin": "sign_in",
    "signins": "sign_ins",
    "submitting": "submit_steps",
    "upto": "until, or through",
    "who_asks": "current_actor",
}
"""Names that the code does not use any more, and what it says instead."""
VARIABLES = {
    "asked": "the noun: params, filters, query or request",
    "found": "the noun: rows, match, entries or document",
    "gate": "semaphore, barrier, lock or quota",
    "given": "the noun: values, fields or params",
    "one": "the noun: entry, row, field or item",
    "sent": "the noun: form, fields, headers or token",
    "terms": "params or headers",
    "told": "the noun: answer, rows, report or text",
}
"""Names that no variable or parameter has, and what to say instead."""
FOLDER_ITEMS_MAX = 12
LARGE_FOLDERS: dict[str, str] = {"adapters": "a room or a file for each part of the outside world"}
"""Folders with more files and folders than that, each with its reason."""
MODULE_LINES_MAX = 300
LONG_MODULES = {
    "api/http/problem_types.py": "one table of the problem types",
    "api/pages/record/form_fields.py": "one table, so that the words of all forms are side by side",
    "api/pages/rendering/labels.py": "one table of the words for codes",
    "domain/commands/recommendation.py": "one table of the commands, with all that they ask for",
    "domain/events/recommendation.py": "one table of the events, with all that they record",
}
"""Modules with more lines than that, each with its reason."""
SAME_CLASSES = {
    "Query": "of SQL, and of an address",
    "SignedIn": "the event, whose name is stored, and the provider's answer",
    "Table": "of the database, and of words by code",
}
"""Names of more than one class, each with its reason."""

DATA = {".sql", ".po", ".pot", ".json", ".csv", ".md", ".html", ".css", ".js", ".svg"}
FILES = sorted(path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))
TREES = {path.relative_to(ROOT): ast.parse(path.read_text()) for path in FILES}
TEMPLATES = sorted((ROOT / "api" / "pages" / "templates").rglob("*.*"))
PACKAGES = sorted({path.parent for path in FILES})


def names_in(path: Path) -> Iterator[str]:
    """Yield the names in a module or template; strings, comments and text are not names."""
    if path.suffix == ".py":
        with path.open("rb") as file:
            tokens = list(tokenize.tokenize(file.readline))
        yield from (token.string for token in tokens if token.type == tokenize.NAME)
    else:
        lexed = Environment(autoescape=True).lex(path.read_text())
        yield from (word for _, kind, word in lexed if kind == "name")


def variables_in(tree: ast.AST) -> Iterator[str]:
    """Yield the parameters and the assigned variables of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def docstrings_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module, also those of attributes, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                yield node.lineno, text
            case _:
                pass


def test_no_module_or_template_uses_an_abandoned_name() -> None:
    expect_none(
        f"{path}: {name}: say {NAMES[name]}"
        for path in (*FILES, *TEMPLATES)
        for name in {*names_in(path)} & {*NAMES}
    )


def test_no_variable_has_an_abandoned_name() -> None:
    expect_none(
        f"{path}: {name}: say {VARIABLES[name]}"
        for path, tree in TREES.items()
        for name in {*variables_in(tree)} & {*VARIABLES}
    )


def test_no_folder_has_more_items_than_a_reader_takes_in() -> None:
    large = {
        str(folder.relative_to(ROOT))
        for folder in PACKAGES
        if sum(map(is_counted, folder.iterdir())) > FOLDER_ITEMS_MAX
    }
    assert large == {*LARGE_FOLDERS}


def test_no_module_is_longer_than_a_reader_takes_in() -> None:
    long = {
        str(path.relative_to(ROOT))
        for path in FILES
        if len(path.read_text().splitlines()) > MODULE_LINES_MAX
    }
    assert long == {*LONG_MODULES}


def test_no_two_classes_have_the_same_name() -> None:
    classes = Counter(
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    same = {name for name, count in classes.items() if count > 1}
    expect_none(f"{name}: a second class" for name in same - {*SAME_CLASSES})
    expect_none(f"{name}: no exception any more" for name in {*SAME_CLASSES} - same)


def test_every_package_has_a_docstring() -> None:
    expect_none(
        str(folder)
        for folder in PACKAGES
        if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    )


def test_no_docstring_begins_with_a_question_word() -> None:
    expect_none(
        f"{path}:{line}: {text.splitlines()[0]}"
        for path, tree in TREES.items()
        for line, text in docstrings_in(tree)
        if text.startswith(("What ", "Who ", "Which "))
    )


def is_counted(item: Path) -> bool:
    """Return whether an item of a folder is code or a folder with code."""
    if item.is_dir():
        return any(item.rglob("*.py"))
    return item.name != "__init__.py" and item.suffix not in DATA


def expect_none(offenders: Iterable[str]) -> None:
    """Fail with every offender."""
    if lines := sorted(offenders):
        pytest.fail("\n".join(lines), pytrace=False)
