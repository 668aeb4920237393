"""A row about digests: those of all people, made at once in the morning."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg

from adapters.messages.outbox import Recipient, make_digest
from adapters.postgres.database import OWNER, PROJECTOR
from deploy.bench.rows.registry import row
from deploy.bench.world import Site, World
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.forces import FORCES
from projections.worklist.digests import digests

INSPECTORS = 17
"""With one person of each force that is sixty people; the forces are divided among inspectors."""


@row("digests", "seconds to make the digests of sixty people", 10, at_most=True)
def _(world: World) -> float:
    return made_in(world.full)


def made_in(site: Site) -> float:
    """Return the seconds in which all digests are made and put into the outbox, and undone."""
    site.read_models()
    codes, at = sorted(FORCES), datetime.now(UTC)
    leads = [f"bench-lead-{n}" for n in range(INSPECTORS)]
    people = [Actor(f"bench-{code}", Role.FORCE, code) for code in codes]
    people += [Actor(lead, Role.INSPECTOR) for lead in leads]
    with psycopg.connect(site.database.conninfo(OWNER)) as owner:
        for number, code in enumerate(codes):
            lead = leads[number % INSPECTORS]
            owner.execute(
                "INSERT INTO force_leads (force, lead, by, at) VALUES (%s, %s, %s, now())",
                (code, lead, lead),
            )
        recipients = [_recipient(person, at) for person in people]
        for recipient in recipients:
            owner.execute(
                "INSERT INTO message_recipients (id, actor, address, digest)"
                " VALUES (%s, %s, 'a@example.org', 'daily') ON CONFLICT DO NOTHING",
                (recipient.id, f"bench-{recipient.id}"),
            )
    with psycopg.connect(site.database.conninfo(PROJECTOR)) as connection:
        began = time.perf_counter()
        made = digests(connection, recipients, [], at)
        for identity, digest in made.items():
            make_digest(connection, identity, at.date().isoformat(), digest, at)
        seconds = time.perf_counter() - began
        connection.rollback()
    assert len(made) > len(codes) // 2  # noqa: S101  else nothing was measured
    return seconds


def _recipient(person: Actor, at: datetime) -> Recipient:
    return Recipient(
        id=uuid4(),
        address="a@example.org",
        actor=person,
        force=None,
        area=None,
        unsubscribe=uuid4(),
        confirmed=True,
        at_once=True,
        digest="daily",
        stopped=False,
        active=True,
        digested_at=at - timedelta(days=1),
    )
