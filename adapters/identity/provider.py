"""What any identity provider must do for a sign-in."""

from typing import Protocol, Self

from msgspec import Struct


class Pending(Struct, frozen=True):
    """A sign-in on its way: what goes to the identity provider, and where it is to lead."""

    state: str
    nonce: str
    verifier: str
    return_to: str


class SignInRefused(Exception):  # noqa: N818  an answer, like Refused
    """What the provider says is not to be believed. Says why, for the log, without secrets."""


class ProviderAway(Exception):  # noqa: N818  may go away by itself
    """The provider cannot be reached, or does not answer as it should. Says what was asked."""


class Person(Struct, frozen=True):
    """Who an identity provider says somebody is: by two ids, never by a name or an address."""

    authority: str
    subject: str
    name: str | None


class SignedIn(Struct, frozen=True):
    """Who signed in, and the app roles that the provider gives them."""

    person: Person
    app_roles: tuple[str, ...]


class IdentityProvider(Protocol):
    """Who says who people are; it is open for as long as the service runs."""

    async def __aenter__(self) -> Self:
        """Open it."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """Close it."""

    async def address(self, pending: Pending) -> str:
        """Where to send a browser to sign in. Raises ProviderAway."""
        ...

    async def redeem(self, code: str, pending: Pending) -> SignedIn:
        """Who signed in, for the code that came back. Raises SignInRefused or ProviderAway."""
        ...
