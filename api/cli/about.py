"""`tracker config` and `tracker info`: how this installation is set up, and what it holds."""

import os
import platform
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from adapters import settings
from adapters.postgres.database import APP, READER, Database, database_as_it_is, without_secrets
from adapters.postgres.embedded import EmbeddedError
from adapters.postgres.migrate import DatabaseUnusable, migrations
from adapters.secret_files import SECRETS, SettingsError
from adapters.settings import Settings
from adapters.telemetry.overview import Overview, read_overview
from api.cli.context import chosen_settings, fail
from projections.read_models import READ_MODELS
from projections.runtime.readiness import read_readiness

LIBRARIES = ("eventsourcing", "litestar", "msgspec", "psycopg", "uvicorn")
PACKAGE = "recommendation-tracker"
HIDDEN = "***"
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Setting(Struct, frozen=True):
    """A setting as the program would read it; secrets are masked."""

    name: str
    value: str | None
    source: str
    """environment, default, or the name of the variable whose file it comes from."""
    problem: str | None = None


class Configuration(Struct, frozen=True):
    """All settings, and the problem that they have together, if each is valid alone."""

    valid: bool
    settings: list[Setting]
    problem: str | None = None


class ReadModelInfo(Struct, frozen=True):
    """A read model: the version that this program expects, and its position if it is there."""

    version: int
    position: int | None


class Info(Struct, frozen=True):
    """Versions, positions and sizes in bytes."""

    program: str
    python: str
    platform: str
    libraries: dict[str, str]
    schema_expected: int
    database: Overview
    read_models: dict[str, ReadModelInfo]
    data_folder: str | None
    data_folder_bytes: int | None


@click.command()
@as_json
def config(*, as_json: bool) -> None:
    """Print every setting, its value and its source; secrets are masked.

    Exits with 1 if a setting is invalid, or a variable is like one but unknown.
    """
    present = read_configuration()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(present)).decode())
    else:
        for setting in present.settings:
            value = "(unset)" if setting.value is None else setting.value
            click.echo(f"{setting.name} = {value}  [{setting.source}]")
        for problem in (present.problem, *(setting.problem for setting in present.settings)):
            if problem:
                click.echo(problem, err=True)
    sys.exit(0 if present.valid else 1)


@click.command()
@as_json
def info(*, as_json: bool) -> None:
    """Print versions, the schema, positions and sizes; the schema is left as it is."""
    chosen = chosen_settings()
    try:
        with database_as_it_is(chosen) as db:
            present = read_info(db, chosen)
    except (EmbeddedError, DatabaseUnusable) as error:
        fail(str(error))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(present)).decode())
        return
    for name, value in _lines(present):
        click.echo(f"{name}: {value}")


def read_configuration() -> Configuration:
    """Return the settings of the environment, each checked alone and then together."""
    listed = [_setting(name) for name in Settings.__struct_fields__]
    listed += [
        Setting(name, HIDDEN, "environment", f"{name} is no setting of this program.")
        for name in sorted(os.environ)
        if name.startswith("TRACKER_") and name not in Settings.__struct_fields__
    ]
    problem = None
    if not any(setting.problem for setting in listed):
        try:
            settings.read()
        except SettingsError as error:
            problem = str(error)
    valid = problem is None and not any(setting.problem for setting in listed)
    return Configuration(valid, listed, problem)


def _setting(name: str) -> Setting:
    variable = f"{name}_FILE" if name in SECRETS and os.environ.get(f"{name}_FILE") else name
    source = "environment" if os.environ.get(variable) else "default"
    try:
        alone = settings.read_each(
            {
                "TRACKER_DATA": "/",  # its default may be missing
                **{other: os.environ.get(other, "") for other in (variable, "XDG_DATA_HOME")},
            }
        )
    except SettingsError as error:
        raw = HIDDEN if name in SECRETS else _without_passwords(os.environ.get(variable, ""))
        return Setting(name, raw, source, _without_passwords(str(error)))
    value = getattr(alone, name)
    return Setting(name, _shown(name, value), source if variable == name else variable)


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name not in SECRETS:
        return _without_passwords(str(value))
    if not isinstance(value, str):
        return HIDDEN
    return without_secrets(value, HIDDEN)


def _without_passwords(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", f"//{HIDDEN}@", text)


def read_info(db: Database, chosen: Settings) -> Info:
    """Return what this installation runs and holds. Raises DatabaseUnusable."""
    overview = read_overview(db)
    app, reader = db.conninfo(APP), db.conninfo(READER)
    readiness = read_readiness(app, reader, READ_MODELS) if overview.schema else None
    positions = {
        name: reached.position
        for name, reached in (readiness.reached if readiness else {}).items()
        if reached
    }
    folder = chosen.TRACKER_DATA if db.embedded else None
    return Info(
        program=program_version(),
        python=platform.python_version(),
        platform=platform.platform(),
        libraries={name: version(name) for name in LIBRARIES},
        schema_expected=migrations()[-1].number,
        database=overview,
        read_models={
            model.name: ReadModelInfo(int(model.version), positions.get(model.name))
            for model in READ_MODELS
        },
        data_folder=str(folder) if folder else None,
        data_folder_bytes=_bytes_in(folder) if folder else None,
    )


def program_version() -> str:
    """Return the version of this program, installed or run from its source."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
        return f"{tomllib.loads(project)['project']['version']} (from source)"


def _bytes_in(folder: Path) -> int:
    """Return the bytes of the files in a folder, of which some may vanish meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118  many files
            except FileNotFoundError:
                continue
    return total


def _lines(present: Info) -> Iterable[tuple[str, object]]:
    database = present.database
    yield "Program", present.program
    yield "Python", f"{present.python} on {present.platform}"
    yield "Libraries", ", ".join(f"{name} {number}" for name, number in present.libraries.items())
    yield "PostgreSQL", database.postgresql
    yield "Schema step", f"{database.schema}; this program expects {present.schema_expected}"
    yield "Last entry", f"position {database.head}"
    yield "Lineage", database.lineage or "not recorded yet"
    for name, model in present.read_models.items():
        position = "not built" if model.position is None else f"position {model.position}"
        yield f"Read model {name}", f"version {model.version}, {position}"
    yield "Database", f"{database.bytes:,} bytes"
    yield "Documents", f"{database.documents}, {database.document_bytes:,} bytes"
    if present.data_folder is not None:
        yield "Data folder", f"{present.data_folder}, {present.data_folder_bytes:,} bytes"
