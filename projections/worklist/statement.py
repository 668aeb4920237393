"""The SQL of the worklist: its rows, conditions and orders."""

from collections.abc import Mapping
from datetime import date
from typing import LiteralString, TypeAlias

from domain.recommendation.worklist import OF_OTHERS, SOON_DAYS, Work
from domain.vocabulary.dates import day_of
from projections.register.model import Register
from projections.search.question import MATCHES, text_query
from projections.worklist.filter import Share, WorklistFilter
from projections.worklist.model import Worklist

Place: TypeAlias = Mapping[str, object]
"""The parts of a place in an order, by column; empty for the beginning."""

ROW: tuple[LiteralString, ...] = (
    "work", "stream", "reference", "force", "waiting_since", "window_to", "clock", "due",
    "assignee", "kind", "band", "day", "owed",
)  # fmt: skip
"""The columns of a row of work."""
_URGENCY: tuple[LiteralString, ...] = ("band", "day", "reference", "kind", "clock")
_BY_MOVE: tuple[LiteralString, ...] = ("owed", *_URGENCY)
ORDERS: dict[str | None, tuple[LiteralString, ...]] = {
    None: _URGENCY,
    "urgency": _URGENCY,
    "next_by": _BY_MOVE,
    "work": ("work", *_URGENCY),
    "force": ("force", *_URGENCY),
    "reference": ("reference", "band", "day", "kind", "clock"),
}
_SHOWN: LiteralString = "(shows_from IS NULL OR shows_from <= %(on)s + %(soon)s)"
_OWN: LiteralString = (
    "(force = ANY(%(forces)s) OR assignee = %(actor)s)"
    " AND (proposer IS NULL OR proposer <> %(actor)s)"
)
_PROPOSED: LiteralString = "proposer <> %(actor)s AND force <> ALL(%(forces)s) AND assignee IS NULL"
"""Closures that others proposed and left to any inspector: an index has all proposals."""
_OPEN: LiteralString = (
    "stream NOT IN (SELECT stream FROM " + Register.schema + ".standing WHERE stage = 'closed' AND "
)
"""At recommendations that are not closed, in the register of the same day, moment and force."""
_OF_CLOCKS: LiteralString = (
    "(clock = ANY(%(clocks)s)"
    " OR (work IN ('revise_plan', 'new_plan') AND 'action_plan' = ANY(%(clocks)s)))"
)
_NEW: LiteralString = (
    "(known_from > %(new_since)s"
    " OR (shows_from > %(since_day)s + %(soon)s AND shows_from <= %(on)s + %(soon)s)"
    " OR (shows_from > %(since_day)s AND shows_from <= %(on)s))"
)
"""Recorded since, or due soon or overdue since although nothing was recorded."""
_FOR_INSPECTORS: LiteralString = "shows_from IS NULL AND work <> ALL(%(of_others)s)"
"""Work of inspectors, which shows at once: an index has what is so."""
_OWED: LiteralString = "work = ANY(%(of_others)s)"
_WORDED: LiteralString = (
    "SELECT stream FROM "
    + (Register.schema + ".standing JOIN " + Register.schema + ".wording w ON w.id = text_id")
    + " WHERE w.search @@ "
    + MATCHES
    + " AND "
)
"""The recommendations whose texts or topics have the words, as in the register."""
_WORK: LiteralString = "CASE WHEN shows_from > %(on)s THEN 'due_soon' ELSE work END"
_BY_NOW: LiteralString = " AND work = %(work)s AND (shows_from IS NULL OR shows_from <= %(on)s)"
_OF_KIND: dict[Work | None, LiteralString] = {
    None: "",
    Work.DUE_SOON: " AND shows_from > %(on)s",
}
"""The rows of one kind of work; `_BY_NOW` is for any other."""
_FAR = 2
_SOON: LiteralString = "due <= %(on)s + %(soon)s"
_LISTED: LiteralString = (
    "SELECT " + _WORK + " AS work, stream, reference, force, waiting_since, window_to, clock, due,"
    " assignee, work AS kind,"
    " CASE WHEN due < %(on)s THEN 0 WHEN " + _SOON + " THEN 1 ELSE 2 END AS band,"
    " CASE WHEN " + _SOON + " THEN due ELSE waiting_day END AS day,"
    " CASE WHEN " + _OWED + " THEN 1 ELSE 0 END AS owed"
    " FROM " + Worklist.schema + ".item i WHERE "
)
"""The rows of work; band 0 is overdue, band 1 falls due soon, and of band 2 no day is near.

`owed` is 1 of what waits for others than inspectors.
"""
_AFTER: dict[LiteralString, LiteralString] = {
    "band": "%(after_band)s::integer",
    "day": "%(after_day)s::date",
    "reference": "%(after_reference)s",
    "kind": "%(after_kind)s",
    "clock": "%(after_clock)s",
    "work": "%(after_work)s",
    "force": "%(after_force)s",
}
"""The parts of a place."""


def page_statement(filters: WorklistFilter, share: Share | None, place: Place) -> LiteralString:
    """Return the SQL of the position and the rows after a place."""
    order = ORDERS[filters.order]
    chosen: LiteralString = _where(filters, share) + _OF_KIND.get(filters.work, _BY_NOW)
    listed: LiteralString
    if order is _URGENCY:
        listed = _urgent(chosen, share, place)
    elif order is _BY_MOVE:
        listed = _by_move(chosen, share, place)
    else:
        listed = _sorted(chosen, order, place)
    return (
        "SELECT p.notification_id, s.* FROM "
        + Worklist.tracking
        + " p LEFT JOIN LATERAL ("
        + listed
        + " ORDER BY "
        + ", ".join(order)
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY s." + ", s.".join(order)
    )


