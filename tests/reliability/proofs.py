"""What must hold after any fault."""

import threading
import time
from collections import Counter

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import environment
from adapters.ledger.subscription import BatchSubscription
from adapters.postgres.database import CHECKER, Database
from deploy.bench.world import lags
from domain.events.recommendation import Commented
from projections.read_models import READ_MODELS
from projections.runtime.rebuild import rebuild
from tests.reliability.workload import FIRST_STEP, Workload
from tests.support.served.program import SECONDS, eventually


class Reader(threading.Thread):
    """Tails the ledger by a subscription, whatever happens to the database."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.seen: list[StoredRow] = []
        subscription = ledger.rows.subscribe(gt=0)
        assert isinstance(subscription, BatchSubscription)
        self._subscription = subscription

    def run(self) -> None:
        with self._subscription:
            for rows in self._subscription.batches():
                self.seen += rows

    def stop_at(self, position: int) -> None:
        until = time.monotonic() + SECONDS
        while not self.seen or self.seen[-1][4] < position:
            assert time.monotonic() < until
            time.sleep(0.05)
        self._subscription.stop()
        self.join()


def assert_recorded_once(database: Database, workload: Workload) -> None:
    """Assert that the ledger holds each answered append once, and is without fault."""
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
        assert checker.faults == []
        comments = [e for e in ledger.page(0, 1_000_000) if isinstance(e.event, Commented)]
        notes = ledger.notes([entry.id for entry in comments])
    keys = [notes[entry.id]["comment"] for entry in comments]
    assert len(set(keys)) == len(keys), "an append was recorded twice"
    recorded = Counter(str(entry.stream) for entry in comments)
    workload.read_at_the_end({stream: FIRST_STEP + count for stream, count in recorded.items()})
    assert workload.not_linearizable() == []


def assert_lists_are_right(database: Database) -> None:
    """Assert that each read model, as it was kept all along, equals a rebuild."""
    assert eventually(lambda: not lags(database, READ_MODELS), SECONDS), "lists catch up"
    for model in READ_MODELS:
        rebuilt = rebuild(database, model, on_progress=lambda _done, _of: None, swap=False)
        assert rebuilt.compared
        assert (rebuilt.only_live, rebuilt.only_new) == (0, 0), model.name
