"""Making the views, and keeping them on the versions of the read models that are kept."""

import re

import psycopg
import structlog

from adapters.ledger.queries import published_up_to
from adapters.postgres.database import DEADLINE_SECONDS
from adapters.postgres.limits import connect
from projections.filters import EVERY_AUDIENCE
from projections.reporting.view import SIGNED_IN_AUDIENCES
from projections.reporting.views import READ, VIEWS
from projections.runtime.schemas import LOCK, Connection, exists

VERSION = 5
"""A number, raised with every change of the SQL of the views."""
SOURCES = f"{VERSION} " + " ".join(model.schema for model in READ)
"""The version of the views and the schemas that they read, as the database tells them."""

_CASES = " ".join(
    f"WHEN '{model.name}' THEN (SELECT max(notification_id) FROM {model.tracking})"
    for model in READ
)
_IS_SIGNED_IN = " OR ".join(
    f"pg_has_role(session_user, '{role}', 'USAGE')" for role in SIGNED_IN_AUDIENCES.split(", ")
)
# With the rights of the projector: no audience reads the ledger.
_POSITIONS = f"""
CREATE OR REPLACE FUNCTION reporting.position_v1(list text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $query$
    SELECT CASE WHEN {_IS_SIGNED_IN} THEN reached ELSE ({published_up_to("reached")}) END
      FROM (SELECT CASE list {_CASES} END AS reached) r
$query$;
COMMENT ON FUNCTION reporting.position_v1 IS
    'The position in the ledger that a list has reached; for the public, that of the last '
    'published entry up to it.';
CREATE OR REPLACE FUNCTION reporting.recorded_at_v1(list text) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $query$
    SELECT (convert_from(state, 'UTF8')::json ->> 'at')::timestamptz
      FROM ledger_events WHERE notification_id = reporting.position_v1(list)
$query$;
COMMENT ON FUNCTION reporting.recorded_at_v1 IS 'The moment of the entry at that position.';
CREATE OR REPLACE FUNCTION reporting.sources() RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $query$ SELECT '{SOURCES}' $query$;
COMMENT ON FUNCTION reporting.sources IS
    'The version of the views, and the schemas that they read.';
REVOKE ALL ON FUNCTION reporting.position_v1, reporting.recorded_at_v1, reporting.sources
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.position_v1, reporting.recorded_at_v1, reporting.sources
    TO {EVERY_AUDIENCE};
"""
SCRIPT = _POSITIONS + ";\n".join(made.sql for view in VIEWS for made in view.made)

DROPPED = ";\n".join(made.dropped for view in VIEWS for made in view.made)
"""The SQL that drops the views: PostgreSQL changes the columns of no function."""

_SOURCES = "SELECT to_regprocedure('reporting.sources()') IS NOT NULL"
_ARE_KEPT = (
    "SELECT NOT bool_and(pg_try_advisory_xact_lock("
    + LOCK
    + ", hashtext(name))) FROM unnest(%s::text[]) AS l (name)"
)
_ALONE = "SELECT pg_advisory_xact_lock(" + LOCK + ", hashtext('reporting'))"
_WAIT = "SET LOCAL lock_timeout = '1s'"
"""Others would wait behind a change of a view that waits for a query."""

log = structlog.get_logger()


def follow(conninfo: str) -> bool:
    """Make the views read the versions of this program; return whether they need no other look.

    They do not if a later version is kept by another process, or if lists are still missing.
    Errors of the database are logged.
    """
    try:
        with connect(conninfo, limit=DEADLINE_SECONDS) as connection, connection.transaction():
            return _follow(connection)
    except psycopg.Error as error:
        log.warning("reporting_views_not_made", error=type(error).__name__)
        return False


def _follow(connection: Connection) -> bool:
    made_of = _made_of(connection)
    if made_of == SOURCES:
        return True
    if not all(exists(connection, model.schema) for model in READ):
        return False
    if made_of and _versions(made_of) > _versions(SOURCES) and _is_kept(connection, made_of):
        return True
    connection.execute(_WAIT)
    connection.execute(_ALONE)
    if _made_of(connection) == SOURCES:  # another process was quicker
        return True
    if made_of and _versions(made_of)[0] != VERSION:
        connection.execute(DROPPED.encode())
    connection.execute(SCRIPT.encode())
    log.info("reporting_views_made", sources=SOURCES)
    return True


def _made_of(connection: Connection) -> str | None:
    if connection.execute(_SOURCES).fetchone() != (True,):
        return None
    row = connection.execute("SELECT reporting.sources()").fetchone()
    return str(row[0]) if row else None


def _versions(sources: str) -> list[int]:
    """Return the numbers in the sources: that of the views, and those of the read models."""
    return [int(number) for number in re.findall(r"\d+", sources)]


def _is_kept(connection: Connection, sources: str) -> bool:
    """Return whether any process keeps those read models: the schemas after the first word."""
    return connection.execute(_ARE_KEPT, (sources.split()[1:],)).fetchone() == (True,)
