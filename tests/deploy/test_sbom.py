"""The bill of materials: valid CycloneDX, complete, and without addresses."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.sbom import EnvironmentDiffers, bill

LOCK = (Path(__file__).parents[2] / "requirements.lock").read_text("utf-8")
FOR_OTHER_MACHINES = {"colorama", "lazy-importer"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return bill(LOCK)


def test_the_bill_of_materials_is_valid_cyclonedx(document: dict[str, Any]) -> None:
    text = msgspec.json.encode(document).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_bill_of_materials_has_every_locked_package_with_its_hashes(
    document: dict[str, Any],
) -> None:
    locked = set(re.findall(r"^(\S+)==(\S+) ", LOCK, re.MULTILINE))
    listed = {(part["name"], part["version"]): part for part in document["components"]}
    del listed[("govuk-frontend", "6.3.0")]  # vendored
    assert {*listed} <= locked
    assert {name for name, _ in locked - {*listed}} <= FOR_OTHER_MACHINES
    assert all(part["hashes"] for part in listed.values())
    licences = [part["licenses"][0]["license"]["name"] for part in listed.values()]
    assert "unknown" not in licences


def test_the_bill_of_materials_leads_from_the_service_to_every_package(
    document: dict[str, Any],
) -> None:
    arrows = {row["ref"]: row["dependsOn"] for row in document["dependencies"]}
    reached, ahead = set[str](), ["recommendation-tracker"]
    while ahead:
        reference = ahead.pop()
        ahead += [child for child in arrows[reference] if child not in reached]
        reached |= {reference}
    assert reached == {*arrows}


def test_the_bill_of_materials_names_no_address(document: dict[str, Any]) -> None:
    text = msgspec.json.encode({**document, "$schema": ""}).decode()
    assert "://" not in text


def test_a_lock_that_the_environment_does_not_have_gives_no_bill() -> None:
    with pytest.raises(EnvironmentDiffers, match=r"msgspec 0\.1 is locked"):
        bill("msgspec==0.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(EnvironmentDiffers, match="not installed"):
        bill("no-such-package==1 \\\n    --hash=sha256:00\n")
