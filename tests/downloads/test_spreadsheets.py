"""Spreadsheets by the checklist of the Government Analysis Function, and safe to open.

Source: "Making spreadsheets accessible: a brief checklist of the basics".
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from msgspec import Struct

from adapters.tables import sheets
from adapters.tables.columns import About, DataColumn, DataTable, Extract
from adapters.tables.delimited import write_csv
from adapters.tables.formats import FORMATS
from adapters.tables.sheets import TooManyRows
from tests.support.data import tables

ABOUT = About(
    day=date(2026, 11, 29),
    position=7,
    known_at=None,
    csv_address="things.csv",
    address="https://tracker.example/things?a=1&b=2",
    service="https://tracker.example",
    language="en-GB",
    publisher="Recommendation Tracker",
    licence="Open Government Licence v3.0",
    licence_address="https://example.org/licence",
    source="Tests",
)


class Thing(Struct):
    text: str | None
    number: float | None = None
    flag: bool | None = None
    day: date | None = None


THINGS: DataTable[Thing] = DataTable(
    "things",
    "Things",
    "Things of every type.",
    (
        DataColumn("text", "Text", "A text.", "string", lambda thing: thing.text),
        DataColumn("number", "Number", "A number.", "number", lambda thing: thing.number),
        DataColumn("flag", "Flag", "A flag.", "boolean", lambda thing: thing.flag, "[z]"),
        DataColumn("day", "Day", "A day.", "date", lambda thing: thing.day),
        DataColumn("page", "Page", "A page.", "anyURI", lambda _: "/things"),
    ),
    ("text",),
)
FORMULAS = ["=1+1", "+44 20", "-1", "@SUM(A1)", "\tx", "\rx"]
TEXTS = [*FORMULAS, "two\nlines, “quoted” <&>", "  spaces   kept", "a\x0bcontrol", "plain", None]
MANY = [Thing(text, 1.5, flag=True, day=date(2024, 2, 29)) for text in TEXTS] + [Thing("nothing")]


def written(ending: str, things: list[Thing]) -> bytes:
    out = BytesIO()
    FORMATS[ending].write(Extract(THINGS, things, ABOUT), out)
    return out.getvalue()


@pytest.fixture(params=["xlsx", "ods"])
def cells(request: pytest.FixtureRequest) -> dict[str, list[list[Any]]]:
    """The cells of every sheet, row by row."""
    content = written(request.param, MANY)
    if request.param == "ods":
        return tables.ods_sheets(content)
    return tables.xlsx_sheets(content)


def xlsx_sheets() -> Iterator[Any]:
    yield from tables.workbook(written("xlsx", MANY)).worksheets


def test_each_sheet_has_its_title_in_the_first_cell(cells: dict[str, list[list[Any]]]) -> None:
    assert list(cells) == ["Cover", "Notes", "Things"]
    assert [rows[0][0] for rows in cells.values()] == [
        "Things", "Things: notes", "Things, as at the end of 2026-11-29",
    ]  # fmt: skip


def test_the_cover_says_the_day_the_position_the_source_and_the_licence(
    cells: dict[str, list[list[Any]]],
) -> None:
    cover = " ".join(str(row[0]) for row in cells["Cover"])
    for words in ("2026-11-29", "number 7", "Tests", "Open Government Licence v3.0"):
        assert words in cover


def test_no_cell_of_a_table_is_blank(cells: dict[str, list[list[Any]]]) -> None:
    for name in ("Notes", "Things"):
        heads, *rows = cells[name][tables.HEAD_ROW - 1 :]
        assert len({*heads}) == len(heads)
        assert all(len(row) == len(heads) and None not in row and "" not in row for row in rows)


def test_no_row_between_the_title_and_the_table_is_blank(
    cells: dict[str, list[list[Any]]],
) -> None:
    assert all(row and row[0] for rows in cells.values() for row in rows)


def test_a_shorthand_stands_for_no_value_and_the_notes_explain_it(
    cells: dict[str, list[list[Any]]],
) -> None:
    assert cells["Things"][-1][:4] == ["nothing", "[x]", "[z]", "[x]"]
    assert "[x]: Not on record" in cells["Notes"][1][0]
    assert "[z]: Does not apply" in cells["Notes"][1][0]


def test_no_cell_is_merged_or_coloured_and_no_pane_frozen_or_filtered() -> None:
    for sheet in xlsx_sheets():
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        assert sheet.auto_filter.ref is None
        assert all(table.autoFilter is None for table in sheet.tables.values())
        fills = {cell.fill.fill_type for row in sheet.iter_rows() for cell in row}
        assert fills == {None}


def test_each_table_is_marked_and_named_with_one_row_of_heads() -> None:
    marked = {
        sheet.title: [
            (table.name, table.ref, table.headerRowCount) for table in sheet.tables.values()
        ]
        for sheet in xlsx_sheets()
    }
    last = tables.HEAD_ROW + len(MANY)
    assert marked["Cover"] == []
    assert marked["Things"] == [("things", f"A3:H{last}", 1)]
    assert [name for name, _, _ in marked["Notes"]] == ["notes"]
    with zipfile.ZipFile(BytesIO(written("ods", MANY))) as archive:
        content = archive.read("content.xml").decode()
    assert f"'Things'.A3:'Things'.H{last}" in content
    assert content.count("<table:table-header-rows>") == 2
    assert content.count('display-filter-buttons="false"') == 2


def test_a_spreadsheet_says_its_title_and_its_language() -> None:
    book = tables.workbook(written("xlsx", MANY))
    assert book.properties.title == "Things"
    assert [(p.name, p.value) for p in book.custom_doc_props.props] == [("Language", "en-GB")]
    with zipfile.ZipFile(BytesIO(written("ods", MANY))) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        meta = archive.read("meta.xml").decode()
    assert "<dc:title>Things</dc:title><dc:language>en-GB</dc:language>" in meta


def test_no_text_is_taken_for_a_formula() -> None:
    for sheet in xlsx_sheets():
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= set("snbd")
    assert "table:formula" not in written("ods", MANY).decode("latin-1")
    shown = [row["text"] for row in tables.read_csv(written("csv", MANY))]
    assert shown[: len(FORMULAS)] == [f"'{text}" for text in FORMULAS]
    assert shown[len(FORMULAS)] == TEXTS[len(FORMULAS)]


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_a_spreadsheet_keeps_texts_numbers_flags_and_days(ending: str) -> None:
    rows = {"xlsx": tables.read_xlsx, "ods": tables.read_ods}[ending](written(ending, MANY))
    texts = [row["text"] for row in rows[: len(TEXTS)]]
    kept = [text for text in TEXTS if text and not re.search(r"[\t\r\x0b]", text)]
    assert [text for text in texts if text in kept] == kept
    first = rows[0]
    day = first["day"].date() if isinstance(first["day"], datetime) else first["day"]
    assert (first["number"], first["flag"], day) == (1.5, True, date(2024, 2, 29))
    assert first["page"] == "https://tracker.example/things"


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_holds_no_clock(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(ending, MANY)
    monkeypatch.setattr("time.time", lambda: datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    assert written(ending, MANY) == first


@pytest.mark.parametrize("ending", FORMATS)
def test_a_list_without_rows_is_a_file_too(ending: str) -> None:
    content = written(ending, [])
    if ending == "xlsx":
        assert [*tables.workbook(content)["Things"].tables] == []
    assert written(ending, []) == content


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_a_spreadsheet_refuses_more_rows_than_a_sheet_takes(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"adapters.tables.{ending}.ROWS_MAX", 3)
    with pytest.raises(TooManyRows):
        written(ending, MANY)
    assert sheets.ROWS_MAX < 1_048_576


def test_a_csv_keeps_to_its_standard() -> None:
    out = BytesIO()
    write_csv(Extract(THINGS, [Thing('a "b", c\nd')], ABOUT), out, bom=True)
    assert out.getvalue() == (
        b"\xef\xbb\xbftext,number,flag,day,page,as_at,position,known_at\r\n"
        b'"a ""b"", c\nd",,,,https://tracker.example/things,2026-11-29,7,\r\n'
    )


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet", "arrow"])
def test_a_column_with_more_values_than_are_kept_has_them_all(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.tables.cells.KEPT_MAX", 3)
    days = [date(2024, 2, 1 + number % 7) for number in range(20)]
    read = {
        "csv": tables.read_csv,
        "ndjson": tables.read_lines,
        "parquet": tables.read_parquet,
        "arrow": tables.read_arrow,
    }[ending]
    rows = read(written(ending, [Thing("a", day=day) for day in days]))
    assert [str(row["day"]) for row in rows] == [day.isoformat() for day in days]
