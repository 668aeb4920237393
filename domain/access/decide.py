"""The access of an actor: sign-ins, rights, tokens and reads by auditors.

Every actor has one stream. The service itself issues these commands; they are never the body of a
request.
"""

from typing import assert_never, get_args
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.events.access import (
    AccessEvent,
    HistoryReplayed,
    LedgerExported,
    ListRead,
    PrivateList,
    RoleChanged,
    SessionsEnded,
    SignedIn,
    SignedOut,
    TokenCreated,
    TokenRevoked,
    TokenRotated,
)
from domain.tracks import NO_FLOORS, Floors, floors_after
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import When

ACCESS_EVENTS: tuple[type[AccessEvent], ...] = get_args(AccessEvent)


class NoteAccess(Struct, frozen=True):
    """Record an event of an actor's access; `permissions` lists the roles that may."""

    event: AccessEvent
    on: None = None
    """The event takes effect today, in London."""


class Access(Struct, frozen=True):
    """The state of an actor's access, as far as decisions need it."""

    step: int = 0
    floors: Floors = NO_FLOORS
    day: When = "unknown"
    """The last day with a step; `exported`, `replayed` and `listed` hold its reads."""
    exported: bool = False
    replayed: frozenset[UUID] = frozenset()
    listed: frozenset[PrivateList] = frozenset()
    ended: frozenset[UUID] = frozenset()
    """The revoked tokens and the sessions that were signed out."""


def decide(command: NoteAccess, state: Access, stamp: Stamp) -> tuple[AccessEvent, ...]:
    """Return the event, or nothing if the record already says so.

    Raises Refused if a token would expire before it is created.
    """
    today = state if state.day == stamp.on else _without_reads(state)
    match command.event:
        case LedgerExported():
            known = today.exported
        case HistoryReplayed(stream=stream):
            known = stream in today.replayed
        case ListRead(list=read):
            known = read in today.listed
        case TokenRevoked(token=ended) | SignedOut(session=ended):
            known = ended in state.ended
        case RoleChanged() as changed:
            known = (changed.was, changed.was_force) == (changed.now, changed.now_force)
        case TokenCreated(expires_at=ends) | TokenRotated(expires_at=ends):
            if ends <= stamp.at:
                raise Refused("A token must expire after it is created.")
            known = False
        case SignedIn() | SessionsEnded():
            known = False
        case _:
            assert_never(command.event)
    return () if known else (command.event,)


def evolve(state: Access, entry: Entry[AccessEvent]) -> Access:
    """Return the state after one more step. History is never refused."""
    event, stamp = entry.event, entry.stamp
    state = replace(
        state if state.day == stamp.on else _without_reads(state),
        step=state.step + 1,
        floors=floors_after(state.floors, type(event), stamp.on),
        day=stamp.on,
    )
    match event:
        case LedgerExported():
            return replace(state, exported=True)
        case HistoryReplayed(stream=stream):
            return replace(state, replayed=state.replayed | {stream})
        case ListRead(list=read):
            return replace(state, listed=state.listed | {read})
        case TokenRevoked(token=ended) | SignedOut(session=ended):
            return replace(state, ended=state.ended | {ended})
        case SignedIn() | SessionsEnded() | RoleChanged() | TokenCreated() | TokenRotated():
            return state
        case _:
            assert_never(event)


def _without_reads(state: Access) -> Access:
    return replace(state, exported=False, replayed=frozenset(), listed=frozenset())
