"""Files of every list: the rows of the API, in every format, for any day, force and moment."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest
from msgspec import Struct

from api.downloads.sources import SOURCES
from api.pages.rendering import formatting
from domain.vocabulary.forces import ADDRESSEES
from tests.downloads.test_formats import READERS, download, items, value
from tests.support.data import tables
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, issue
from tests.support.data.tables import Rows
from tests.support.served.serving import AUDITOR, TRAINER, Served, Service, published

Json = dict[str, Any]
NUMBER = re.compile(r"\d+\.\d+")
DATES = {
    "published_on", "page_date", "said_on", "claimed_on", "judged_on", "waiting_since", "window_to",
}  # fmt: skip
"""The fields whose date may be unknown, which is no value in a file."""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


class ListOfApi(Struct, frozen=True):
    """A list: where its JSON and its file are, and the items of the JSON."""

    path: str
    items: Callable[[Service, str], list[Json]]
    file: str = ""
    """The path of the file, if that is another."""
    apart: frozenset[str] = frozenset()
    """The fields that the file has under another name."""


def _listed(field: str) -> Callable[[Service, str], list[Json]]:
    """Return a function for the items of a list, with the fields that are within a field."""

    def read(service: Service, path: str) -> list[Json]:
        return [item.pop(field) | item for item in items(service, path)]

    return read


def _rows(field: str) -> Callable[[Service, str], list[Json]]:
    return lambda service, path: service.get(path).json()[field]


def _ages(service: Service, path: str) -> list[Json]:
    return [
        {
            "stage": item["stage"],
            "next_by": item["next_by"],
            "uncertain": item["ages"]["uncertain"],
            **{
                f"months_{end}": band["many"]
                for end, band in zip(
                    ("6", "12", "24", "48", "older"), item["ages"]["bands"], strict=True
                )
            },
        }
        for item in service.get(path).json()["ages"]
    ]


def _slipped(service: Service, path: str) -> list[Json]:
    return [
        counts.pop("slipped") | {"force": force} | counts
        for force, counts in service.get(path).json()["forces"].items()
    ]


def _differing(service: Service, path: str) -> list[Json]:
    return [_then("before", item) | _then("after", item) | item for item in items(service, path)]


def _then(view: str, item: Json) -> Json:
    """Return the fields of one view of an item, which has none where it was not on record."""
    standing: Json = item.pop(view) or {}
    return {f"{view}_{name}": cell for name, cell in standing.items()}


LISTS = {
    "reports": ListOfApi("/v1/reports", _listed("listing")),
    "statements": ListOfApi("/v1/statements", _listed("said"), apart=frozenset({"report"})),
    "claims": ListOfApi("/v1/claims", _listed("claimed")),
    "late": ListOfApi("/v1/late", items, apart=frozenset({"cleared_on", "cleared_by"})),
    "areas": ListOfApi("/v1/areas", _rows("items")),
    "claim-accuracy": ListOfApi("/v1/measures", _rows("accuracy"), "/v1/measures/claim-accuracy"),
    "cohorts": ListOfApi("/v1/measures", _rows("cohorts"), "/v1/measures/cohorts"),
    "ages": ListOfApi("/v1/measures", _ages, "/v1/measures/ages"),
    "load": ListOfApi("/v1/measures", _rows("load"), "/v1/measures/load"),
    "slippage": ListOfApi("/v1/slippage", _slipped),
    "half-years": ListOfApi("/v1/slippage", _rows("half_years"), "/v1/slippage/half-years"),
    "compare": ListOfApi("/v1/compare", _differing),
    "restatement": ListOfApi("/v1/restatement", _differing),
    "months": ListOfApi("/v1/progress/training", _rows("series")),
}
VIEWS = {
    "now": {},
    "training": {"training": "true"},
    "of a force": {"force": "kent"},
    "of a training force": {"force": "training"},
    "on a day": {"on": "2025-06-30", "training": "true"},
}
NOT_BY_FORCE = {"areas", "months"}
ONLY_BY_FORCE = {"months"}


def views_of(name: str) -> Iterator[Mapping[str, str]]:
    """Yield the queries of a list."""
    for query in VIEWS.values():
        if not ("force" in query and name in NOT_BY_FORCE):
            yield {k: v for k, v in query.items() if k != "training" or name not in ONLY_BY_FORCE}


def address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{'&'.join(f'{name}={text}' for name, text in query.items())}" if query else path


def compare_rows(rows: Rows, listed: list[Json], apart: frozenset[str] = frozenset()) -> None:
    """Fail unless the rows have every field of the items, and the words and names beside codes."""
    assert len(rows) == len(listed)
    for row, item in zip(rows, listed, strict=True):
        for name, expected in item.items():
            if name not in apart:
                cell = value(row[name])
                assert _alike(cell) == _alike(_shown(name, expected)), name
        if row.get("force"):
            force = ADDRESSEES[row["force"]]
            assert row["force_name"] == force.name
            assert value(row["force_ons_code"]) == force.ons_code
        for name in row.keys() & {f"{name}_words" for name in item if item[name]}:
            assert value(row[name]), name


def _shown(name: str, expected: object) -> object:
    """Return the cell of a field: an unknown date is no value, a suppressed text says so."""
    if expected == "unknown" and name in DATES:
        return None
    return formatting.published(expected) if isinstance(expected, str) else expected


@pytest.mark.parametrize("name", LISTS)
def test_a_file_has_the_rows_of_its_list_in_every_view(service: Service, name: str) -> None:
    source, many = LISTS[name], 0
    for query in views_of(name):
        listed = source.items(service, address(source.path, query))
        content = download(service, address(source.file or source.path, query), "csv")
        rows = tables.read_csv(content)
        compare_rows(rows, listed, source.apart)
        many += len(rows)
    assert many, "a view that has rows"


@pytest.mark.parametrize("name", LISTS)
def test_every_format_has_the_same_rows(service: Service, name: str) -> None:
    source = LISTS[name]
    query = {} if name in ONLY_BY_FORCE else {"training": "true"}
    path = address(source.file or source.path, query)
    shown = {
        ending: [
            {name: _alike(cell) for name, cell in row.items()}
            for row in read(download(service, path, ending))
        ]
        for ending, read in READERS.items()
    }
    assert shown["csv"]
    for ending, rows in shown.items():
        assert rows == shown["csv"], ending


def _alike(cell: object) -> str | None:
    """Return a cell as text, alike in every format: numbers to six digits, moments in UTC."""
    if isinstance(cell, datetime) and cell.tzinfo:
        return cell.isoformat()
    text = value(cell)
    if text and NUMBER.fullmatch(text):
        return f"{float(text):.6g}"
    return text.replace("\r", "").replace("Z", "+00:00").removeprefix("'") if text else text


@pytest.mark.parametrize("name", SOURCES)
def test_each_list_is_described_to_readers_of_its_columns(name: str) -> None:
    table = SOURCES[name].table
    names = [column.name for column in table.columns]
    titles = [column.title for column in table.columns]
    assert len({*names}) == len(names)
    assert len({*titles}) == len(titles)
    assert {*table.key} <= {*names}
    assert all(column.description.endswith(".") for column in table.columns)


def test_the_published_steps_of_a_recommendation_are_those_of_its_page(service: Service) -> None:
    closed = service.get("/v1/recommendations?training=true&stage=closed").json()["items"][0]["id"]
    rows = tables.read_csv(download(service, f"/v1/recommendations/{closed}/steps", "csv"))
    page = service.get(f"/recommendations/{closed}").text
    assert len(rows) > 3
    assert page.count("tracker-timeline__item") == len(rows)
    for row in rows:
        assert row["what"].replace("'", "&#39;") in page
    assert [row["number"] for row in rows] == [str(n + 1) for n in range(len(rows))]
    by_training = service.get(f"/v1/recommendations/{closed}/steps.csv", TRAINER)
    assert tables.read_csv(by_training.content)[0]["what"] == rows[0]["what"]


def test_a_history_has_every_step_for_those_who_may_read_it(service: Service) -> None:
    own = service.get("/v1/recommendations?force=training").json()["items"][0]["id"]
    path = f"/v1/recommendations/{own}/history"
    listed = service.get(path, INSPECTOR).json()["items"]
    rows = tables.read_csv(service.get(f"{path}.csv", INSPECTOR).content)
    assert [int(row["step"]) for row in rows] == [item["step"] for item in listed]
    assert [row["entry"] for row in rows] == [item["id"] for item in listed]
    assert [row["stage"] for row in rows] == [item.get("stage", "") for item in listed]
    assert [row["tag"] for row in rows] == [item["tag"] for item in listed]
    assert service.get(f"{path}.csv").status_code == 401
    assert service.get(f"{path}.csv", ESSEX).status_code == 404
    assert service.get(f"{path}.csv", TRAINER).status_code == 200


def test_the_worklist_is_saved_as_it_is_listed(service: Service) -> None:
    for query in (
        "",
        "?training=true",
        "?training=true&work=due_soon",
        "?training=true&order=force",
    ):
        whole = f"/v1/worklist?limit=500{query.replace('?', '&')}"
        listed = service.get(whole, INSPECTOR).json()["items"]
        base, question, rest = f"/v1/worklist{query}".partition("?")
        rows = tables.read_csv(service.get(f"{base}.csv{question}{rest}", INSPECTOR).content)
        compare_rows(rows, listed)
    own = tables.read_csv(service.get("/worklist.csv", TRAINER).content)
    assert {row["force"] for row in own} == {"training"}
    assert service.get("/v1/worklist.csv", TRAINER).status_code == 403
    assert service.get("/worklist.csv", AUDITOR).status_code == 200
    assert service.get("/worklist.csv").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/v1/recommendations.json", "/recommendations.CSV", "/reports.pdf", "/v1/reports.csv.gz",
        "/v1/progress/kent.json",
    ],
)  # fmt: skip
def test_an_ending_of_no_format_is_answered_with_those_that_there_are(
    service: Service, path: str
) -> None:
    answer = service.get(path)
    assert answer.status_code == 404
    detail = answer.json()["detail"]
    assert "csv, csv-metadata.json, xlsx, ods, parquet, arrow, ndjson" in detail
    assert "JSON is at the address below /v1 without an ending" in detail


def test_an_ending_of_no_format_tells_nobody_more_of_a_private_list(service: Service) -> None:
    assert service.get("/v1/worklist.json").status_code == 401
    assert service.get("/v1/worklist.csv").status_code == 401
    assert service.get("/v1/worklist.json", TRAINER).status_code == 404


@pytest.mark.parametrize("path", ["/v1/progress/xyz.csv", "/v1/progress/xyz", "/v1/forces/xyz"])
def test_an_unknown_force_leads_to_those_that_there_are(service: Service, path: str) -> None:
    answer = service.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no such force; /v1/forces has the codes of all."


def test_a_deadline_that_is_far_off_is_not_called_soon_in_a_file(service: Service) -> None:
    made = published(service, "kent-far-2026", issue("kent", time_limit="date:2090-01-01"))
    assert service.get(f"/v1/recommendations?position={made.position}").is_success
    own = tables.read_csv(service.get(f"/worklist.csv?position={made.position}", KENT).content)
    ahead = [row for row in own if row["work"] == "due_soon"]
    days = [(date.fromisoformat(row["due"]) - date.fromisoformat(row["as_at"])).days
            for row in ahead]  # fmt: skip
    assert max(days) > 14
    assert {row["work_words"] for row in ahead} == {"Deadline ahead"}


def test_a_list_of_one_force_or_recommendation_that_there_is_not_is_not_found(
    service: Service,
) -> None:
    for path in (
        "/v1/progress/camelot.csv",
        "/v1/recommendations/45fd50dd-7508-54fb-94ac-784b0b6d4ac0/steps.csv",
        "/v1/recommendations/nothing/steps.csv",
        "/v1/recommendations/45fd50dd-7508-54fb-94ac-784b0b6d4ac0/steps.doc",
    ):
        assert service.get(path).status_code == 404, path
