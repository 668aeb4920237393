"""A full disk under the database: refused in words, and nothing lost when there is room again."""

import os
import subprocess
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP
from adapters.postgres.embedded import Embedded
from tests.conftest import connect_to
from tests.reliability.proofs import assert_recorded_once
from tests.reliability.workload import UNLIMITED, Workload, make_streams
from tests.support.data.examples import INSPECTOR
from tests.support.served.program import served
from tests.support.served.serving import token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

DISK_MEGABYTES = 160
FULL_SECONDS = 60
OPERATIONS = 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """A file system of its own, which only root can mount."""
    folder = tmp_path / "small"
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:  # noqa: S603  ours
        pytest.skip("a file system can only be mounted by root, with its capabilities")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607  ours


def fill(folder: Path) -> Path:
    """Take all room on a disk, and return the file to remove."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(65_536)):
            pass
    assert os.statvfs(folder).f_bavail == 0
    return filler


def test_a_full_disk_refuses_commands_in_words_and_loses_nothing(small_disk: Path) -> None:
    with Embedded(small_disk).use() as address, served(small_disk, **UNLIMITED) as serving:
        database = connect_to(address, "tracker")
        with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
            streams = make_streams(ledger, 20)
        token = token_of(database, INSPECTOR)
        before = Workload([serving.url], token, streams[:10], OPERATIONS)
        before.start()
        before.join()
        filler = fill(small_disk)
        refused = _comment_until(serving.url, token, str(streams[10]), 503)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["type"] == "/problems/unavailable"
        ready = httpx.get(f"{serving.url}/health/ready", trust_env=False)
        assert ready.status_code == 503
        assert "The last command could not be recorded: DiskFull." in ready.json()["problems"]
        filler.unlink()
        _comment_until(serving.url, token, str(streams[10]), 201)
        assert httpx.get(f"{serving.url}/health/ready", trust_env=False).status_code == 200
        assert_recorded_once(database, before)
        assert serving.stop() == 0


def _comment_until(url: str, token: str, stream: str, status: int) -> httpx.Response:
    """Record comments until the answer has a status; nothing else than 201 and 503 may come."""
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{url}/v1/recommendations/{stream}/commands"
    until = time.monotonic() + FULL_SECONDS
    while True:
        body = {"type": "comment", "comment": str(uuid4()) * 100}
        try:
            answer = httpx.post(address, json=body, headers=headers, timeout=30, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < until
            continue
        assert answer.status_code in {201, 503}, answer.text
        if answer.status_code == status:
            return answer
        assert time.monotonic() < until
        if answer.status_code == 503:
            time.sleep(0.2)
