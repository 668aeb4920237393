"""Access on record: who came in, who was given what, and what auditors took out.

Every event names whose access it is about (`actor`); by whom it was done is in the stamp. Nothing
here is a secret or free text. Tags and fields are for ever, as in `events`.
"""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

from domain.vocabulary.actors import Role, Scope
from domain.vocabulary.values import ActorId, Code

Way = Literal["oidc", "link"]
"""How somebody signed in: by the identity provider, or by a one-time link."""

Position = Annotated[int, Meta(ge=0)]


class SignedIn(Struct, frozen=True, tag="access.signed_in"):
    """Somebody began a session, in the role of the stamp."""

    actor: ActorId
    way: Way
    session: UUID


class SignedOut(Struct, frozen=True, tag="access.signed_out"):
    """Somebody ended their session."""

    actor: ActorId
    session: UUID


class SessionsEnded(Struct, frozen=True, tag="access.sessions_ended"):
    """Sessions were ended at once, by an administrator or everywhere by their owner."""

    actor: ActorId
    session: UUID | None = None
    """None for all of them."""


class RoleChanged(Struct, frozen=True, tag="access.role_changed"):
    """Somebody comes in another role than before, or for another force."""

    actor: ActorId
    was: Role
    now: Role
    was_force: Code | None = None
    now_force: Code | None = None


class TokenCreated(Struct, frozen=True, tag="access.token_created"):
    """A tool was given a token."""

    actor: ActorId
    token: UUID
    role: Role
    expires_at: datetime
    scopes: tuple[Scope, ...]
    force: Code | None = None


class TokenRotated(Struct, frozen=True, tag="access.token_rotated"):
    """A token was replaced by another of the same rights; the old one ends at `ends_at`."""

    actor: ActorId
    token: UUID
    successor: UUID
    ends_at: datetime
    expires_at: datetime


class TokenRevoked(Struct, frozen=True, tag="access.token_revoked"):
    """A token was ended at once."""

    actor: ActorId
    token: UUID


class LedgerExported(Struct, frozen=True, tag="access.ledger_exported"):
    """The ledger was read as such, the first time that day; `head` was its last position."""

    actor: ActorId
    head: Position


class HistoryReplayed(Struct, frozen=True, tag="access.history_replayed"):
    """A stream's history was read by an auditor, the first time that day, and as at which date."""

    actor: ActorId
    stream: UUID
    as_on: date | None = None
    known_at: datetime | None = None


AccessEvent: TypeAlias = (
    SignedIn
    | SignedOut
    | SessionsEnded
    | RoleChanged
    | TokenCreated
    | TokenRotated
    | TokenRevoked
    | LedgerExported
    | HistoryReplayed
)
