"""The cells of a workbook as values, and the files that are refused."""

import time
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest

from adapters.tables.workbooks import package, reader
from adapters.tables.workbooks.package import UnreadableWorkbook
from adapters.tables.workbooks.reader import Cell, Merged, Value, read_workbook
from tests.support.data.workbooks import by_openpyxl, by_parts, sheet_xml

STYLES = (
    "<styleSheet><numFmts>"
    '<numFmt numFmtId="164" formatCode="d mmmm yyyy"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/>'
    '<numFmt numFmtId="166" formatCode="[$-809]dd/mm/yy;@"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="166"/></cellXfs></styleSheet>'
)


def cell_of(cells: str, **parts: str) -> Cell | None:
    """Return the first cell of a sheet with one row of XML."""
    (sheet,) = read_workbook(by_parts(sheet_xml(cells), **parts))
    return sheet.rows.get(1, {}).get(1)


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', "Train all staff."),
        ('<c r="A1" t="s"><v>1</v></c>', "東京"),
        ('<c r="A1" t="str"><f>A2</f><v>Of a formula</v></c>', "Of a formula"),
        ('<c r="A1" t="inlineStr"><is><r><t>In </t></r><r><t>place</t></r></is></c>', "In place"),
        ('<c r="A1" t="inlineStr"><is><t>a_x000D_b_xD83D__xDE00_</t></is></c>', "a\rb😀"),
        ('<c r="A1"><v>46203</v></c>', 46203),
        ('<c r="A1"><f>1/2</f><v>0.5</v></c>', 0.5),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="d"><v>2026-06-30T00:00:00Z</v></c>', date(2026, 6, 30)),
        ('<c r="A1" s="1"><v>46203</v></c>', date(2026, 6, 30)),
        ('<c r="A1" s="2"><v>46203.75</v></c>', date(2026, 6, 30)),
        ('<c r="A1" s="3"><v>46203</v></c>', 46203),
        ('<c r="A1" s="4"><v>46203</v></c>', date(2026, 6, 30)),
        ('<c r="A1" s="1"><v>0.5</v></c>', 0.5),
    ],
)
def test_a_cell_has_the_value_that_its_type_and_style_say(xml: str, value: Value) -> None:
    texts = (
        "<sst><si><r><t>Train </t></r><r><t>all staff.</t></r></si>"
        "<si><t>東京</t><rPh><t>トウキョウ</t></rPh></si></sst>"
    )
    cell = cell_of(xml, texts=texts, styles=STYLES)
    assert cell is not None
    assert cell == Cell(value)
    assert type(cell.value) is type(value)


def test_a_day_counts_from_1904_where_the_workbook_says_so() -> None:
    cell = cell_of('<c s="1"><v>44741</v></c>', styles=STYLES, book='<workbookPr date1904="1"/>')
    assert cell == Cell(date(2026, 6, 30))


@pytest.mark.parametrize(
    "xml",
    ['<c r="A1" s="1"/>', '<c r="A1" t="str"><f>B1</f><v></v></c>',
     '<c r="A1" t="inlineStr"><is><t>  </t></is></c>'],
)  # fmt: skip
def test_a_cell_without_anything_to_see_is_blank(xml: str) -> None:
    assert cell_of(xml, styles=STYLES) is None


def test_a_formula_without_a_stored_result_is_no_blank_cell() -> None:
    assert cell_of('<c r="A1"><f>TODAY()</f><v></v></c>') == Cell("", "formula")
    assert cell_of('<c r="A1"><f t="shared" si="0"/></c>') == Cell("", "formula")
    assert cell_of('<c r="A1" t="e"><f>B1</f><v>#REF!</v></c>') == Cell("#REF!", "error")


@pytest.mark.parametrize("half", ["_xD83D_", "_xDE00_", "\ufffd"])
def test_a_character_of_which_half_is_lost_is_no_value(half: str) -> None:
    cell = Cell("Done\ufffd.", "character")
    assert cell_of(f'<c r="A1" t="inlineStr"><is><t>Done{half}.</t></is></c>') == cell
    texts = f"<sst><si><t>Done{half}.</t></si></sst>"
    assert cell_of('<c r="A1" t="s"><v>0</v></c>', texts=texts) == cell


def test_a_cell_far_away_costs_no_more_than_one_that_is_near() -> None:
    (sheet,) = read_workbook(by_openpyxl(lambda page: page.cell(1_048_576, 16_384, "far")))
    assert sheet.rows == {1_048_576: {16_384: Cell("far")}}


