"""Files of lists, read back by other libraries and compared with the JSON of the same list."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import csvw  # type: ignore[import-untyped]
import duckdb
import msgspec
import pytest

from adapters.postgres.database import READER, Database
from adapters.postgres.pools import thread_pool
from api.downloads.sources import SOURCES
from tests.support.data import tables
from tests.support.data.tables import Rows
from tests.support.served.serving import Served, Service

READERS: dict[str, Callable[[bytes], Rows]] = {
    "csv": tables.read_csv,
    "xlsx": tables.read_xlsx,
    "ods": tables.read_ods,
    "parquet": tables.read_parquet,
    "arrow": tables.read_arrow,
    "ndjson": tables.read_lines,
}
VIEWS = ["", "?on=2019-06-30", "?known_at=2026-01-01T00:00:00Z", "?force=kent&stage=closed"]
NO_VALUE = {"", "[x]", "[z]", None}


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def items(service: Service, path: str) -> list[dict[str, Any]]:
    """Return the items of all pages of a list."""
    every: list[dict[str, Any]] = []
    address: str | None = f"{path}{'&' if '?' in path else '?'}limit=500"
    while address:
        answer = service.get(address)
        every += answer.json()["items"]
        following = re.match(r"<([^>]*)>", answer.headers.get("Link", ""))
        address = following[1] if following else None
    return every


def value(cell: object) -> str | None:
    """Return a cell as text, alike in every format; None for no value."""
    if cell in NO_VALUE:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:g}"
    return str(cell)


def download(service: Service, path: str, ending: str) -> bytes:
    base, question, query = path.partition("?")
    answer = service.get(f"{base}.{ending}{question}{query}")
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_file_of_the_register_has_the_rows_of_its_list(
    service: Service, view: str, ending: str
) -> None:
    listed = items(service, f"/v1/recommendations{view}")
    rows = READERS[ending](download(service, f"/v1/recommendations{view}", ending))
    assert [value(row["id"]) for row in rows] == [item["id"] for item in listed]
    for row, item in zip(rows, listed, strict=True):
        standing = item["standing"]
        for name in ("reference", "force", "stage", "finding", "time_limit", "register_id"):
            assert value(row[name]) == standing[name], name
        assert value(row["text"]) == standing["text"].removeprefix("-") or ending == "csv"
        assert value(row["ordinal"]) == value(standing["ordinal"])
        assert value(row["overdue"]) == value(item["overdue"])
        assert value(row["due"]) == standing["due"]
        issued = standing["issued_on"]
        assert value(row["issued_on"]) == (None if issued == "unknown" else issued)


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("view", ["", "?on=2019-06-30", "?known_at=2026-01-01T00:00:00Z"])
def test_a_file_of_progress_has_the_counts_of_each_force(
    service: Service, view: str, ending: str
) -> None:
    board = service.get(f"/v1/progress{view}").json()
    rows = READERS[ending](download(service, f"/v1/progress{view}", ending))
    assert [row["force"] for row in rows] == list(board["forces"])
    for row, counts in zip(rows, board["forces"].values(), strict=True):
        for name in ("total", "open", "overdue", "claimed", "median_days_to_close"):
            assert value(row[name]) == value(counts[name]), name
        for field in ("kinds", "stages", "closed", "findings", "slipped"):
            for code, count in counts[field].items():
                assert value(row[f"{field}_{code}"]) == value(count), (field, code)
    national = sum(int(str(value(row["total"]))) for row in rows)
    assert national == board["national"]["total"]


@pytest.mark.parametrize("ending", [*READERS, "csv-metadata.json"])
@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.read])
def test_the_same_position_gives_the_same_bytes(service: Service, name: str, ending: str) -> None:
    path = SOURCES[name].path.format(force="kent")
    first = download(service, f"/v1{path}", ending)
    assert download(service, f"/v1{path}", ending) == first
    assert download(service, path, ending) == first


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.read])
def test_the_description_of_a_csv_reads_it_by_the_standard(
    service: Service, tmp_path: Path, name: str
) -> None:
    path = "/v1" + SOURCES[name].path.format(force="kent")
    content, file = download(service, path, "csv"), path.rpartition("/")[2]
    (tmp_path / f"{file}.csv").write_bytes(content)
    described = tmp_path / f"{file}.csv-metadata.json"
    described.write_bytes(download(service, path, "csv-metadata.json"))
    read: Any = csvw.CSVW(str(described), validate=True)  # the library has no types
    assert read.is_valid, read.warnings
    rows = list(read.tables[0].iterdicts())
    assert all(isinstance(row["as_at"], date) for row in rows)
    assert all(isinstance(row["position"], int) for row in rows)
    assert len(rows) == len(tables.read_csv(content))


def test_duckdb_reads_a_csv_and_a_parquet_file_alike(service: Service, tmp_path: Path) -> None:
    counts: list[object] = []
    for ending in ("csv", "parquet"):
        file = tmp_path / f"recommendations.{ending}"
        file.write_bytes(download(service, "/v1/recommendations", ending))
        query = f"SELECT force, stage, count(*) FROM '{file}' GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608
        counts.append(duckdb.sql(query).fetchall())
    assert counts[0] == counts[1] != []


@pytest.mark.parametrize("name", ["recommendations", "reports", "statements"])
def test_the_items_of_a_whole_list_are_those_of_its_pages(
    make_database: Database, service: Service, name: str
) -> None:
    source = SOURCES[name]
    listed = items(service, f"/v1{source.path}")
    reading = source.reading_for_anybody(source.params())
    with thread_pool(make_database.conninfo(READER), size=1, wait=5) as lists:
        whole = lists.at_once(
            lambda: list(lists.read(lambda c: reading(c, datetime.now(UTC).date())).items)
        )
    assert msgspec.to_builtins(whole) == listed != []
    assert all(isinstance(item.id, UUID) for item in whole)


def test_a_file_is_named_after_its_list_its_day_and_its_position(service: Service) -> None:
    position = service.get("/v1/recommendations").json()["position"]
    answer = service.get("/v1/recommendations.csv?force=kent&on=2024-02-29")
    name = f"recommendations-kent-2024-02-29-at-{position}.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'rel="describedby"' in answer.headers["Link"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv", "text/csv"),
        ("application/json;q=0.5, application/vnd.apache.arrow.stream",
         "application/vnd.apache.arrow.stream"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("*/*", "application/json"),
    ],
)  # fmt: skip
def test_a_client_that_prefers_a_format_is_sent_it(
    service: Service, accept: str, media_type: str
) -> None:
    answer = service.get("/v1/recommendations", Accept=accept)
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    assert "Accept" in answer.headers["Vary"]


def test_a_csv_begins_with_a_byte_order_mark_if_asked_to(service: Service) -> None:
    marked = service.get("/v1/progress.csv?bom=true").content
    assert marked == b"\xef\xbb\xbf" + service.get("/v1/progress.csv").content


def test_a_page_that_was_filtered_is_saved_by_its_own_address(service: Service) -> None:
    query = "?q=&force=kent&area=&on-day=29&on-month=2&on-year=2024&page=2&utm_source=mail"
    strict = service.get("/v1/recommendations.csv?force=kent&on=2024-02-29")
    assert service.get(f"/recommendations.csv{query}").content == strict.content


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/recommendations.csv?limit=20", "A file has all rows"),
        ("/v1/recommendations.csv?cursor=abc", "A file has all rows"),
        ("/v1/recommendations.csv?colour=red", "There is no such parameter"),
        ("/v1/recommendations.xlsx?bom=true", "for CSV only"),
        ("/v1/recommendations.csv?force=camelot", "Invalid enum|There is no force"),
        ("/recommendations.csv?force=camelot", "force"),
    ],
)
def test_a_wrong_parameter_of_a_file_is_refused_in_words(
    service: Service, path: str, words: str
) -> None:
    answer = service.get(path)
    assert answer.status_code == 400
    assert re.search(words, answer.json()["detail"])


def test_an_unknown_ending_is_not_found(service: Service) -> None:
    assert service.get("/v1/recommendations.doc").status_code == 404
    assert service.get("/v1/downloads/recommendations/doc").status_code == 404
