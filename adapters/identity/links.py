"""One-time sign-in links, for a service without an identity provider."""

from collections.abc import Callable
from datetime import datetime

import msgspec
import psycopg

from adapters.clock import now
from adapters.identity.pending_sign_ins import LIFE
from adapters.identity.sessions import hash_of, new_secret
from domain.access.sign_in import check_role
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import ActorId

LINK_PREFIX = "rsl_"


def make_link(owner_conninfo: str, actor: Actor, clock: Callable[[], datetime] = now) -> str:
    """Make a one-time link for somebody; give its code, which is shown this once.

    Raises ValueError in words if there cannot be such a link. Those that ended are removed.
    """
    check_role(actor.role, actor.force)
    try:
        msgspec.convert(actor.id, ActorId)
    except msgspec.ValidationError:
        raise ValueError(
            f"{actor.id!r} is no actor: lower-case letters, digits and : . _ - between them."
        ) from None
    code, at = LINK_PREFIX + new_secret(), clock()
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("DELETE FROM sign_in_links WHERE ends_at <= %s", (at,))
        connection.execute(
            "INSERT INTO sign_in_links (sha256, actor, role, force, ends_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (hash_of(code), actor.id, actor.role, actor.force, at + LIFE),
        )
    return code


def actor_of(role: Role) -> str:
    """The actor of a link that names none."""
    return f"local-{role}".replace("_", "-")
