"""Imports between folders and packages, read from the source."""

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "domain": {"domain"},
    "adapters": {"adapters", "domain"},
    "projections": {"projections", "adapters", "domain"},
    "api": {"api", "projections", "adapters", "domain"},
    "deploy": {"deploy", "api", "projections", "adapters", "domain"},
}
HOME_OF = {  # and deploy/bench, which measures the service from outside
    "eventsourcing": {"adapters", "projections", "deploy"},
    "psycopg": {"adapters", "projections", "deploy"},
    "litestar": {"api", "deploy"},
}
DOMAIN_LIBRARIES = {
    "calendar", "collections", "contextlib", "datetime", "domain", "enum", "functools",
    "hashlib", "itertools", "msgspec", "re", "typing", "unicodedata", "uuid", "zoneinfo",
}  # fmt: skip
WALLS = [
    ("api/v1", "api.pages"),
    ("api/pages", "adapters.ledger.submit"),
    ("api/pages", "adapters.ledger.draft"),
    ("api/cli", "deploy"),
    ("projections/register", "projections.progress"),
    ("projections/progress", "projections.register"),
    ("projections/runtime", "projections.register"),
    ("projections/runtime", "projections.progress"),
    ("projections/runtime", "projections.read_models"),
]
"""Rooms that do not import one another: the folder, and what no file in it names."""


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_inwards(folder: str) -> None:
    for path in files(folder):
        assert packages(path) & MAY_IMPORT.keys() <= MAY_IMPORT[folder], path


@pytest.mark.parametrize(("room", "wall"), WALLS)
def test_a_package_does_not_import_across_its_wall(room: str, wall: str) -> None:
    assert files(room), room
    for path in files(room):
        beyond = {name for name in imports(path) if f"{name}.".startswith(f"{wall}.")}
        assert not beyond, path


def test_the_domain_imports_only_msgspec_and_the_standard_library() -> None:
    for path in files("domain"):
        assert packages(path) <= DOMAIN_LIBRARIES, path


@pytest.mark.parametrize("library", HOME_OF)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    for folder in MAY_IMPORT.keys() - HOME_OF[library]:
        for path in files(folder):
            assert library not in packages(path), path


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_no_module_is_imported_by_a_name_in_a_string(folder: str) -> None:
    for path in files(folder):
        names = {
            getattr(node, "id", getattr(node, "attr", getattr(node, "name", "")))
            for node in ast.walk(ast.parse(path.read_text()))
        }
        assert not {"import_module", "__import__"} & names, path


def test_no_modules_import_each_other_in_a_circle() -> None:
    arrows = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): imports(path)
        for folder in MAY_IMPORT
        for path in files(folder)
    }
    left = {module: wanted & arrows.keys() for module, wanted in arrows.items()}
    while free := {module for module, wanted in left.items() if not wanted & left.keys()}:
        left = {module: wanted for module, wanted in left.items() if module not in free}
    assert left == {}


def test_no_installed_package_has_the_name_of_one_of_ours() -> None:
    taken = packages_distributions()
    assert [
        name for name in MAY_IMPORT if set(taken.get(name, ())) - {"recommendation-tracker"}
    ] == []
