"""kill -9 of the sender and the mail server: nothing is lost, and a twin has one Message-ID."""

import time
from collections import Counter
from collections.abc import Callable
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


def test_kills_at_both_ends_lose_no_message_and_make_none_twice(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    random, kept, port = Random(7), tmp_path / "kept", free_port()  # noqa: S311  no secret
    kept.touch()
    with (
        Embedded(tmp_path / "data").use() as address,
        served(
            tmp_path / "data",
            "--port",
            str(free_port()),
            TRACKER_MAIL=f"smtp://127.0.0.1:{port}",
            TRACKER_MAIL_FROM="tracker@id.example",
            TRACKER_PUBLIC_URL="http://127.0.0.1:8000",
        ) as sender,
        Ledger(environment(connect_to(address, "tracker").conninfo(APP), pool=1)) as ledger,
        psycopg.connect(connect_to(address, "tracker").conninfo(OWNER), autocommit=True) as owner,
    ):
        words = (str(port), str(kept))
        server = Program(tmp_path / "mail", *words, module="tests.messages.durable_server")
        try:
            for number in range(PEOPLE):
                owner.execute(
                    "INSERT INTO people VALUES (%(n)s, 'a', %(n)s, NULL, 'force', 'kent', now())",
                    {"n": f"kent-{number}"},
                )
                owner.execute(
                    "INSERT INTO message_recipients (actor, address, at_once, confirmed_at)"
                    " VALUES (%s, %s, true, now())",
                    (f"kent-{number}", f"{number}@kent.example"),
                )
            assert eventually(lambda: bool(rows_of(owner, "SELECT FROM message_progress")))
            for number in range(ROUNDS):
                for _ in range(REPORTS):
                    published(ledger, reference=f"kent-{uuid4().hex}-2022")
                if number % 3 == 1:  # while it follows
                    time.sleep(random.uniform(0, 1))
                    sender.kill()
                    sender.start()
                begun = len(kept.read_text())
                assert eventually(partial(_is_longer, owner, kept, begun))
                time.sleep(random.uniform(0, ANSWER_SECONDS))
                victim = (sender, server)[number % 2]
                victim.kill()
                victim.start()
            sender.wait_until_ready()
            expected = ROUNDS * REPORTS * PEOPLE
            made = "SELECT count(*) FROM messages"
            assert eventually(lambda: rows_of(owner, made) == [(expected,)])
            assert eventually(partial(_are_sent, owner))
            mails = {str(mail) for (mail,) in rows_of(owner, "SELECT DISTINCT mail FROM messages")}
            of_step = rows_of(owner, "SELECT recipient, cause FROM messages")
        finally:
            server.kill()
    assert len({*of_step}) == expected, "each person has one message of each report"
    came = Counter(
        line.split()[0].strip("<>").partition("@")[0] for line in kept.read_text().splitlines()
    )
    assert {*came} == mails, "every mail came, and no other"
    twins = sum(came.values()) - len(came)
    assert twins, "no kill came between a mail and its answer"
    assert twins <= ROUNDS, "a kill makes one twin at most"
    figures = f"{expected} messages in {len(came)} mails, {ROUNDS} kills, {twins} sent again"
    record_property("figures", figures)


def _are_sent(owner: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Have what waits sent now; return whether nothing does."""
    left = "UPDATE messages SET next_at = now() WHERE state <> 'sent' RETURNING 1"
    return not rows_of(owner, left)


def _is_longer(owner: psycopg.Connection[tuple[object, ...]], kept: Path, length: int) -> bool:
    """Have what waits sent now; return whether a mail came since."""
    _are_sent(owner)
    return len(kept.read_text()) > length


def rows_of(owner: psycopg.Connection[tuple[object, ...]], query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    return owner.execute(query.encode()).fetchall()
