"""The OpenAPI description: complete, consistent, and kept by the service."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import msgspec
import pytest

from api.openapi import Json, describe
from api.routes import HANDLERS
from tests.support.data.examples import INSPECTOR
from tests.support.served.serving import Service, published

ROOT = Path(__file__).parents[2]
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> Json:
    return describe(HANDLERS)


def operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def parts(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        found = cast("Json", value)
        yield found
        for inner in found.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from parts(inner)


def test_the_openapi_description_is_served(service: Service, schema: Json) -> None:
    served = service.get("/v1/openapi.json")
    assert served.json() == msgspec.json.decode(msgspec.json.encode(schema))
    assert schema["openapi"] == "3.1.0"


def test_every_route_is_in_the_openapi_description(schema: Json) -> None:
    described = {(path, method) for path, method, _ in operations(schema)}
    routes = {
        (path.replace(":uuid", "").replace(":str", ""), method.lower())
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods
    }
    assert described == routes
    assert {method for _, method in described} == METHODS


def test_every_reference_in_the_description_resolves(schema: Json) -> None:
    for part in parts(schema):
        if "$ref" in part:
            found: Any = schema
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            assert found


def test_every_operation_has_a_unique_name_and_description(schema: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for _, _, operation in operations(schema))


def test_every_described_error_is_a_problem(schema: Json) -> None:
    for path, _, operation in operations(schema):
        errors = {status for status in operation["responses"] if status >= "400"}
        assert {"401", "421", "500", "503"} <= errors, path
        for status in errors:
            response = operation["responses"][status]
            if "$ref" in response:
                response = schema["components"]["responses"][status]
            assert list(response["content"]) == ["application/problem+json"]


def test_every_request_body_forbids_unknown_fields(schema: Json) -> None:
    def named(part: Json) -> Iterator[str]:
        for inner in parts(part):
            if "$ref" in inner:
                yield inner["$ref"].rsplit("/", 1)[1]

    todo = [
        name
        for _, _, operation in operations(schema)
        for name in named(operation.get("requestBody", {}))
    ]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        component = schema["components"]["schemas"][name]
        assert "enum" in component or component["additionalProperties"] is False, name
        todo += named(component)
    assert {"Close", "Issue", "Cases", "BatchItem"} <= seen


def test_every_described_list_states_its_limits(schema: Json) -> None:
    for path, method, operation in operations(schema):
        named = {one["name"]: one["schema"] for one in operation["parameters"]}
        if "limit" in named:
            assert (named["limit"]["minimum"], named["limit"]["maximum"]) == (1, 500), path
        known = path.endswith("/documents")  # by their bytes
        if method == "post" and not known and not path.startswith("/v1/subscriptions"):
            assert "Idempotency-Key" in named


def test_only_public_operations_work_without_a_token(schema: Json) -> None:
    for _, method, operation in operations(schema):
        if {} in operation["security"]:
            assert method == "get"
        else:
            assert operation["security"] == [{"token": []}]
            assert "403" in operation["responses"]


CONFIG = """
[[operations]]
include-path-regex = "^/v1/recommendations/"
parameters = {{ stream = "{recommendation}" }}

[[operations]]
include-path-regex = "^/v1/reports/"
parameters = {{ stream = "{report}" }}
"""


def schemathesis(service: Service, folder: Path, config: str, *options: str) -> None:
    """Run schemathesis on the served description; nothing that it finds is forgiven."""
    made = published(service, f"kent-{uuid4().hex}")
    file = folder / "schemathesis.toml"
    ids = CONFIG.format(recommendation=made.recommendations[0], report=made.id)
    file.write_text(config + ids)
    done = subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(file), "run",
         f"{service.url}/v1/openapi.json", "--checks", "all", "--continue-on-failure",
         "--seed", "1", "--no-color", *options],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.support.matrices.schemathesis_hooks",
             "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_service_answers_an_inspector_as_described(service: Service, tmp_path: Path) -> None:
    config = f'[auth.openapi.token]\nbearer = "{service.tokens[INSPECTOR]}"\n'
    batch = ["--include-path", "/v1/commands", "--phases", "fuzzing"]
    for options in (["--exclude-path", "/v1/commands"], batch):
        schemathesis(service, tmp_path, config, "--max-examples", "5", "--workers", "2", *options)


@pytest.mark.slow
def test_the_service_answers_the_public_as_described(service: Service, tmp_path: Path) -> None:
    schemathesis(service, tmp_path, "", "--phases", "fuzzing,stateful", "--max-examples", "5")


def test_the_guide_to_data_names_every_order_of_every_list(schema: Json) -> None:
    guide = (ROOT / "docs" / "data.md").read_text("utf-8").partition("## Orders")[2]
    rows = re.findall(r"^\| (`/v1/.*?) \| (`.*) \|$", guide, re.MULTILINE)
    in_words = {
        path: sorted(re.findall(r"`(\w+)`", orders))
        for paths, orders in rows
        for path in re.findall(r"`(/v1/\w+)`", paths)
    }
    described = {
        path: sorted(name for part in parts(parameter["schema"]) for name in part.get("enum", ()))
        for path, _method, operation in operations(schema)
        for parameter in operation.get("parameters", ())
        if parameter.get("name") == "order" and re.fullmatch(r"/v1/\w+", path)
    }
    assert len(described) > 5
    assert in_words == described
