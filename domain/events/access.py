"""Events of access: sign-ins, roles, tokens, and reads by auditors.

Every event names the actor whose access it concerns (`actor`); its author is in the stamp. No field
is a secret or free text. Tags and fields are permanent, as in every module of `events`.
"""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

from domain.vocabulary.actors import Role, Scope
from domain.vocabulary.values import ActorId, Code

Way = Literal["oidc", "link"]
"""The way of signing in: through the identity provider, or by a one-time link."""
PrivateList = Literal["people", "worklist", "inspections"]
"""A list that is not public."""

Position = Annotated[int, Meta(ge=0)]


class SignedIn(Struct, frozen=True, tag="access.signed_in"):
    """An actor began a session, in the role of the stamp."""

    actor: ActorId
    way: Way
    session: UUID


class SignedOut(Struct, frozen=True, tag="access.signed_out"):
    """An actor ended their session."""

    actor: ActorId
    session: UUID


class SessionsEnded(Struct, frozen=True, tag="access.sessions_ended"):
    """Sessions were ended at once, by an administrator or, everywhere, by their owner."""

    actor: ActorId
    session: UUID | None = None
    """The session that was ended; None for all of them."""


class RoleChanged(Struct, frozen=True, tag="access.role_changed"):
    """An actor now has a different role, or acts for a different force; `public` is no role."""

    actor: ActorId
    was: Role
    now: Role
    was_force: Code | None = None
    now_force: Code | None = None


class TokenCreated(Struct, frozen=True, tag="access.token_created"):
    """A token was created for a tool."""

    actor: ActorId
    token: UUID
    role: Role
    expires_at: datetime
    scopes: tuple[Scope, ...]
    force: Code | None = None


class TokenRotated(Struct, frozen=True, tag="access.token_rotated"):
    """A token was replaced by another with the same rights.

    The old token ends at `ends_at`.
    """

    actor: ActorId
    token: UUID
    successor: UUID
    ends_at: datetime
    expires_at: datetime


class TokenRevoked(Struct, frozen=True, tag="access.token_revoked"):
    """A token was ended with immediate effect."""

    actor: ActorId
    token: UUID


class LedgerExported(Struct, frozen=True, tag="access.ledger_exported"):
    """The ledger itself was read, for the first time that day.

    `head` was its last position.
    """

    actor: ActorId
    head: Position


class HistoryReplayed(Struct, frozen=True, tag="access.history_replayed"):
    """An auditor read a stream's history, for the first time that day.

    `as_on` and `known_at` are the day and the moment as at which it was read.
    """

    actor: ActorId
    stream: UUID
    as_on: date | None = None
    known_at: datetime | None = None


class ListRead(Struct, frozen=True, tag="access.list_read"):
    """An auditor read a list that is not public, for the first time that day."""

    actor: ActorId
    list: PrivateList


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
    | ListRead
)
