"""Rows about what is made when it is asked for: board packs as PDF, and the whole data set.

Each is timed from the request to its last byte, one after the other. The service keeps no file.
"""

from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

from msgspec import Struct

from adapters.postgres.pools import thread_pool
from deploy.bench import processes
from deploy.bench.rows.memory import peak
from deploy.bench.rows.registry import row
from deploy.bench.world import World
from domain.vocabulary.forces import FORCES

OK = 200
SECOND = 1000
WAIT_SECONDS = 5
PACK_MS = 500.0
DATA_SECONDS = 10.0
MEMORY_MB = 128


class DataSetMade(Struct, frozen=True, tag=True):
    """The making of the data set as the service makes it, in a process of its own."""

    conninfo: str

    def run(self) -> float:
        """Return the most megabytes of the process."""
        # Other tasks are spared these imports.
        from api.downloads.dataset.files import write_archive, write_folder  # noqa: PLC0415

        with (
            TemporaryDirectory(prefix="tracker-bench-") as home,
            thread_pool(self.conninfo, size=1, wait=WAIT_SECONDS) as lists,
        ):
            folder = Path(home, "data")
            folder.mkdir()
            write_folder(
                folder,
                lists,
                service="https://example.org",
                today=datetime.now(UTC).date(),
                published=lambda position: position,
            )
            with Path(home, "data.zip").open("wb") as out:
                write_archive(folder.iterdir(), out)
        return peak()


@row("board-pack-pdf", "milliseconds of GET /board-pack.pdf", PACK_MS, at_most=True)
def _(world: World) -> float:
    return SECOND * _seconds(world, "/board-pack.pdf")


@row("board-pack-pdf-of-force", "milliseconds of GET that of one force", PACK_MS, at_most=True)
def _(world: World) -> float:
    return SECOND * _seconds(world, *(f"/board-pack/{force}.pdf" for force in FORCES))


@row("data-set", "seconds of GET /data.zip", DATA_SECONDS, at_most=True)
def _(world: World) -> float:
    return _seconds(world, "/data.zip")


def _seconds(world: World, *paths: str) -> float:
    """Return the mean time of some requests, after the first, which loads what makes them."""
    address = urlsplit(world.full.service).netloc
    with closing(HTTPConnection(address)) as connection:

        def ask(path: str) -> float:
            began = perf_counter()
            connection.request("GET", path)
            with connection.getresponse() as answer:
                answer.read()
            if answer.status != OK:
                raise processes.Failed(f"GET {path}: {answer.status}")
            return perf_counter() - began

        ask(paths[0])
        return mean(map(ask, paths))


@row("memory-data-set", "the most MB, making the data set", MEMORY_MB, at_most=True, once=True)
def _(world: World) -> float:
    site = world.full
    site.read_models()
    return processes.run_helper(DataSetMade(site.conninfo), float)
