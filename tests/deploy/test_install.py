"""What deploy/install.sh keeps of older releases, and in which order it works.

The whole of it runs in deploy/try_install.sh, by hand: it needs a machine of its own.
"""

import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = (Path(__file__).parents[2] / "deploy" / "install.sh").read_text("utf-8")
SECONDS = 30


def remove_releases(folder: Path, *before: Path) -> set[str]:
    """Run the script's own function on a folder, and return the releases that are left."""
    function = re.search(r"^remove_releases\(\) \{.*?^\}", SCRIPT, re.MULTILINE | re.DOTALL)
    assert function is not None
    words: list[str | Path] = [
        "sh",
        "-euc",
        f'{function[0]}\nremove_releases "$@"',
        "sh",
        folder,
        *before,
    ]
    subprocess.run(words, check=True, timeout=SECONDS)  # noqa: S603  the script's, in a folder of ours
    return {path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in which releases were installed, the newest linked."""
    for name in (
        "tracker-0.9.0-20261101120000",
        "tracker-0.9.1-20261108120000",
        "tracker-0.10.0-20261115120000",
    ):
        (tmp_path / name / "bin").mkdir(parents=True)
    link_to(tmp_path, "tracker-0.10.0-20261115120000")
    return tmp_path


def link_to(folder: Path, release: str) -> None:
    (folder / "tracker").unlink(missing_ok=True)
    (folder / "tracker").symlink_to(folder / release)


def test_the_releases_that_are_kept_are_the_last_two_by_time_and_not_by_name(folder: Path) -> None:
    assert remove_releases(folder) == {
        "tracker-0.9.1-20261108120000",
        "tracker-0.10.0-20261115120000",
    }


def test_the_release_that_is_linked_is_never_removed(folder: Path) -> None:
    link_to(folder, "tracker-0.9.0-20261101120000")
    assert "tracker-0.9.0-20261101120000" in remove_releases(folder)


def test_the_release_that_was_linked_before_is_never_removed(folder: Path) -> None:
    """It still serves: after a way back, it is not among the last two."""
    assert len(remove_releases(folder, folder / "tracker-0.9.0-20261101120000")) == 3


def test_a_folder_that_is_no_release_is_never_removed(folder: Path) -> None:
    (folder / "tracker-backups").mkdir()
    (folder / "tracker-1-old").mkdir()
    assert {"tracker-backups", "tracker-1-old"} <= remove_releases(folder)


def test_a_single_release_stays(tmp_path: Path) -> None:
    (tmp_path / "tracker-1.0.0-20261101120000").mkdir()
    link_to(tmp_path, "tracker-1.0.0-20261101120000")
    assert len(remove_releases(tmp_path)) == 1


def test_the_link_moves_only_after_the_schema_and_the_lists_are_ready() -> None:
    steps = (
        " migrate\n",
        " project --build\n",
        "\nln -sfnT ",
        '\nremove_releases /opt "$before"\n',
    )
    places = [SCRIPT.index(step) for step in steps]
    assert places == sorted(places)
    assert SCRIPT.count("\nln -sfnT ") == 1
