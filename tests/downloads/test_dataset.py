"""The whole data set: its archive, read back by other libraries, and its catalogue."""

import csv
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import csvw  # type: ignore[import-untyped]
import duckdb
import pytest
import rdflib
from jsonschema import Draft202012Validator

from api.downloads.dataset.files import public_lists
from api.downloads.sources import SOURCES
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.data.tables import read_csv
from tests.support.served.serving import Served, Service, command, published

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
TEXT = {"type": "string", "minLength": 1}
PACKAGE: dict[str, Any] = {
    "type": "object",
    "required": ["name", "resources", "licenses", "title", "version"],
    "properties": {
        "profile": {"const": "tabular-data-package"},
        "name": {"type": "string", "pattern": "^[a-z0-9._/-]+$"},
        "licenses": {
            "type": "array", "minItems": 1,
            "items": {"required": ["name", "path"], "properties": {"name": TEXT, "path": TEXT}},
        },
        "sources": {"type": "array", "items": {"required": ["title"]}},
        "contributors": {"type": "array", "items": {"required": ["title"]}},
        "resources": {
            "type": "array", "minItems": 1,
            "items": {
                "required": ["name", "path", "schema", "bytes", "hash"],
                "properties": {
                    "profile": {"const": "tabular-data-resource"},
                    "name": {"type": "string", "pattern": "^[a-z0-9._/-]+$"},
                    "path": {"type": "string", "pattern": r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"},
                    "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                    "bytes": {"type": "integer", "minimum": 1},
                    "schema": {
                        "required": ["fields"],
                        "properties": {
                            "fields": {
                                "type": "array", "minItems": 1,
                                "items": {
                                    "required": ["name", "type"],
                                    "properties": {
                                        "name": TEXT, "title": TEXT, "description": TEXT,
                                        "type": {"enum": ["string", "number", "integer",
                                                          "boolean", "date", "datetime"]},
                                        "format": {"enum": ["default", "uri", "any"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip
"""What Frictionless Data's profile of a tabular data package asks of what we write."""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def archive(service: Service) -> dict[str, bytes]:
    answer = service.get("/data.zip")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as files:
        assert files.testzip() is None
        return {name: files.read(name) for name in files.namelist()}


def unpacked(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_data_set_has_every_list_that_is_the_same_for_anybody(service: Service) -> None:
    files = archive(service)
    names = {name.removesuffix(".csv") for name in files if name.endswith(".csv")}
    assert names - {"data-dictionary"} == set(public_lists())
    assert set(public_lists()) >= {"recommendations", "reports", "statements", "progress"}
    for name, source in public_lists().items():
        assert source.sight is None
        assert files[f"{name}.csv"] == service.get(f"/v1{source.path}.csv").content
    private = {name for name, source in SOURCES.items() if source.sight is not None}
    assert private
    assert not private & names


def test_the_figures_of_the_data_set_are_those_of_the_board(
    service: Service, tmp_path: Path
) -> None:
    folder = unpacked(archive(service), tmp_path)
    board = service.get("/v1/progress").json()
    query = f"SELECT force, count(*), count(*) FILTER (WHERE stage = 'closed') FROM '{folder}/recommendations.csv' GROUP BY 1"  # noqa: E501, S608
    counted = {row[0]: row[1:] for row in duckdb.sql(query).fetchall()}
    assert counted == {
        code: (counts["total"], counts["stages"]["closed"] or 0)
        for code, counts in board["forces"].items()
        if counts["total"]
    }
    totals = f"SELECT force, total, open, overdue FROM '{folder}/progress.csv' ORDER BY force"  # noqa: S608
    assert duckdb.sql(totals).fetchall() == [
        (code, counts["total"], counts["open"], counts["overdue"])
        for code, counts in sorted(board["forces"].items())
    ]


def test_each_description_of_a_table_reads_it_by_the_standard(
    service: Service, tmp_path: Path
) -> None:
    files = archive(service)
    folder = unpacked(files, tmp_path)
    for name in public_lists():
        read: Any = csvw.CSVW(str(folder / f"{name}.csv-metadata.json"), validate=True)
        assert read.is_valid, (name, read.warnings)
        assert len(list(read.tables[0].iterdicts())) == len(read_csv(files[f"{name}.csv"]))


def test_the_data_package_describes_each_table_with_its_size_and_hash(service: Service) -> None:
    files = archive(service)
    package = json.loads(files["datapackage.json"])
    validator: Any = Draft202012Validator(PACKAGE)
    validator.validate(package)
    assert {resource["name"] for resource in package["resources"]} == set(public_lists())
    for resource in package["resources"]:
        content = files[resource["path"]]
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"
        fields = [field["name"] for field in resource["schema"]["fields"]]
        rows = list(csv.reader(StringIO(content.decode(), newline="")))
        assert rows[0] == fields
        key = [fields.index(name) for name in resource["schema"].get("primaryKey", [])]
        keys = [tuple(row[place] for place in key) for row in rows[1:]]
        assert not key or len(set(keys)) == len(keys), resource["name"]


def test_the_data_dictionary_has_every_column_of_every_table(service: Service) -> None:
    files = archive(service)
    defined = [(row["table"], row["column"]) for row in read_csv(files["data-dictionary.csv"])]
    columns = [
        (name, column)
        for name in public_lists()
        for column in next(csv.reader(StringIO(files[f"{name}.csv"].decode(), newline="")))
    ]
    assert defined == columns


def test_the_same_position_and_day_give_the_same_archive(service: Service) -> None:
    first = service.get("/data.zip")
    assert service.get("/data.zip", INSPECTOR).content == first.content
    position = service.get("/v1/recommendations").json()["position"]
    assert f"-at-{position}.zip" in first.headers["Content-Disposition"]
    files = archive(service)
    assert f"number {position}." in files["README.md"].decode()
    assert b"Open Government Licence" in files["LICENCE.txt"]


def test_what_is_private_suppressed_or_training_is_not_in_the_data_set(service: Service) -> None:
    secret, gone = "Only for inspectors 7261", "A name that was published 9913"
    made = published(service, "kent-data-2022", issue("kent", text=gone))
    stream = made.recommendations[0]
    plan = command(service, stream, KENT, "receive_action_plan", answer="act", content=secret)
    assert plan.status_code == 201
    request = command(
        service, stream, INSPECTOR, "request_suppression", step=1, field="text",
        ground="safeguarding", why="A name.",
    ).json()  # fmt: skip
    removed = command(
        service, stream, OTHER_INSPECTOR, "approve_suppression",
        request=request["step"], step=1, field="text",
    )  # fmt: skip
    assert removed.status_code == 201, removed.text
    position = removed.json()["position"]
    for path in (
        "/v1/recommendations",
        "/v1/progress",
        "/v1/reports",
        "/v1/statements",
        "/v1/claims",
    ):
        assert service.get(f"{path}?position={position}", INSPECTOR).is_success
    whole = b"".join(archive(service).values()).decode()
    assert stream in whole
    assert secret not in whole
    assert gone not in whole
    assert "training-" not in whole.replace("training-forces", "")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # the library's own use
def test_the_catalogue_is_dcat_that_names_every_file(service: Service) -> None:
    answer = service.get("/data/catalogue.jsonld")
    assert answer.headers["Content-Type"].startswith("application/ld+json")
    graph = rdflib.Graph().parse(data=answer.text, format="json-ld")
    (catalogue,) = graph.subjects(rdflib.RDF.type, DCAT.Catalog)
    for needed in (DCT.title, DCT.description, DCT.publisher, DCAT.dataset):
        assert graph.value(catalogue, needed) is not None, needed
    datasets = set(graph.subjects(rdflib.RDF.type, DCAT.Dataset))
    assert len(datasets) == len(public_lists()) + 1
    for dataset in datasets:
        for needed in (DCT.title, DCT.description, DCT.identifier, DCAT.theme, DCAT.distribution):
            assert graph.value(dataset, needed) is not None, (dataset, needed)
    for file in graph.subjects(rdflib.RDF.type, DCAT.Distribution):
        address = str(graph.value(file, DCAT.downloadURL))
        assert address.startswith(service.url)
        head = service.get(address.removeprefix(service.url))
        assert head.status_code == 200, address
        assert graph.value(file, DCT.license) is not None


def test_the_page_describes_the_data_set_for_people_and_search_engines(service: Service) -> None:
    page = service.get("/data", Accept="text/html").text
    (in_page,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    described = json.loads(in_page)
    assert described["@type"] == "Dataset"
    assert described["license"].startswith("https://www.nationalarchives.gov.uk/")
    assert f"{service.url}/data.zip" in [part["contentUrl"] for part in described["distribution"]]
    for other in ("/odata/v4/", "/data/sql", "/v1/notices", "/v1/openapi.json"):
        assert f'href="{other}"' in page
        assert service.get(other).status_code == 200
    for words in ("OData feed", "SQL", "Notices", "Webhooks"):
        assert words in page
    for source in public_lists().values():
        assert f">{source.table.title}</a>" in page
        assert f'href="/v1{source.path}.csv"' in page
