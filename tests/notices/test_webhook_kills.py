"""kill -9 of the sender and the receiver of webhooks: each notice arrives, in order, by its id."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx
import pytest

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP
from adapters.postgres.embedded import Embedded
from tests.conftest import connect_to
from tests.notices.durable_receiver import PAUSE_SECONDS
from tests.support.data.examples import INSPECTOR, published
from tests.support.served.program import Program, eventually, free_port, served
from tests.support.served.serving import token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

ROUNDS = 6
REPORTS = 5
"""Reports of a round, each of two steps."""


def test_kills_at_both_ends_lose_no_notice_and_put_none_out_of_order(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    random, kept, port = Random(5), tmp_path / "kept", free_port()  # noqa: S311  no secret
    kept.touch()
    with (
        Embedded(tmp_path / "data").use() as address,
        served(
            tmp_path / "data", "--port", str(free_port()), TRACKER_WEBHOOKS="loopback"
        ) as sender,
        Ledger(environment(connect_to(address, "tracker").conninfo(APP), pool=1)) as ledger,
    ):
        words = (str(port), str(kept))
        receiver = Program(tmp_path / "hook", *words, module="tests.notices.durable_receiver")
        try:
            token = token_of(connect_to(address, "tracker"), INSPECTOR)
            made = httpx.post(
                f"{sender.url}/v1/subscriptions",
                json={"url": f"http://127.0.0.1:{port}/"},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert made.status_code == 201, made.text
            before = ledger.head()
            for number in range(ROUNDS):
                for _ in range(REPORTS):
                    published(ledger, reference=f"kent-{uuid4().hex}-2022")
                begun = len(positions_in(kept)) + 1
                assert eventually(partial(_has_more_than, kept, begun))
                time.sleep(random.uniform(0, 2 * PAUSE_SECONDS))  # while a notice is under way
                victim = (sender, receiver)[number % 2]
                victim.kill()
                victim.start()
            sender.wait_until_ready()
            expected = list(range(before + 1, ledger.head() + 1))
            assert eventually(lambda: positions_in(kept)[-1:] == expected[-1:])
        finally:
            receiver.kill()
    assert positions_in(kept) == expected
    again = len(kept.read_text().splitlines()) - len(expected)
    assert again, "no kill came between a notice and its answer"
    record_property("figures", f"{len(expected)} notices, {ROUNDS} kills, {again} sent again")


def positions_in(kept: Path) -> list[int]:
    """Return the positions of what came, in that order; what came again counts once, by its id."""
    came: dict[str, int] = {}
    for line in kept.read_text().splitlines():
        identity, position = line.split()
        came.setdefault(identity, int(position))
    return list(came.values())


def _has_more_than(kept: Path, number: int) -> bool:
    return len(positions_in(kept)) > number
