"""Bad rows: each named by file, line, column, error and allowed values, all in one run."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from adapters.corpus import sheets
from adapters.corpus.reading import read
from adapters.corpus.rows import (
    FILES,
    OUTCOMES,
    PRODUCTS,
    RECOMMENDATIONS,
    STEPS,
    LifeStep,
    NotedStep,
)
from adapters.corpus.sheets import BadRows, RowProblem
from domain.vocabulary.forces import ADDRESSEES
from tests.support.data.corpus_files import TODAY, columns, rehearsed, status, write

TYPES = (*get_args(NotedStep), *get_args(LifeStep))
FRESH: dict[str, dict[str, str]] = {
    PRODUCTS: {"product_id": "kent-ncpi-2020"},
    RECOMMENDATIONS: {"rec_id": "kent-ncpi-2019-r02"},
    OUTCOMES: {"outcome_id": "o002"},
    STEPS: {"step_id": "s002"},
}


def problems(directory: Path) -> list[RowProblem]:
    with pytest.raises(BadRows) as caught:
        rehearsed(read(directory, TODAY))
    return list(caught.value.problems)


def bad_rows() -> list[tuple[str, dict[str, str], RowProblem]]:
    """The table beside this file: cells of a second row, and the problem that they make."""
    cases: list[tuple[str, dict[str, str], RowProblem]] = []
    with Path(__file__).with_name("bad_rows.csv").open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            cells = dict(cell.split("=", 1) for cell in row["cells"].split(";"))
            for column, cell in cells.items():
                long = re.sub(r"a\*(\d+)", lambda count: "a" * int(count[1]), cell)
                cells[column] = long.replace("\\n", "\n").replace("\\0", "\0")
            allowed = row["allowed"].replace("FORCES", f"one of: {', '.join(ADDRESSEES)}")
            allowed = allowed.replace("TYPES", f"one of: {', '.join(sorted(TYPES))}")
            problem = RowProblem(row["file"], 3, row["column"], row["wrong"], allowed)
            cases.append((row["file"], {**FRESH[row["file"]], **cells}, problem))
    return cases


BAD_ROWS = bad_rows()


@pytest.mark.parametrize(
    ("file", "cells", "problem"), BAD_ROWS, ids=[f"{p.column} {p.wrong[:30]}" for *_, p in BAD_ROWS]
)
def test_a_bad_row_is_named(
    tmp_path: Path, file: str, cells: dict[str, str], problem: RowProblem
) -> None:
    write(tmp_path, {file: [{}, cells]})

    assert problems(tmp_path) == [problem]


def test_all_bad_rows_of_all_files_are_named_in_one_run(tmp_path: Path) -> None:
    own = [case for case in BAD_ROWS if "is already on line" not in case[2].wrong]
    rows: dict[str, list[dict[str, str]]] = {file: [{}] for file in FILES}
    expected: list[RowProblem] = []
    line: dict[str, int] = dict.fromkeys(FILES, 2)
    for number, (file, cells, problem) in enumerate(own):
        key = columns(file)[0]
        name = cells[key] if problem.column == key else f"{cells[key]}-{number}"
        if cells.get("follows_product_id") == cells[key]:
            cells = {**cells, "follows_product_id": name}  # noqa: PLW2901  it is the product itself
        rows[file].append({**cells, key: name})
        line[file] += 1 + cells.get("title", "").count("\n")
        expected.append(
            RowProblem(file, line[file], problem.column, problem.wrong, problem.allowed)
        )
    write(tmp_path, rows)

    named = problems(tmp_path)
    assert len(named) == len(expected) > 70
    assert {(p.file, p.column, p.wrong, p.allowed) for p in named} == {
        (p.file, p.column, p.wrong, p.allowed) for p in expected
    }
    assert named == sorted(named, key=lambda p: (FILES.index(p.file), p.line))


def test_all_bad_cells_of_a_row_are_named(tmp_path: Path) -> None:
    write(tmp_path, {OUTCOMES: [{"said_by": "press", "date": "soon", "topic": "A", "source": ""}]})

    named = problems(tmp_path)
    assert [(p.line, p.column) for p in named] == [(2, "topic"), (2, "said_by"), (2, "source")]


def test_a_problem_names_the_physical_line_where_the_row_begins(tmp_path: Path) -> None:
    rows = [{"paraphrase": "One\ntwo\nthree"}, {**FRESH[RECOMMENDATIONS], "area": "roof"}]
    write(tmp_path, {RECOMMENDATIONS: rows})

    (problem,) = problems(tmp_path)
    assert (problem.file, problem.line, problem.column) == (RECOMMENDATIONS, 5, "area")


def test_a_missing_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, {OUTCOMES: [{"said_by": "press"}]})
    (tmp_path / PRODUCTS).unlink()

    missing, other = problems(tmp_path)
    assert missing == RowProblem(
        PRODUCTS, 0, "", "cannot be read: No such file or directory", "a file named products.csv"
    )
    assert (other.file, other.column) == (OUTCOMES, "said_by")


def test_a_missing_directory_lacks_three_files(tmp_path: Path) -> None:
    assert [str(p) for p in problems(tmp_path / "nowhere")] == [
        f"{file}: cannot be read: No such file or directory; allowed: a file named {file}"
        for file in (PRODUCTS, RECOMMENDATIONS, OUTCOMES)
    ]


def edit(change: Callable[[bytes], bytes], directory: Path, file: str) -> list[RowProblem]:
    write(directory, {})
    (directory / file).write_bytes(change((directory / file).read_bytes()))
    return problems(directory)


LATER = ("reference", "recorded", "recorded_by")
LISTED = (
    f"these columns, each once: {', '.join(c for c in columns(OUTCOMES) if c not in LATER)}; "
    f"perhaps {', '.join(LATER)}"
)
NO_ROW = "is not a row of cells: "
RFC = f"cells of up to {csv.field_size_limit()} characters, quoted as in RFC 4180"
IN_UTF_8 = "UTF-8; in a spreadsheet, save it as CSV UTF-8"
FORM: list[tuple[str, Callable[[bytes], bytes], list[RowProblem]]] = [
    (
        "empty",
        lambda _: b"\xef\xbb\xbf\r\n",
        [RowProblem(OUTCOMES, 0, "", "is empty", "a first line with the columns")],
    ),
    (
        "missing column",
        lambda text: text.replace(b"said_by", b"").replace(b",inspectorate", b","),
        [
            RowProblem(OUTCOMES, 1, "said_by", "is missing", LISTED),
            RowProblem(OUTCOMES, 1, "", "is not a column of this file", LISTED),
        ],
    ),
    (
        "duplicate column",
        lambda text: text.replace(b"notes", b"topic").replace(b"stated,", b"stated,x"),
        [
            RowProblem(OUTCOMES, 1, "notes", "is missing", LISTED),
            RowProblem(OUTCOMES, 1, "topic", "is in the header more than once", LISTED),
            RowProblem(
                OUTCOMES,
                2,
                "topic",
                "'x' has the wrong form",
                "2 to 40 characters: a-z, single _ between them, or empty",
            ),
        ],
    ),
    (
        "surplus column",
        lambda text: text.replace(b"notes", b"notes,col\x07our").replace(b"stated,", b"stated,,1"),
        [RowProblem(OUTCOMES, 1, r"col\x07our", "is not a column of this file", LISTED)],
    ),
    (
        "too few cells",
        lambda text: text + b"o002,kent\r\n",
        [RowProblem(OUTCOMES, 3, "", "has 2 cells", "19, as in the header")],
    ),
    (
        "open quote",
        lambda text: text + b'o002,"kent\r\n',
        [RowProblem(OUTCOMES, 3, "", f"{NO_ROW}unexpected end of data", RFC)],
    ),
    (
        "long cell",
        lambda text: text + b"o002," + b"a" * 131_073 + b"\r\n",
        [RowProblem(OUTCOMES, 3, "", f"{NO_ROW}field larger than field limit (131072)", RFC)],
    ),
    (
        "Latin-1",
        lambda text: text.replace(b"Supervisors", b"\xa3 Supervisors"),
        [
            RowProblem(
                OUTCOMES,
                2,
                "",
                "holds the byte 0xa3: the file seems to be in Windows-1252",
                IN_UTF_8,
            )
        ],
    ),
    (
        "Windows-1252 with another mistake",
        lambda text: text.replace(b"Supervisors", b"\x93").replace(b",stated", b",sure"),
        [
            RowProblem(
                OUTCOMES,
                2,
                "",
                "holds the byte 0x93: the file seems to be in Windows-1252",
                IN_UTF_8,
            ),
            RowProblem(
                OUTCOMES,
                2,
                "confidence",
                "'sure' is not an allowed word",
                "one of: inferred, stated",
            ),
        ],
    ),
    (
        "a byte of no encoding",
        lambda text: text.replace(b"Supervisors", b"\x81 Supervisors"),
        [
            RowProblem(
                OUTCOMES,
                2,
                "reported_progress",
                "holds the byte 0x81, which is not UTF-8",
                "1 to 4000 characters",
            )
        ],
    ),
    (
        "UTF-16",
        lambda text: text.decode().encode("utf-16"),
        [RowProblem(OUTCOMES, 0, "", "is in UTF-16", IN_UTF_8)],
    ),
]


@pytest.mark.parametrize(("change", "expected"), [f[1:] for f in FORM], ids=[f[0] for f in FORM])
def test_a_malformed_file_is_named(
    tmp_path: Path, change: Callable[[bytes], bytes], expected: list[RowProblem]
) -> None:
    assert edit(change, tmp_path, OUTCOMES) == expected


def test_too_many_rows_and_bytes_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {OUTCOMES: [{}, FRESH[OUTCOMES], {"outcome_id": "o003"}]})
    monkeypatch.setattr(sheets, "ROWS_MAX", 2)

    too_many = RowProblem(OUTCOMES, 4, "", "more than 2 rows", "at most 2 rows per file")
    assert problems(tmp_path) == [too_many]
    monkeypatch.setattr(sheets, "BYTES_MAX", 10)
    assert [p.wrong for p in problems(tmp_path)] == ["has more than 10 bytes"] * 3


def test_a_bad_row_does_not_spoil_the_rows_that_refer_to_it(tmp_path: Path) -> None:
    write(tmp_path, {PRODUCTS: [{"title": ""}]})
    (tmp_path / RECOMMENDATIONS).write_text(
        (tmp_path / RECOMMENDATIONS).read_text().replace("r01,", "r01,,", 1)
    )

    places = [(p.file, p.column) for p in problems(tmp_path)]
    assert places == [(PRODUCTS, "title"), (RECOMMENDATIONS, "")]


def test_an_outcome_on_a_recommendation_of_another_product_is_named(tmp_path: Path) -> None:
    other = FRESH[PRODUCTS]
    write(tmp_path, {PRODUCTS: [{}, other], OUTCOMES: [other]})

    assert problems(tmp_path) == [
        RowProblem(
            OUTCOMES,
            2,
            "rec_id",
            "'kent-ncpi-2019-r01' belongs to the product kent-ncpi-2019",
            "a rec_id of the product kent-ncpi-2020, or empty",
        )
    ]


def test_too_many_recommendations_of_a_report_are_named(tmp_path: Path) -> None:
    rows = [{"rec_id": f"kent-ncpi-2019-r{number}"} for number in range(100, 301)]
    write(tmp_path, {RECOMMENDATIONS: rows, OUTCOMES: [{"rec_id": ""}]})

    assert problems(tmp_path) == [
        RowProblem(RECOMMENDATIONS, 202, "product_id", "has too many recommendations", "up to 200")
    ]


def test_an_outcome_is_checked_beside_a_bad_recommendation(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            RECOMMENDATIONS: [{"area": "roof"}],
            OUTCOMES: [status(1, "complete", "2019-05", "month")],
        },
    )

    assert [(p.file, p.column) for p in problems(tmp_path)] == [
        (RECOMMENDATIONS, "area"),
        (OUTCOMES, "date"),
    ]
