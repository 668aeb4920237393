"""An upgrade without a pause: two releases, each with lists of its own, serve one database."""

import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count, cycle
from pathlib import Path
from typing import Self
from uuid import UUID

import httpx
import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import Database
from domain.vocabulary.ids import recommendation_id
from projections.read_models import READ_MODELS
from tests.projections.test_unused import schemas
from tests.support.data.examples import KENT, REPORT, issue, published
from tests.support.served.program import Program, eventually, free_port, program
from tests.support.served.serving import AUDITOR, token_of

pytestmark = [pytest.mark.slow, pytest.mark.crash]

OLD, NEW = "100", "200"
TAG = "recommendation.owner_named"
"""Of an event that the older of two releases does not know."""
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
        releases = Releases(stack, database, tmp_path, TRACKER_LISTS_KEPT="0")
        start, serve = releases.start, releases.serve
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


def test_an_entry_of_a_new_kind_stops_the_older_release_in_words_and_it_goes_on_when_upgraded(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    first = published(ledger, issue(ordinal=1), issue(ordinal=2))
    second = recommendation_id(f"{REPORT}-r02")
    tokens = {"Authorization": f"Bearer {token_of(database, KENT)}"}
    auditor = {"Authorization": f"Bearer {token_of(database, AUDITOR)}"}
    with ExitStack() as stack, httpx.Client(headers=tokens, timeout=30) as force:
        releases = Releases(stack, database, tmp_path, TRACKER_LAG_MAX="1")
        old_keeper = releases.start(OLD, "project", UNKNOWN=TAG)
        old, old_url = releases.serve(OLD, UNKNOWN=TAG)
        releases.start(NEW, "project")
        _, new_url = releases.serve(NEW)
        assert eventually(answers(old_url, 200)), old.err
        assert eventually(answers(new_url, 200))

        def command(url: str, stream: UUID, **fields: str) -> int:
            path = f"{url}/v1/recommendations/{stream}/commands"
            answer = force.post(path, json=fields)
            assert answer.status_code == 201, answer.text
            return int(answer.json()["position"])

        stops = command(new_url, first, type="name_owner", owner="Head of public protection")
        assert eventually(answers(old_url, 503))
        later = command(old_url, second, type="comment", comment="By the older release.")
        assert later == stops + 1
        problems = " ".join(httpx.get(f"{old_url}/health/ready").json()["problems"])
        assert re.search(r"The list register is [\d.]+ s behind", problems), problems
        assert "read_model_stopped" in old_keeper.err
        assert f'"position": {stops}' in old_keeper.err
        for path in ("/v1/ledger", f"/v1/recommendations/{first}"):
            problem = force.get(old_url + path, headers=auditor)
            assert problem.status_code == 503
            assert f"position {stops}, {TAG}, cannot be read" in problem.json()["detail"]
        assert answers(new_url, 200)()
        before_going_back = releases.start(OLD, "check", UNKNOWN=TAG)
        assert before_going_back.ended() == 1
        assert f"position {stops}: " in before_going_back.out

        for program_of_old in (old, old_keeper):
            program_of_old.stop()
        releases.start(OLD, "project")
        upgraded, upgraded_url = releases.serve(OLD)
        assert eventually(answers(upgraded_url, 200)), upgraded.err
        for url in (new_url, upgraded_url):
            force.get(f"{url}/v1/recommendations?position={later}").raise_for_status()
            for stream in (first, second):
                answer = force.get(f"{url}/v1/recommendations/{stream}").raise_for_status()
                assert answer.headers["etag"].startswith('"2.')
        whole = releases.start(NEW, "check")
        assert whole.ended() == 0, whole.out


class Releases:
    """Programs of releases on one database."""

    def __init__(
        self, stack: ExitStack, database: Database, folder: Path, **variables: str
    ) -> None:
        self._stack, self._folder = stack, folder
        self._variables = {"DATABASE_URL": database.owner_url, **variables}
        self._names = count()

    def start(self, release: str, command: str, *options: str, **variables: str) -> Program:
        """Start a command of a release."""
        return self._stack.enter_context(
            program(
                self._folder / f"{command}-{release}-{next(self._names)}",
                command,
                *options,
                module="tests.support.served.release",
                RELEASE=release,
                **self._variables,
                **variables,
            )
        )

    def serve(self, release: str, **variables: str) -> tuple[Program, str]:
        """Start the service of a release; return it and its address."""
        port = free_port()
        running = self.start(release, "serve", "--no-keep", "--port", str(port), **variables)
        return running, f"http://127.0.0.1:{port}"


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
