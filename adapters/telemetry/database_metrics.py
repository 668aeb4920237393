"""Metrics that the database knows, read from the views for operators at each scrape."""

from collections.abc import Iterator, Mapping
from typing import LiteralString

import psycopg
import structlog
from msgspec import Struct
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg.rows import TupleRow

from adapters.postgres.database import OPERATOR, Database
from adapters.postgres.limits import connect

SECONDS_MAX = 2
"""How long a scrape waits for a connection, and for each query."""

log = structlog.get_logger()


class _Family(Struct, frozen=True):
    """A metric, its query and the columns that label its last column, the value."""

    name: str
    help: str
    query: LiteralString
    labels: tuple[str, ...] = ()


_FAMILIES = (
    _Family(
        "tracker_ledger_position",
        "Position of the last entry of the ledger.",
        "SELECT coalesce(max(head), 0) FROM operator.ledger",
    ),
    _Family(
        "tracker_ledger_last_entry_timestamp_seconds",
        "When the last entry of the ledger was made, in seconds since 1970.",
        "SELECT extract(epoch FROM last_entry_at) FROM operator.ledger",
    ),
    _Family(
        "tracker_read_model_lag_entries",
        "Entries of the ledger that a read model has not applied.",
        "SELECT l.name, lag FROM operator.read_models m"
        " JOIN unnest(%(names)s::text[], %(schemas)s::text[]) AS l (name, place) ON place = m.name",
        ("read_model",),
    ),
    _Family(
        "tracker_read_model_lag_seconds",
        "Age of the oldest entry that a read model has not applied; 0 without one.",
        "SELECT l.name, extract(epoch FROM coalesce(waiting, interval '0'))"
        " FROM operator.read_models m"
        " JOIN unnest(%(names)s::text[], %(schemas)s::text[]) AS l (name, place) ON place = m.name",
        ("read_model",),
    ),
    _Family(
        "tracker_table_bytes",
        "Size of a table with its indexes and large values.",
        "SELECT table_schema || '.' || table_name, bytes FROM operator.sizes",
        ("table",),
    ),
    _Family(
        "tracker_sessions",
        "Sessions of people, by role.",
        "SELECT role, sum(sessions) FROM operator.sessions GROUP BY 1",
        ("role",),
    ),
    _Family(
        "tracker_tokens",
        "Valid tokens, by role.",
        "SELECT role, tokens FROM operator.tokens",
        ("role",),
    ),
    _Family(
        "tracker_tokens_expiring",
        "Valid tokens that expire within 14 days.",
        "SELECT coalesce(sum(expiring), 0) FROM operator.tokens",
    ),
    _Family(
        "tracker_database_connections",
        "Connections to the database, by application and state.",
        "SELECT application_name, state, connections FROM operator.connections",
        ("application", "state"),
    ),
    _Family(
        "tracker_database_oldest_transaction_seconds",
        "Age of the oldest open transaction.",
        "SELECT extract(epoch FROM coalesce(max(oldest_transaction), interval '0'))"
        " FROM operator.connections",
    ),
    _Family(
        "tracker_database_lock_waits",
        "Connections that wait for a lock.",
        "SELECT count(*) FROM operator.waits",
    ),
    _Family(
        "tracker_archive_failing",
        "1 if the last attempt to archive write-ahead log failed.",
        "SELECT failing::integer FROM operator.archiver",
    ),
    _Family(
        "tracker_lineage_unconfirmed",
        "1 if the database was put back or copied, and no operator has confirmed it.",
        "SELECT unconfirmed::integer FROM operator.lineage",
    ),
    _Family(
        "tracker_webhooks",
        "Subscriptions to notices, by state: active, failing or paused.",
        "SELECT state, subscriptions FROM operator.subscriptions",
        ("state",),
    ),
    _Family(
        "tracker_messages",
        "Messages by mail of the last 90 days, by kind and state.",
        "SELECT kind, state, messages FROM operator.messages",
        ("kind", "state"),
    ),
    _Family(
        "tracker_messages_late_seconds",
        "How long the first message that should have been sent has waited.",
        "SELECT extract(epoch FROM coalesce(max(late), interval '0')) FROM operator.messages",
    ),
    _Family(
        "tracker_schema_step",
        "Number of the last step of the schema.",
        "SELECT max(number) FROM operator.schema_steps",
    ),
)


class DatabaseMetrics(Collector):
    """Collects the metrics of a database; without an answer only that it is down."""

    def __init__(self, database: Database, lists: Mapping[str, str]) -> None:
        """`lists` are the schemas of this program's read models, by name.

        Those of other versions are left out: they may stay behind until they are dropped.
        """
        self._conninfo = database.conninfo(OPERATOR)
        self._lists = {"names": list(lists), "schemas": list(lists.values())}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each metric as it is now."""
        families: list[GaugeMetricFamily] = []
        try:
            with connect(
                self._conninfo, limit=2 * SECONDS_MAX, connect_timeout=SECONDS_MAX
            ) as connection:
                connection.execute("SET statement_timeout = '2s'")
                families = [self._read(connection, family) for family in _FAMILIES]
        except psycopg.Error as error:
            log.warning("database_not_measured", error=type(error).__name__)
        up = bool(families)
        yield GaugeMetricFamily("tracker_database_up", "1 if the database answers.", value=up)
        yield from families

    def _read(self, connection: psycopg.Connection[TupleRow], family: _Family) -> GaugeMetricFamily:
        metric = GaugeMetricFamily(family.name, family.help, labels=family.labels)
        for row in connection.execute(family.query, self._lists):
            metric.add_metric([str(label) for label in row[:-1]], float(row[-1]))
        return metric
