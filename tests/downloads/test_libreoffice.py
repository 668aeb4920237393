"""Spreadsheets as LibreOffice opens them: every cell of every sheet, and no complaint."""

import csv
import shutil
import subprocess
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest

from tests.downloads.test_formats import download
from tests.downloads.test_spreadsheets import MANY, written
from tests.support.data import tables
from tests.support.served.serving import Served, Service

SOFFICE = shutil.which("soffice")
SECONDS = 120
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Commas, quotation marks, UTF-8, cells as they are shown, and a file for each sheet."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="needs soffice (Debian: libreoffice-calc)"),
]


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def opened(folder: Path, ending: str, content: bytes) -> dict[str, list[list[str]]]:
    """Return the cells of every sheet, as LibreOffice shows them."""
    file = folder / f"list.{ending}"
    file.write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    done = subprocess.run(  # noqa: S603  our own words, read by no shell
        [
            str(SOFFICE),
            "--headless",
            profile,
            "--convert-to",
            EVERY_SHEET,
            "--outdir",
            folder,
            file,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    assert "rror" not in done.stderr + done.stdout
    assert "epair" not in done.stderr + done.stdout
    return {
        path.stem.removeprefix("list-"): list(
            csv.reader(StringIO(path.read_bytes().decode(), newline=""))
        )
        for path in folder.glob("list-*.csv")
    }


def shown(cell: object) -> str:
    """Return a cell as a spreadsheet shows it."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case float():
            return f"{cell:g}"
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def compare(content: bytes, ending: str, folder: Path) -> None:
    """Fail unless LibreOffice has the cells that another reader has."""
    read = tables.xlsx_sheets if ending == "xlsx" else tables.ods_sheets
    sheets = opened(folder, ending, content)
    assert sheets.keys() == read(content).keys()
    for name, rows in read(content).items():
        for ours, theirs in zip(rows, sheets[name], strict=True):
            cells = [shown(cell) for cell in ours]
            assert theirs[: len(cells)] == cells, name
            assert not any(theirs[len(cells) :]), name


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_libreoffice_opens_values_of_every_type_as_they_are(ending: str, tmp_path: Path) -> None:
    plain = [thing for thing in MANY if not {*"\r\t\x0b"} & {*(thing.text or "")}]
    compare(written(ending, plain), ending, tmp_path)


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
@pytest.mark.parametrize("name", ["recommendations", "statements", "progress"])
def test_libreoffice_opens_a_list_with_every_cell(
    service: Service, name: str, ending: str, tmp_path: Path
) -> None:
    compare(download(service, f"/v1/{name}", ending), ending, tmp_path)


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_libreoffice_opens_a_list_without_rows(ending: str, tmp_path: Path) -> None:
    compare(written(ending, []), ending, tmp_path)
