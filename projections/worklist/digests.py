"""Digests of the worklist: what waits for each of many people, counted and picked by one query."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString, cast
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from adapters.messages.mail import AboutDigest, DigestItem
from adapters.messages.outbox import Recipient
from adapters.sole_worker import Connection
from domain.access.inspections import waits_for
from domain.inspection.state import Inspection
from domain.recommendation.worklist import SOON_DAYS
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.values import Code
from projections.bitemporal import NOW
from projections.worklist.filter import CLOCKS_OF_ROLE, Share
from projections.worklist.model import Worklist

ITEMS_MAX = 10
"""The most urgent pieces of work that a digest names."""
RHYTHMS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
_LED: LiteralString = (
    "SELECT lead, force FROM (SELECT DISTINCT ON (force) force, lead FROM force_leads"
    " ORDER BY force, number DESC) l WHERE lead IS NOT NULL ORDER BY force"
)


class WantedDigest(Struct, frozen=True):
    """A person's share of the list, and since when what came into it is new."""

    actor: Actor
    share: Share
    since: datetime


_STATEMENT: LiteralString = (
    """
    WITH wanted AS (
        SELECT * FROM unnest(%(number)s::int[], %(actor)s::text[], %(by_clock)s::bool[],
                             %(since)s::timestamptz[], %(since_day)s::date[])
            AS w (number, actor, by_clock, since, since_day)
    ), forces AS (
        SELECT * FROM unnest(%(of)s::int[], %(force)s::text[]) AS f (number, force)
    ), clocks AS (
        SELECT * FROM unnest(%(for)s::int[], %(clock)s::text[]) AS c (number, clock)
    ), item AS MATERIALIZED (
        SELECT * FROM """
    + Worklist.schema
    + ".item WHERE "
    + NOW
    + """ AND (force = ANY(%(force)s) OR assignee = ANY(%(actor)s))
    ), theirs AS (
        SELECT w.number, i.* FROM wanted w JOIN forces f USING (number) JOIN item i USING (force)
         WHERE i.proposer IS NULL OR i.proposer <> w.actor
        UNION
        SELECT w.number, i.* FROM wanted w JOIN item i ON i.assignee = w.actor
    ), listed AS (
        SELECT t.*, CASE WHEN due < %(on)s THEN 0 WHEN due <= %(on)s + %(soon)s THEN 1 ELSE 2 END
                    AS band,
               known_from > w.since OR (shows_from > w.since_day + %(soon)s
                                            AND shows_from <= %(on)s + %(soon)s)
               OR (shows_from > w.since_day AND shows_from <= %(on)s) AS is_new,
               CASE WHEN shows_from > %(on)s THEN 'due_soon' ELSE work END AS shown
          FROM theirs t JOIN wanted w USING (number)
         WHERE CASE WHEN w.by_clock
                    THEN EXISTS (SELECT FROM clocks c WHERE c.number = t.number AND (
                         c.clock = t.clock OR (t.work IN ('revise_plan', 'new_plan')
                                               AND c.clock = 'action_plan')))
                    ELSE shows_from IS NULL OR shows_from <= %(on)s + %(soon)s END
    )
    SELECT number, shown, stream, reference, force, clock, due,
           count(*) FILTER (WHERE band = 0) OVER (PARTITION BY number),
           count(*) FILTER (WHERE band = 1) OVER (PARTITION BY number),
           count(*) FILTER (WHERE band = 2) OVER (PARTITION BY number),
           count(*) FILTER (WHERE is_new) OVER (PARTITION BY number),
           row_number() OVER (PARTITION BY number ORDER BY band, NOT is_new,
               CASE WHEN band < 2 THEN due ELSE waiting_day END, reference, work, clock)
      FROM listed
    """
)
_SQL: LiteralString = (
    "SELECT * FROM (" + _STATEMENT + ") AS d (number, shown, stream, reference,"
    " force, clock, due, overdue, soon, waiting, new, place)"
    " WHERE place <= %(items)s ORDER BY number, place"
)