def open_statement(filters: WorklistFilter) -> LiteralString:
    """Return the SQL of the most urgent rows at recommendations that are not closed.

    Each has the count of all of them: whoever counts them reads them all, so it is done once.
    """
    chosen: LiteralString = _where(filters, None) + _OF_KIND.get(filters.work, _BY_NOW)
    still_open: LiteralString = _OPEN + filters.as_of + " AND " + filters.of_force + ")"
    return (
        "SELECT count(*) OVER ()::integer, w.* FROM ("
        + (_LISTED + chosen + " AND " + still_open)
        + ") w ORDER BY "
        + ", ".join(_URGENCY)
        + " LIMIT %(limit)s"
    )


def counts_statement(filters: WorklistFilter, share: Share | None) -> LiteralString:
    """Return the SQL of how much work of each kind a filter lists, whatever its own kind."""
    table: LiteralString = Worklist.schema + ".item"
    where = _where(filters, share)
    return "SELECT " + _WORK + ", count(*) FROM " + table + " WHERE " + where + " GROUP BY 1"


def forces_statement(filters: WorklistFilter) -> LiteralString:
    """Return the SQL of how much a filter lists of each force, that of training apart."""
    chosen: LiteralString = _where(filters, None) + _OF_KIND.get(filters.work, _BY_NOW)
    table: LiteralString = Worklist.schema + ".item"
    return "SELECT force, count(*) FROM " + table + " WHERE " + chosen + " GROUP BY force"


def parameters(
    filters: WorklistFilter, today: date, share: Share | None, place: Place
) -> dict[str, object]:
    """Return the parameters of both statements."""
    return {
        **filters.as_of_parameters(today),
        **{f"after_{name}": part for name, part in place.items()},
        "soon": SOON_DAYS,
        "work": filters.work,
        "force": filters.force,
        "actor": share.actor if share else None,
        "forces": [*share.forces] if share else [],
        "clocks": [*(share.clocks or ())] if share else [],
        "of_others": sorted(OF_OTHERS),
        "new_since": filters.new_since,
        "q": text_query(filters.q or ""),
        "since_day": day_of(filters.new_since) if filters.new_since else None,
        "limit": filters.rows_max,
        "offset": filters.offset,
        "through": filters.offset + filters.rows_max,
    }


def place_of(filters: WorklistFilter, after: str | None) -> Place:
    """Return the parts of a `next` by column; of none that could be made, the beginning."""
    order = ORDERS[filters.order]
    if after is None:
        return {}
    parts = dict(zip(order, [*after.split(" "), *("" for _ in order)], strict=False))
    try:
        numbers: dict[str, object] = {
            name: int(parts[name]) for name in ("owed", "band") if name in order
        }
        return {**parts, **numbers, "day": date.fromisoformat(parts["day"])}
    except ValueError:
        return {}


def _where(filters: WorklistFilter, share: Share | None) -> LiteralString:
    where: list[LiteralString] = [filters.as_of]
    if share is None or share.proposed or filters.force is not None or filters.training:
        where.append(filters.of_force)
    if share is not None:
        where.append(_PROPOSED if share.proposed else _OWN)
    where.append(_SHOWN if share is None or share.clocks is None else _OF_CLOCKS)
    if filters.for_inspectors is not None:
        where.append(_FOR_INSPECTORS if filters.for_inspectors else _OWED)
    if filters.new_since is not None:
        where.append(_NEW)
    if filters.q is not None:
        where.append("stream IN (" + _WORDED + filters.as_of + ")")
    return " AND ".join(where)


def _urgent(chosen: LiteralString, share: Share | None, place: Place) -> LiteralString:
    """Return the SQL of the most urgent rows: each part is read in the order of an index."""
    near: LiteralString = _LISTED + chosen + " AND " + _SOON
    far: LiteralString = _LISTED + chosen + " AND (due IS NULL OR due > %(on)s + %(soon)s)"
    if share is None or share.clocks is None:
        far += " AND shows_from IS NULL"
    after: LiteralString = (
        "reference, i.work, clock) > (%(after_day)s::date, %(after_reference)s, %(after_kind)s,"
        " %(after_clock)s)"
    )
    if place.get("band") == _FAR:
        near += " AND false"
        far += " AND (waiting_day, " + after
    elif place:
        near += " AND (due, " + after
    order: LiteralString = ", i.reference, i.work, i.clock LIMIT %(through)s"
    return (
        "SELECT * FROM (("
        + near
        + " ORDER BY i.due"
        + order
        + ") UNION ALL ("
        + far
        + " ORDER BY i.waiting_day"
        + order
        + ")) w"
    )


def _by_move(chosen: LiteralString, share: Share | None, place: Place) -> LiteralString:
    """Return the SQL of what waits for inspectors, then of the rest, each the most urgent first."""
    own: LiteralString = "false" if place.get("owed") else chosen + " AND " + _FOR_INSPECTORS
    rest: Place = place if place.get("owed") else {}
    return (
        "SELECT * FROM (("
        + _urgent(own, share, {} if place.get("owed") else place)
        + ") UNION ALL ("
        + _urgent(chosen + " AND " + _OWED, share, rest)
        + ")) v"
    )


def _sorted(chosen: LiteralString, order: tuple[LiteralString, ...], place: Place) -> LiteralString:
    """Return the SQL of the rows in another order, which sorts all but by reference."""
    columns: LiteralString = ", ".join(order)
    after: LiteralString = ", ".join(_AFTER[name] for name in order)
    if place and order[0] == "reference":
        chosen += " AND reference >= " + _AFTER["reference"]  # where its index begins
    beyond: LiteralString = " WHERE (" + columns + ") > (" + after + ")" if place else ""
    return "SELECT * FROM (" + _LISTED + chosen + ") w" + beyond
