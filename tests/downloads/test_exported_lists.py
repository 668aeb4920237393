"""`tracker export --table`: the service's files without the service, whole or absent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.postgres.database import Database
from tests.downloads.test_formats import READERS
from tests.support.data.examples import INSPECTOR
from tests.support.served.serving import Served, Service, command

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SECONDS = 60


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def export(
    database: Database, service: Service, file: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run the command on the database of a service, which its files link to."""
    env = {**os.environ, "DATABASE_URL": database.url, "DATABASE_OWNER_URL": database.owner_url}
    if database.embedded:
        env["PGUSER"] = "tracker_owner"
    env["TRACKER_PORT"] = service.url.rpartition(":")[2]
    return subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "api.cli", "export", *words, str(file)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


@pytest.mark.parametrize(
    ("table", "query", "ending", "address"),
    [
        *(
            ("recommendations", "force=kent&on=2024-02-29", ending,
             f"/v1/recommendations.{ending}?force=kent&on=2024-02-29")
            for ending in [*READERS, "csv-metadata.json"]
        ),
        ("months", "force=kent", "csv", "/v1/progress/kent.csv"),
        ("cohorts", "", "xlsx", "/v1/measures/cohorts.xlsx"),
    ],
)  # fmt: skip
def test_an_exported_list_has_the_bytes_of_the_services_file(  # noqa: PLR0917  a table
    make_database: Database,
    service: Service,
    tmp_path: Path,
    table: str,
    query: str,
    ending: str,
    address: str,
) -> None:
    file = tmp_path / f"list.{ending}"
    done = export(make_database, service, file, "--table", table, "--query", query)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == service.get(address).content
    rows = len(READERS["csv"](service.get(address.replace(f".{ending}", ".csv")).content))
    if ending != "csv-metadata.json":
        assert f"{rows} rows exported." in done.stderr


def test_an_exported_list_tells_nothing_of_what_is_not_published(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    first = service.get("/v1/recommendations").json()["items"][0]["id"]
    assert command(service, first, INSPECTOR, "comment", comment="Noted.").status_code == 201
    file = tmp_path / "list.csv"
    assert export(make_database, service, file, "--table", "recommendations").returncode == 0
    assert file.read_bytes() == service.get("/v1/recommendations.csv").content


@pytest.mark.parametrize(
    ("words", "file", "says"),
    [
        (("--table", "people"), "list.csv", "There is no table people; there are: recommendations"),
        (("--table", "worklist"), "list.csv", "There is no table worklist"),
        (("--table", "recommendations"), "list.doc", "Name a FILE that ends in one of: csv"),
        (("--table", "recommendations", "--query", "colour=red"), "list.csv", "no such parameter"),
        (("--table", "recommendations", "--query", "limit=5"), "list.csv", "A file has all rows"),
        (("--table", "months", "--query", "force=camelot"), "list.csv", "There is no such force"),
        (("--query", "force=kent"), "list.csv", "--query is for --table"),
    ],
)
def test_a_wrong_export_says_what_works_and_leaves_no_file(  # noqa: PLR0917  a table
    make_database: Database,
    service: Service,
    tmp_path: Path,
    words: tuple[str, ...],
    file: str,
    says: str,
) -> None:
    done = export(make_database, service, tmp_path / file, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_an_exported_list_replaces_a_file_only_if_told_to(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("kept")
    refused = export(make_database, service, file, "--table", "areas")
    assert refused.returncode == 2
    assert file.read_text() == "kept"
    assert export(make_database, service, file, "--table", "areas", "--force").returncode == 0
    assert file.read_text().startswith("area,")


def test_lists_that_are_not_built_are_exported_as_nothing_but_words(
    database: Database, service: Service, tmp_path: Path
) -> None:
    done = export(database, service, tmp_path / "list.csv", "--table", "reports")
    assert done.returncode == 1
    assert "tracker project --build" in done.stderr
    assert [*tmp_path.iterdir()] == []
