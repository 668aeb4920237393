"""The grants that belong to a database or to a server, which a dump does not hold.

Migrations make them once. They are made again where they are missing: in a copy under another name,
or on another server.
"""

from typing import LiteralString

import psycopg
import structlog

log = structlog.get_logger()

_ARE_THERE: LiteralString = """
    SELECT count(*) FILTER (
               WHERE has_database_privilege(oid, current_database(), 'CONNECT')
                 AND (rolname <> 'tracker_projector'
                      OR has_database_privilege(oid, current_database(), 'CREATE'))) = 8
       AND NOT has_database_privilege('public', current_database(), 'CONNECT')
      FROM pg_roles
     WHERE rolname IN ('tracker_app', 'tracker_reader', 'tracker_projector', 'tracker_checker',
                       'tracker_operator', 'tracker_bi_public', 'tracker_bi_force',
                       'tracker_bi_inspectorate')
"""
_GRANT: LiteralString = """
    DO $$
    BEGIN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO tracker_app, tracker_reader,'
                       ' tracker_projector, tracker_checker, tracker_operator, tracker_bi_public,'
                       ' tracker_bi_force, tracker_bi_inspectorate', current_database());
        EXECUTE format('GRANT CREATE ON DATABASE %I TO tracker_projector', current_database());
    END $$
"""
_ARE_RESTORED: LiteralString = (
    "SELECT bool_and(has_table_privilege(oid, 'public.schema_migrations', 'SELECT')"
    " OR has_schema_privilege(oid, 'reporting', 'USAGE'))"
    " AND count(*) = 8 FROM pg_roles WHERE rolname IN ("
    "'tracker_app', 'tracker_reader', 'tracker_projector', 'tracker_checker', 'tracker_operator',"
    " 'tracker_bi_public', 'tracker_bi_force', 'tracker_bi_inspectorate')"
)


class GrantsMissing(Exception):  # noqa: N818  says what is the matter
    """The tables were restored without their privileges. Says what to do."""


def ensure_grants(connection: psycopg.Connection) -> None:
    """Make the grants of the database again, as its owner, if any is missing.

    Raises GrantsMissing if those of its tables are gone too: a dump holds them, but cannot restore
    them for roles that are not there.
    """
    if connection.execute(_ARE_THERE).fetchone() == (True,):
        return
    if connection.execute(_ARE_RESTORED).fetchone() != (True,):
        raise GrantsMissing(
            "The tables were restored without their privileges, since the roles were not there, or "
            "pg_restore was told to leave them out (--no-acl). Make the roles first, with "
            "deploy/logins.sql or `pg_dumpall --roles-only`, and restore into an empty database."
        )
    connection.execute(_GRANT)
    log.info("grants_made", database=connection.info.dbname)
