"""kill -9 of the sender and the mail server: nothing is lost, and a twin has one Message-ID."""

import time
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER
from adapters.postgres.embedded import Embedded
from tests.conftest import connect_to
from tests.messages.durable_server import ANSWER_SECONDS
from tests.support.data.examples import published
from tests.support.served.program import Program, eventually, free_port, served

pytestmark = [pytest.mark.crash, pytest.mark.slow]

ROUNDS = 6
REPORTS, PEOPLE = 3, 5
"""Reports of a round, of each of which so many people are told."""


@dataclass(frozen=True)
class Post:
    """A service that sends, a server that takes over, and both ends' records of it."""

    sender: Program
    server: Program
    ledger: Ledger
    owner: psycopg.Connection[tuple[object, ...]]
    kept: Path

    def join(self, name: str, *, at_once: bool, digest: str) -> None:
        """Add a person of Kent with a confirmed address."""
        self.owner.execute(
            "INSERT INTO people VALUES (%(n)s, 'a', %(n)s, NULL, 'force', 'kent', now())",
            {"n": name},
        )
        self.owner.execute(
            "INSERT INTO message_recipients (actor, address, at_once, digest, confirmed_at)"
            " VALUES (%s, %s, %s, %s, now())",
            (name, f"{name}@kent.example", at_once, digest),
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        return self.owner.execute(query.encode()).fetchall()

    def is_all_sent(self) -> bool:
        """Have what waits sent now; return whether nothing does."""
        left = "UPDATE messages SET next_at = now() WHERE state <> 'sent' RETURNING 1"
        return not self.rows(left)

    def is_longer(self, length: int) -> bool:
        """Have what waits sent now; return whether a mail came since."""
        self.is_all_sent()
        return len(self.kept.read_text()) > length

    def came(self) -> Counter[str]:
        """Return how often each mail came."""
        return Counter(
            line.split()[0].strip("<>").partition("@")[0]
            for line in self.kept.read_text().splitlines()
        )


@pytest.fixture
def post(tmp_path: Path) -> Generator[Post]:
    kept, port = tmp_path / "kept", free_port()
    kept.touch()
    with (
        Embedded(tmp_path / "data").use() as address,
        served(
            tmp_path / "data",
            "--port",
            str(free_port()),
            TRACKER_MAIL=f"smtp://127.0.0.1:{port}",
            TRACKER_MAIL_FROM="tracker@id.example",
            TRACKER_MAIL_HOUR="0",
            TRACKER_PUBLIC_URL="http://127.0.0.1:8000",
        ) as sender,
        Ledger(environment(connect_to(address, "tracker").conninfo(APP), pool=1)) as ledger,
        psycopg.connect(connect_to(address, "tracker").conninfo(OWNER), autocommit=True) as owner,
    ):
        words = (str(port), str(kept))
        server = Program(tmp_path / "mail", *words, module="tests.messages.durable_server")
        try:
            running = Post(sender, server, ledger, owner, kept)
            assert eventually(lambda: bool(running.rows("SELECT FROM message_progress")))
            yield running
        finally:
            server.kill()


def test_kills_at_both_ends_lose_no_message_and_make_none_twice(
    post: Post, record_property: Callable[[str, object], None]
) -> None:
    random = Random(7)  # noqa: S311  no secret
    for number in range(PEOPLE):
        post.join(f"kent-{number}", at_once=True, digest="none")
    for number in range(ROUNDS):
        for _ in range(REPORTS):
            published(post.ledger, reference=f"kent-{uuid4().hex}-2022")
        if number % 3 == 1:  # while it follows
            time.sleep(random.uniform(0, 1))
            post.sender.kill()
            post.sender.start()
        begun = len(post.kept.read_text())
        assert eventually(partial(post.is_longer, begun))
        time.sleep(random.uniform(0, ANSWER_SECONDS))
        victim = (post.sender, post.server)[number % 2]
        victim.kill()
        victim.start()
    post.sender.wait_until_ready()
    expected = ROUNDS * REPORTS * PEOPLE
    made = "SELECT count(*) FROM messages"
    assert eventually(lambda: post.rows(made) == [(expected,)])
    twins = sent_by_all(post)
    of_step = post.rows("SELECT recipient, cause FROM messages")
    assert len({*of_step}) == expected, "each person has one message of each report"
    assert twins, "no kill came between a mail and its answer"
    figures = f"{expected} messages, {ROUNDS} kills, {twins} sent again"
    record_property("figures", figures)


def test_kills_while_digests_are_made_and_sent_lose_none_and_make_none_twice(
    post: Post, record_property: Callable[[str, object], None]
) -> None:
    random = Random(11)  # noqa: S311  no secret
    published(post.ledger, reference="kent-digest-2022")
    for number in range(ROUNDS):
        for person in range(PEOPLE):
            post.join(f"kent-{number}-{person}", at_once=False, digest="daily")
        post.owner.execute("UPDATE message_progress SET digest_day = NULL")
        begun = len(post.kept.read_text())
        if number % 2:
            assert eventually(partial(post.is_longer, begun))
            time.sleep(random.uniform(0, ANSWER_SECONDS))
        else:  # while it makes them
            time.sleep(random.uniform(0, 1))
        post.sender.kill()
        post.sender.start()
    post.sender.wait_until_ready()
    expected = ROUNDS * PEOPLE
    made = "SELECT count(DISTINCT recipient), count(*) FROM messages WHERE kind = 'digest'"
    assert eventually(lambda: post.rows(made) == [(expected, expected)], 60), post.rows(made)
    twins = sent_by_all(post)
    record_property("figures", f"{expected} digests, {ROUNDS} kills, {twins} sent again")


def sent_by_all(post: Post) -> int:
    """Wait until every message was sent; return how many mails came again, under their own name."""
    assert eventually(post.is_all_sent, 60)
    mails = {str(mail) for (mail,) in post.rows("SELECT DISTINCT mail FROM messages")}
    came = post.came()
    assert {*came} == mails, "every mail came, and no other"
    twins = sum(came.values()) - len(came)
    assert twins <= ROUNDS, "a kill makes one twin at most"
    return twins
