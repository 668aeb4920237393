"""An upgrade without a pause: two releases, each with lists of its own, serve one database."""

import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Self

import httpx
import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import Database
from projections.read_models import READ_MODELS
from tests.projections.test_unused import schemas
from tests.support.data.examples import KENT, issue, published
from tests.support.served.program import Program, eventually, free_port, program
from tests.support.served.serving import token_of

pytestmark = [pytest.mark.slow, pytest.mark.crash]

OLD, NEW = "100", "200"
STREAMS = 20
"""Over which comments are spread: the steps of a role in one stream are limited."""


class Traffic:
    """Records by each service in turn, and reads each recorded comment back from every one."""

    def __init__(self, url: str, token: str) -> None:
        self.urls: tuple[str, ...] = (url,)
        self.answers: Counter[tuple[str, str, int | str]] = Counter()
        self.rounds = 0
        items = httpx.get(f"{url}/v1/recommendations?limit={STREAMS}").json()["items"]
        self._streams = cycle(item["id"] for item in items)
        self._client = httpx.Client(timeout=30, headers={"Authorization": f"Bearer {token}"})
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def goes_on(self) -> bool:
        """Return whether two more rounds were done: one may have begun before."""
        goal = self.rounds + 2
        return eventually(lambda: self.rounds >= goal)

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            urls = self.urls
            for writer in urls:
                body = {"type": "comment", "comment": f"Comment {self.rounds}."}
                path = f"/v1/recommendations/{next(self._streams)}/commands"
                position = self._asked(writer, "POST", path, json=body)
                for reader in urls:
                    self._asked(reader, "GET", f"/v1/recommendations?position={position}")
            self.rounds += 1

    def _asked(self, url: str, method: str, path: str, **more: object) -> int:
        try:
            answer = self._client.request(method, url + path, **more)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            self.answers[url, method, type(error).__name__] += 1
            return 0
        self.answers[url, method, answer.status_code] += 1
        return int(answer.json().get("position", 0))


def test_two_releases_serve_one_database_until_the_older_one_ends(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    published(ledger, *(issue(ordinal=number) for number in range(1, STREAMS + 1)))
    with ExitStack() as stack:

        def start(release: str, command: str, *options: str) -> Program:
            return stack.enter_context(
                program(
                    tmp_path / f"{command}-{release}",
                    command,
                    *options,
                    module="tests.support.served.release",
                    RELEASE=release,
                    DATABASE_URL=database.owner_url,
                    TRACKER_LISTS_KEPT="0",
                )
            )

        def serve(release: str) -> tuple[Program, str]:
            port = free_port()
            running = start(release, "serve", "--no-keep", "--port", str(port))
            return running, f"http://127.0.0.1:{port}"

        old_keeper = start(OLD, "project")
        old, old_url = serve(OLD)
        assert eventually(old.is_ready), old.err
        traffic = Traffic(old_url, token_of(database, KENT))
        with traffic:
            assert eventually(reads(database, OLD))
            new, new_url = serve(NEW)
            assert eventually(answers(new_url, 503)), new.err
            start(NEW, "project")
            assert eventually(new.is_ready), new.err
            assert schemas(database) == {*schemas_of(OLD), *schemas_of(NEW)}
            traffic.urls = (old_url, new_url)
            assert traffic.goes_on()
            assert answers(old_url, 200)()
            assert eventually(reads(database, NEW))

            traffic.urls = (new_url,)
            assert traffic.goes_on()
            for program_of_old in (old, old_keeper):
                program_of_old.signal(signal.SIGKILL)
            assert eventually(lambda: schemas(database) == {*schemas_of(NEW)})
            assert traffic.goes_on()
            assert answers(new_url, 200)()
    expected = {(url, *way) for url in (old_url, new_url) for way in (("POST", 201), ("GET", 200))}
    assert set(traffic.answers) == expected


def schemas_of(release: str) -> list[str]:
    return [f"{model.name}_{release}" for model in READ_MODELS]


def reads(database: Database, release: str) -> Callable[[], bool]:
    """Return whether the views for SQL answer, from the lists of a release."""

    def are_of_release() -> bool:
        with psycopg.connect(database.owner_url) as owner:
            (count,) = owner.execute(
                "SELECT count(*) FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace"
                " AND proname = 'report_as_at_v1' AND prosrc LIKE %s",
                (f"%reports_{release}.listing%",),
            ).fetchall()
            if count == (1,):
                owner.execute("TABLE reporting.report_v1")
        return count == (1,)

    return are_of_release


def answers(url: str, status: int) -> Callable[[], bool]:
    """Return whether a service says that it is ready, by status."""

    def has_answered() -> bool:
        try:
            return httpx.get(f"{url}/health/ready", timeout=30).status_code == status
        except httpx.TransportError:
            return False

    return has_answered
