"""The wheel and the source archive: their contents, and the program that they install."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "adapters", "projections", "api", "deploy")
SECONDS = 120


def run(*words: str | Path, cwd: Path = ROOT) -> str:
    """Run a program, and return its output."""
    return subprocess.run(  # noqa: S603  our own words, read by no shell
        words, cwd=cwd, check=True, capture_output=True, text=True, timeout=SECONDS
    ).stdout


def build(source: Path, to: Path, *targets: str) -> None:
    """Build a wheel or a source archive of a source tree, without a network."""
    flags = [word for target in targets for word in ("-t", target)]
    run(sys.executable, "-m", "hatchling", "build", "-d", to, *flags, cwd=source)


def only(folder: Path, pattern: str) -> Path:
    """Return the file of a folder that matches a pattern, the only one."""
    (path,) = folder.glob(pattern)
    return path


def members(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_of(folder: Path) -> set[str]:
    """Return the files of a folder, without bytecode."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "wheel", "sdist")
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, and the libraries of this one."""
    home = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", home)
    python = home / "bin" / "python"
    flags = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    wheel = only(built, "*.whl")
    run(sys.executable, "-m", "pip", "--python", python, "install", *flags, wheel)
    places = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    ours = sysconfig.get_path("purelib")
    Path(places.strip(), "libraries.pth").write_text(f"{ours}\n", encoding="utf-8")
    return home / "bin"


@contextmanager
def demo(program: Path, data: Path) -> Generator[str]:
    """Run `tracker demo` from another folder, and yield its address."""
    foreign = ("TRACKER_", "DATABASE_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    process = subprocess.Popen(  # noqa: S603  our own words, read by no shell
        [program, "demo", "--port", "0"],
        env={**kept, "TRACKER_DATA": str(data)},
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    try:
        yield next(line.split()[1] for line in process.stdout if line.startswith("Ready "))
    finally:
        process.terminate()
        process.wait(SECONDS)
        process.stdout.close()


def test_the_wheel_holds_every_file_of_the_product_and_no_other(built: Path) -> None:
    names = {*members(only(built, "*.whl"))}
    notes = {name for name in names if ".dist-info/" in name}
    assert names - notes == set[str]().union(*(files_of(ROOT / name) for name in PACKAGES))
    assert {Path(name).name for name in notes} == {
        "METADATA", "WHEEL", "entry_points.txt", "LICENSE", "RECORD",
    }  # fmt: skip


def test_the_source_archive_holds_the_product_and_its_papers_only(built: Path) -> None:
    with tarfile.open(only(built, "*.tar.gz")) as archive:
        names = {Path(name).parts[1] for name in archive.getnames()}
    papers = {"PKG-INFO", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
    assert names == {*PACKAGES, *papers, "requirements.lock", ".gitignore"}


def test_the_source_archive_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    with tarfile.open(only(built, "*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    source = only(tmp_path, "recommendation_tracker-*")
    build(source, tmp_path / "dist", "wheel")
    again = only(tmp_path / "dist", "*.whl")
    assert members(again) == members(only(built, "*.whl"))


@pytest.mark.slow
def test_an_installed_wheel_serves_the_demo_from_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    place = run(installed / "python", "-P", "-c", "import api; print(api.__file__)", cwd=tmp_path)
    assert Path(place).is_relative_to(installed.parent)
    with demo(installed / "tracker", tmp_path) as address, httpx.Client(base_url=address) as client:
        answers = {
            path: client.get(path).status_code
            for path in (
                "/",
                "/forces/kent",
                "/training",
                "/v1/recommendations",
                "/v1/openapi.json",
            )
        }
        styles = re.findall(r'href="(/static/[^"]+)"', client.get("/").text)
        answers |= {path: client.get(path).status_code for path in styles}
    assert styles
    assert set(answers.values()) == {200}, answers