def test_a_workbook_of_openpyxl_is_read_with_its_rows_dates_and_merged_cells() -> None:
    def fill(page: Any) -> None:  # noqa: ANN401  the library has no types
        page["B2"], page["C2"] = "Text", datetime(2026, 6, 30)  # noqa: DTZ001  a cell has no zone
        page["D2"] = "=1+1"
        page.merge_cells("B5:C7")

    (sheet,) = read_workbook(by_openpyxl(fill))
    cells = {2: Cell("Text"), 3: Cell(date(2026, 6, 30)), 4: Cell("", "formula")}
    assert sheet.rows == {2: cells}
    assert sheet.merged == [Merged(5, 7, 2, 3)]


BOMB = "<!DOCTYPE a [<!ENTITY b 'c'>]>"
OUTSIDE = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE])
def test_a_workbook_with_a_document_type_is_refused(doctype: str) -> None:
    sheet = sheet_xml('<c t="inlineStr"><is><t>&b;</t></is></c>')
    with pytest.raises(UnreadableWorkbook, match="document type"):
        read_workbook(by_parts(doctype + sheet))


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(package, "XML_BYTES_MAX", 200_000)
    content = by_parts(sheet_xml(f"<!--{'x' * 300_000}-->"))
    assert len(content) < 5_000
    with pytest.raises(UnreadableWorkbook, match="unpacks to more"):
        read_workbook(content)


def test_a_workbook_with_too_many_cells_or_sheets_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "SHEETS_MAX", 0)
    with pytest.raises(UnreadableWorkbook, match="more than 0 sheets"):
        read_workbook(by_parts(sheet_xml("")))
    monkeypatch.undo()
    cells = "<c><v>1</v></c>" * (reader.CELLS_MAX + 1)
    with pytest.raises(UnreadableWorkbook, match="more than 100,000 cells"):
        read_workbook(by_parts(sheet_xml(cells)))


def test_a_workbook_of_many_blank_cells_is_refused_before_it_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(package, "ELEMENTS_MAX", 1_000)
    assert read_workbook(by_parts(sheet_xml('<c s="1"/>' * 900)))
    with pytest.raises(UnreadableWorkbook, match="too many cells, most of them blank"):
        read_workbook(by_parts(sheet_xml('<c s="1"/>' * 1_001)))


def test_a_cell_with_a_longer_text_than_excel_writes_is_refused() -> None:
    text = '<c t="inlineStr"><is><t>{}</t></is></c>'
    assert read_workbook(by_parts(sheet_xml(text.format("x" * reader.TEXT_MAX))))
    with pytest.raises(UnreadableWorkbook, match="more than 32,767 characters"):
        read_workbook(by_parts(sheet_xml(text.format("x" * 3_000_000))))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no archive",
        by_parts("<worksheet>"),
        by_parts(sheet_xml('<c r="1A"><v>1</v></c>')),
        by_parts(sheet_xml('<c t="s"><v>7</v></c>')),
        by_parts(sheet_xml("<c><v>seven</v></c>")),
        by_parts(sheet_xml("", '<mergeCell ref=""/>')),
        by_parts(sheet_xml("<c><v>1e999</v></c>"), styles="<a>"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UnreadableWorkbook, match="not an Excel workbook"):
        read_workbook(content)


def test_an_archive_without_parts_of_a_workbook_is_refused_in_words() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "A")
    with pytest.raises(UnreadableWorkbook, match="not an Excel workbook"):
        read_workbook(out.getvalue())


@pytest.mark.parametrize(
    ("cells", "parts"),
    [
        ('<c r="A1" t="inlineStr"><is>' + "<a>" * 60 + "</a>" * 60 + "</is></c>", {}),
        ('<c r="A1" t="s"><v>0</v></c>', {"texts": f"<sst><si><t>{'x' * 40_000}</t></si></sst>"}),
        ('<c r="A1"><v>nan</v></c>', {}),
        ('<c r="A1"><v>1_0</v></c>', {}),
        (f'<c r="A1"><v>{"1" * 30_000}x</v></c>', {}),
    ],
)
def test_a_part_beyond_what_excel_writes_is_refused_at_once(
    cells: str, parts: dict[str, str]
) -> None:
    began = time.process_time()
    with pytest.raises(UnreadableWorkbook):
        cell_of(cells, **parts)
    assert time.process_time() - began < 1


def test_no_code_of_a_format_takes_long() -> None:
    styles = STYLES.replace("d mmmm yyyy", "[" * 500_000)
    began = time.process_time()
    assert cell_of('<c r="A1" s="2"><v>5</v></c>', styles=styles) == Cell(5)
    assert time.process_time() - began < 1


def test_so_many_ranges_may_be_merged_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MERGED_MAX", 1)
    merged = '<mergeCells><mergeCell ref="C2:ZZZ2"/></mergeCells>'
    assert read_workbook(by_parts(sheet_xml("", merged)))
    with pytest.raises(UnreadableWorkbook, match="merged ranges"):
        read_workbook(by_parts(sheet_xml("", merged * 2)))
