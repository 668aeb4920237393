"""The eventsourcing library's own recorder tests, unchanged, on our recorder."""

from collections.abc import Generator

import pytest
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.tests.persistence import ApplicationRecorderTestCase
from eventsourcing.utils import Environment

from adapters.ledger.recorder import LedgerFactory, environment
from adapters.postgres.database import APP, Database


class TestLedgerRecorder(ApplicationRecorderTestCase):
    """Inherits every test; a fresh database for each."""

    datastore: PostgresDatastore

    @pytest.fixture(autouse=True)
    def _fresh(self, database: Database) -> Generator[None]:
        env = environment(database.conninfo(APP), pool=10)
        factory = LedgerFactory(Environment("ledger", {**env, "CREATE_TABLE": "no"}))
        self.factory = factory
        yield
        factory.close()

    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


del ApplicationRecorderTestCase
