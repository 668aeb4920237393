"""Claims that the work is done, and what became of each, by force."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import astuple
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.postgres.connection import LibpqConnection
from adapters.tables.whole import Whole, read_whole
from domain.history import State
from domain.recommendation.claims import Judgement
from domain.recommendation.state import Recommendation
from domain.vocabulary.values import Area, Code, Reference, When
from projections.bitemporal import TIMES, Cells, Table, columns_of
from projections.filters import ListFilter
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel


class ListedClaim(Struct, frozen=True, cache_hash=True):
    """One claim; without a judgement while it waits for one."""

    reference: Reference
    force: Code
    area: Area
    step: int
    claimed_on: When
    judgement: Judgement | None
    judged_on: When | None
    days: int | None
    """The days from claim to judgement; None also if either is not known to the day."""


class _ListedClaims(Struct, frozen=True, cache_hash=True):
    claimed: tuple[ListedClaim, ...]


COLUMNS = columns_of(ListedClaim)


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, _ListedClaims):
        yield from map(astuple, content.claimed)


CLAIM = Table("claim", COLUMNS, _rows)
CLAIMED_ON: LiteralString = "(CASE claimed_on WHEN 'unknown' THEN '' ELSE claimed_on END)"
"""The date of a claim, to sort downwards: a coarse date comes after every day in it."""


class ClaimsMade(ReadModel):
    """A read model with a row for each claim, as it was judged in a time."""

    name: ClassVar[LiteralString] = "claims"
    version: ClassVar[LiteralString] = "2"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE claim (" + TIMES + ""","""
        """
            reference text NOT NULL,
            force text NOT NULL,
            area text NOT NULL,
            step integer NOT NULL,
            claimed_on text NOT NULL,
            judgement text,
            judged_on text,
            days integer
        );
        COMMENT ON TABLE claim IS 'Claims of completion, and what became of each.';
        """
    )
    indexes: ClassVar[LiteralString] = f"""
        ALTER TABLE claim ADD PRIMARY KEY (stream, since, known_from, step);
        CREATE INDEX claim_in_order ON claim (reference, step);
        CREATE INDEX claim_force ON claim (force, reference, step);
        CREATE INDEX claim_newest ON claim ({CLAIMED_ON} DESC, reference, step);
        CREATE INDEX claim_oldest ON claim (claimed_on, reference, step);
    """
    compared = (("claim", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the claims of a recommendation; None if there are none."""
        if not isinstance(state, Recommendation) or state.issued is None or not state.claims:
            return None
        issued = state.issued
        return _ListedClaims(
            tuple(
                ListedClaim(
                    reference=issued.reference,
                    force=issued.addressee,
                    area=issued.area,
                    step=claim.step,
                    claimed_on=claim.on,
                    judgement=claim.judgement,
                    judged_on=claim.judged_on,
                    days=claim.days,
                )
                for claim in state.claims
            )
        )

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        CLAIM.write(wire, schema, changes)


# Reading it


ClaimsOrder = Literal["reference", "newest", "oldest", "force"]
_ORDER = "By reference, which is the default; the newest or the oldest claim first; or by force."


class ClaimsFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of claims; None does not restrict a field."""

    area: Annotated[Area, Meta(description="About that area.")] | None = None
    judgement: (
        Annotated[Judgement, Meta(description="Judged so, by the first judgement.")] | None
    ) = None
    waiting: Annotated[bool, Meta(description="Without a judgement, or with one.")] | None = None
    order: Annotated[ClaimsOrder, Meta(description=_ORDER)] | None = None


class ClaimItem(Struct, frozen=True):
    """One claim, with the id of its recommendation."""

    id: UUID
    claimed: ListedClaim


class ClaimsPage(Struct, frozen=True, kw_only=True):
    """One page of claims, in the filter's order, as of a ledger position.

    `next` is the reference and the step after which the next page begins, and what the order goes
    by before them, parted by spaces; the API answers it as a cursor.
    """

    items: tuple[ClaimItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


_CONDITIONS: dict[LiteralString, LiteralString] = {
    "area": "area = %(area)s",
    "judgement": "judgement = %(judgement)s",
}
_PLACE: LiteralString = "(reference, step) > (%(reference)s, %(step)s)"
_NEWEST: LiteralString = (
    CLAIMED_ON + " <= %(key)s AND (" + CLAIMED_ON + " < %(key)s OR " + _PLACE + ")"
)
_ORDERS: dict[str | None, tuple[LiteralString, LiteralString]] = {
    "newest": (CLAIMED_ON + " DESC, ", _NEWEST),
    "oldest": (
        "claimed_on, ",
        "(claimed_on, reference, step) > (%(key)s, %(reference)s, %(step)s)",
    ),
    "force": ("force, ", "(force, reference, step) > (%(key)s, %(reference)s, %(step)s)"),
}
"""By order: the column before the reference and the step, and the SQL of what is after a place."""


def statement(filters: ClaimsFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    first, beyond = _ORDERS.get(filters.order, ("", _PLACE))
    order: LiteralString = first + "reference, step"
    where: list[LiteralString] = [
        filters.as_of,
        filters.of_force,
        *filters.conditions_set(_CONDITIONS),
    ]
    if filters.waiting is not None:
        where.append("judgement IS NULL" if filters.waiting else "judgement IS NOT NULL")
    if after is not None:
        where.append(beyond)
    return (
        "SELECT p.notification_id, s.* FROM " + ClaimsMade.tracking + " p"
        " LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM "
        + ClaimsMade.schema
        + ".claim WHERE "
        + " AND ".join(where)
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY " + order
    )


def parameters(filters: ClaimsFilter, today: date, after: str | None = None) -> dict[str, object]:
    """Return the parameters of `statement`."""
    reference, step, *key = (after or "- 0").split(" ")
    return {
        **filters.sql_parameters(today),
        **({"reference": reference, "step": int(step), "key": "".join(key)} if after else {}),
    }


def page(
    cursor: Cursor[Any], filters: ClaimsFilter, today: date, after: str | None = None
) -> ClaimsPage:
    """Return the page that begins after a `next`, or the first page."""
    query = parameters(filters, today, after)
    tracked = cursor.execute(statement(filters, after), query).fetchall()
    rows = [row for row in tracked if row[1] is not None]
    items = tuple(map(_item, rows[: filters.limit]))
    last = items[-1].claimed if len(rows) > filters.limit else None
    return ClaimsPage(
        items=items,
        next=_place_of(filters, last) if last else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def _place_of(filters: ClaimsFilter, claim: ListedClaim) -> str:
    keys = {
        "newest": claim.claimed_on.removeprefix("unknown"),
        "oldest": claim.claimed_on,
        "force": claim.force,
    }
    return f"{claim.reference} {claim.step} {keys.get(filters.order or '', '')}".strip()


def count(cursor: Cursor[Any], filters: ClaimsFilter, today: date) -> int:
    """Return how many claims a filter lists on all its pages."""
    query = {**parameters(filters, today), "limit": None, "offset": None}
    listed = "SELECT count(s.stream) FROM (" + statement(filters) + ") s"
    row = cursor.execute(listed, query).fetchone()
    return int(row[0]) if row else 0


def every(cursor: Cursor[Any], filters: ClaimsFilter, today: date) -> Whole[ClaimItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query, fields = parameters(filters, today), ("id", *("claimed." + name for name in COLUMNS))
    return read_whole(cursor, statement(filters), query, _item, filters, today, fields=fields)


def _item(row: TupleRow) -> ClaimItem:
    return ClaimItem(row[1], ListedClaim(*row[2:]))