def digests(
    db: Connection,
    recipients: Sequence[Recipient],
    inspections: Sequence[Inspection],
    at: datetime,
) -> dict[UUID, AboutDigest]:
    """Return the digests of those people for whom anything waits, by recipient.

    Of the inspections before publication, an inspector is told of those of the forces that they
    lead.

    Two queries for all of them. What is new is so since their last digest, or else by its rhythm.
    """
    people = [(recipient, recipient.actor) for recipient in recipients if recipient.actor]
    led: dict[str, list[Code]] = {}
    for lead, force in db.execute(_LED).fetchall():
        led.setdefault(lead, []).append(force)
    wanted = [
        WantedDigest(
            actor,
            _share_of(actor, led.get(actor.id, [])),
            recipient.digested_at or at - RHYTHMS[recipient.digest],
        )
        for recipient, actor in people
    ]
    made = zip(people, wanted, digests_of(db, wanted, day_of(at)), strict=True)
    digests: dict[UUID, AboutDigest] = {}
    for (recipient, _actor), want, digest in made:
        waiting = _inspections_for(want, inspections, day_of(at))
        if digest is not None or waiting:
            digests[recipient.id] = replace(digest or _nothing(want), inspections=waiting)
    return digests


def _inspections_for(want: WantedDigest, inspections: Sequence[Inspection], on: date) -> int:
    return sum(
        inspection.planned is not None
        and inspection.planned.addressee in want.share.forces
        and waits_for(want.actor, inspection, on)
        for inspection in inspections
    )


def _nothing(want: WantedDigest) -> AboutDigest:
    return AboutDigest(
        role=want.actor.role, force=want.actor.force, since=want.since,
        overdue=0, due=0, waiting=0, new=0, items=(),
    )  # fmt: skip


def _share_of(actor: Actor, led: Sequence[Code]) -> Share:
    if actor.role is Role.INSPECTOR:
        return Share(tuple(led), actor.id)
    forces = (actor.force,) if actor.force is not None else ()
    return Share(forces, clocks=CLOCKS_OF_ROLE.get(actor.role, ()))


def digests_of(
    db: Connection, wanted: Sequence[WantedDigest], today: date
) -> list[AboutDigest | None]:
    """Return the digest of each share in their order, None if nothing waits, by one query."""
    parameters = {
        "on": today,
        "soon": SOON_DAYS,
        "items": ITEMS_MAX,
        "number": [*range(len(wanted))],
        "actor": [w.share.actor for w in wanted],
        "by_clock": [w.share.clocks is not None for w in wanted],
        "since": [w.since for w in wanted],
        "since_day": [day_of(w.since) for w in wanted],
        "of": [n for n, w in enumerate(wanted) for _ in w.share.forces],
        "force": [force for w in wanted for force in w.share.forces],
        "for": [n for n, w in enumerate(wanted) for _ in w.share.clocks or ()],
        "clock": [clock for w in wanted for clock in w.share.clocks or ()],
    }
    rows: list[Any] = db.execute(_SQL, parameters).fetchall()
    items: list[list[DigestItem]] = [[] for _ in range(len(wanted))]
    counts: dict[int, tuple[int, int, int, int]] = {}
    for number, work, stream, reference, force, clock, due, *many, _place in rows:
        items[int(number)].append(DigestItem(work, reference, stream, force, due, clock or None))
        counts[number] = cast("tuple[int, int, int, int]", tuple(many))
    return [
        AboutDigest(
            role=w.actor.role,
            force=w.actor.force,
            since=w.since,
            overdue=counts[n][0],
            due=counts[n][1],
            waiting=counts[n][2],
            new=counts[n][3],
            items=tuple(items[n]),
        )
        if n in counts
        else None
        for n, w in enumerate(wanted)
    ]
