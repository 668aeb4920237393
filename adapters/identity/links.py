"""One-time sign-in links, for a service without an identity provider."""

from collections.abc import Callable
from datetime import datetime

import psycopg

from adapters.clock import now
from adapters.identity.pending_sign_ins import LIFE
from adapters.identity.sessions import new_secret
from adapters.identity.token_format import hash_of
from domain.access.sign_in import check_person, checked_name
from domain.vocabulary.actors import Actor, Role

LINK_PREFIX = "rsl_"


def make_link(
    owner_conninfo: str,
    actor: Actor,
    clock: Callable[[], datetime] = now,
    name: str | None = None,
) -> str:
    """Make a one-time link for an actor; return its code, which is shown only once.

    Colleagues see the person by the name, if it is given.

    Expired links are removed. Raises ValueError, in words, if there cannot be such a link.
    """
    check_person(actor)
    shown = None if name is None else checked_name(name)
    code, at = LINK_PREFIX + new_secret(), clock()
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("DELETE FROM sign_in_links WHERE ends_at <= %s", (at,))
        connection.execute(
            "INSERT INTO sign_in_links (sha256, actor, role, force, name, ends_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (hash_of(code), actor.id, actor.role, actor.force, shown, at + LIFE),
        )
    return code


def default_actor(role: Role) -> str:
    """Return the actor of a link that names none."""
    return f"local-{role}".replace("_", "-")
