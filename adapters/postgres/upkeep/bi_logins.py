"""Logins by which tools read the views of the reporting schema, each of one audience.

The walls are the privileges and row policies of the audience's role. The limits of a login spare
the service a query that was forgotten; a session can lift all but the number of connections.
"""

import re
import secrets
from enum import StrEnum
from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from domain.vocabulary.forces import FORCES
from domain.vocabulary.values import Code

CONNECTIONS = 5
STATEMENT_SECONDS = 30
IDLE_SECONDS = 300
PASSWORD_BYTES = 32
_NAME = re.compile(r"(?!tracker_|pg_)[a-z][a-z0-9_]{2,62}")
_SETTINGS: dict[LiteralString, str] = {
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    "search_path": "reporting",
}


class Audience(StrEnum):
    """Whose tool it is; each has a role of the database."""

    PUBLIC = "public"
    FORCE = "force"
    INSPECTORATE = "inspectorate"

    @property
    def role(self) -> str:
        """The role that its logins are members of."""
        return f"tracker_bi_{self}"


def make_login(conninfo: str, name: str, audience: Audience, force: Code | None) -> str:
    """Make a login of an audience, as the owner, and return its password, which is nowhere else.

    Raises ValueError if the name or the force will not do, or there is such a role.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            "A login is named by 3 to 63 small letters, digits and underscores, and begins with a"
            " letter, but not with tracker_ or pg_."
        )
    if (audience is Audience.FORCE) != (force in FORCES):
        raise ValueError("A login of the audience force, and no other, names a police force.")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    login = Identifier(name)
    with psycopg.connect(conninfo) as connection:
        if connection.execute("SELECT to_regrole(%s)", (name,)).fetchone() != (None,):
            raise ValueError(f"There is a role {name} already: remove it first.")
        # Hashed here, so that no log of the server has it.
        verifier = connection.pgconn.encrypt_password(
            password.encode(), name.encode(), b"scram-sha-256"
        )
        connection.execute(
            SQL("CREATE ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(
                login, Literal(verifier.decode()), Literal(CONNECTIONS)
            )
        )
        for setting, value in _SETTINGS.items():
            connection.execute(
                SQL("ALTER ROLE {} SET {} = {}").format(login, SQL(setting), Literal(value))
            )
        connection.execute(SQL("GRANT {} TO {}").format(Identifier(audience.role), login))
        connection.execute("DELETE FROM bi_logins WHERE login = %s", (name,))
        if force is not None:
            connection.execute("INSERT INTO bi_logins VALUES (%s, %s)", (name, force))
    return password


def remove_login(conninfo: str, name: str) -> bool:
    """Remove a login that `make_login` made, as the owner; return False if there is none.

    Sessions that are open go on until they end.
    """
    with psycopg.connect(conninfo) as connection:
        is_ours = connection.execute(
            "SELECT FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member AND m.rolname = %s"
            " JOIN pg_roles r ON r.oid = a.roleid AND r.rolname LIKE 'tracker\\_bi\\_%%'",
            (name,),
        ).fetchone()
        if is_ours is None:
            return False
        connection.execute(SQL("DROP ROLE {}").format(Identifier(name)))
        connection.execute("DELETE FROM bi_logins WHERE login = %s", (name,))
    return True
