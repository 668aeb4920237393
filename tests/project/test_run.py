"""`./run`: it starts wherever the checkout is, and however it is called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def checkout(folder: Path, environment: Path) -> Path:
    """Make a checkout with an environment that is complete; return its `run`."""
    folder.mkdir(parents=True)
    for name in ("adapters", "api", "deploy", "domain", "projections", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("run", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    lock = (folder / "requirements.lock").read_bytes()
    total = subprocess.run(["/usr/bin/cksum"], input=lock, capture_output=True, check=True)
    (environment / "requirements.lock.stamp").write_bytes(total.stdout)
    return folder / "run"


def run(program: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `./run` in another folder, to its end."""
    return subprocess.run(  # noqa: S603  our own words
        [str(program), *words],
        env={**os.environ, **variables},
        cwd=program.parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_a_link_to_run_starts_the_program_of_its_checkout(tmp_path: Path) -> None:
    program = checkout(tmp_path / "a checkout", tmp_path / "a checkout" / ".venv")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "first").symlink_to("../a checkout/run")
    (tmp_path / "bin" / "tracker").symlink_to("first")
    for called in (program, tmp_path / "bin" / "tracker"):
        done = run(called, "--help")
        assert done.returncode == 0, done.stderr
        assert "Usage: tracker" in done.stdout


@pytest.mark.slow
def test_a_checkout_with_a_colon_in_its_path_starts(tmp_path: Path) -> None:
    folder = tmp_path / "it's 5:00, $HOME"
    sum_of_name = subprocess.run(
        ["/usr/bin/cksum"], input=os.fsencode(folder), capture_output=True, check=True
    ).stdout.decode()
    environment = tmp_path / "recommendation-tracker" / sum_of_name.strip().replace(" ", "-")
    program = checkout(folder, environment)
    done = run(program, "--help", XDG_CACHE_HOME=str(tmp_path), PYTHONPATH="/nowhere")
    assert done.returncode == 0, done.stderr
    assert "Usage: tracker" in done.stdout


@pytest.mark.slow
def test_run_imports_nothing_of_the_callers(tmp_path: Path) -> None:
    program = checkout(tmp_path / "checkout", tmp_path / "checkout" / ".venv")
    (tmp_path / "click.py").write_text("raise SystemExit('imported')")
    done = run(program, "--help", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
