"""Identity providers: the interface and the types of a sign-in."""

from typing import Protocol, Self

from msgspec import Struct


class Pending(Struct, frozen=True):
    """A pending sign-in: the values for the identity provider, and the page to return to."""

    state: str
    nonce: str
    verifier: str
    return_to: str


class SignInRefused(Exception):  # noqa: N818  an answer, like Refused
    """The provider's answer is not to be believed. Says why, for the log, without secrets."""


class ProviderAway(Exception):  # noqa: N818  may go away by itself
    """The provider cannot be reached, or answers badly. Names the request that failed."""


class Person(Struct, frozen=True):
    """A person's identity at a provider: two ids, never a name or an address."""

    authority: str
    subject: str
    name: str | None


class SignedIn(Struct, frozen=True):
    """The person who signed in, and the app roles that the provider gives them."""

    person: Person
    app_roles: tuple[str, ...]


class IdentityProvider(Protocol):
    """An identity provider; it is open for as long as the service runs."""

    async def __aenter__(self) -> Self:
        """Open it."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """Close it."""

    async def address(self, pending: Pending) -> str:
        """Return the address where a browser signs in. Raises ProviderAway."""
        ...

    async def redeem(self, code: str, pending: Pending, issuer: str | None = None) -> SignedIn:
        """Exchange the returned code for the person. Raises SignInRefused or ProviderAway.

        `issuer` is the one that the callback named, if it named any.
        """
        ...
