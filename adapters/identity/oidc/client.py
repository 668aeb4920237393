"""Sign-in through an identity provider: OpenID Connect, authorization code with PKCE.

Follows OpenID Connect Core 1.0 §3.1, RFC 7636 (S256) and RFC 8414. With Entra ID, only the listed
tenants are admitted, and a person is a tenant's id with an object's id, never an address.
"""

import asyncio
import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Self, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from msgspec import Struct

from adapters.clock import now
from adapters.identity.oidc.registration import TENANT, Provider, is_loopback, is_safe_url
from adapters.identity.oidc.signing_keys import Fetched, Key, readable_keys, verified
from adapters.identity.provider import Pending, Person, ProviderAway, SignedIn, SignInRefused
from domain.access.sign_in import NAME_MAX

LEEWAY_SECONDS = 60
"""How far off the provider's clock may be."""
TOKEN_AGE_MAX = timedelta(minutes=10)
"""An ID token is made while we wait; an older token was stored somewhere."""
ANSWER_BYTES_MAX = 262_144
ANSWER_SECONDS = 10.0
"""How long an answer of the provider may take, from connecting to its last byte."""
KNOWN_SECONDS = 3_600.0
"""How long the provider's addresses and keys are cached."""
REFETCH_SECONDS = 60.0
"""How long after fetching the keys a signature by another key causes them to be fetched again."""
CONNECTIONS_MAX = 16
ROLES_MAX = 100

T = TypeVar("T")


class _Metadata(Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False
    """Whether the callback names the issuer (RFC 9207)."""


class _Tokens(Struct, frozen=True):
    id_token: str


class _Keys(Struct, frozen=True):
    keys: list[dict[str, Any]]


class OpenIDConnect:
    """OpenID Connect provider, as this service uses it. Belongs to one event loop."""

    def __init__(self, provider: Provider, clock: Callable[[], datetime] = now) -> None:
        self._provider, self._clock = provider, clock
        self._metadata = Fetched(self._fetch_metadata)
        self._keys = Fetched(self._fetch_keys)
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            timeout=httpx.Timeout(ANSWER_SECONDS / 2),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            trust_env=not is_loopback(urlsplit(provider.issuer).hostname or ""),  # by no proxy
        )

    async def __aenter__(self) -> Self:
        """Open the provider; nothing is fetched before the first sign-in."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._client.aclose()

    async def address(self, pending: Pending) -> str:
        """Return the address where a browser signs in. Raises ProviderAway."""
        metadata = await self._metadata.get(KNOWN_SECONDS)
        challenge = hashlib.sha256(pending.verifier.encode()).digest()
        query = urlencode(
            {
                "client_id": self._provider.client_id,
                "redirect_uri": self._provider.redirect_uri,
                "response_type": "code",
                "scope": "openid profile",
                "state": pending.state,
                "nonce": pending.nonce,
                "code_challenge": urlsafe_b64encode(challenge).decode().rstrip("="),
                "code_challenge_method": "S256",
                # At a shared desk, a person who signed out must not be signed in again unasked.
                "prompt": "select_account",
            }
        )
        separator = "&" if "?" in metadata.authorization_endpoint else "?"
        return f"{metadata.authorization_endpoint}{separator}{query}"

    async def redeem(self, code: str, pending: Pending, issuer: str | None = None) -> SignedIn:
        """Exchange the returned code for the person. Raises SignInRefused or ProviderAway.

        `issuer` is the one that the callback named, if it named any.
        """
        metadata = await self._metadata.get(KNOWN_SECONDS)
        provider = self._provider
        self._check_issuer(issuer, required=metadata.authorization_response_iss_parameter_supported)
        tokens = await self._fetch(
            _Tokens,
            metadata.token_endpoint,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": provider.redirect_uri,
                "code_verifier": pending.verifier,
            },
            # RFC 6749 §2.3.1: the credentials are encoded first.
            auth=(quote(provider.client_id, safe=""), quote(provider.secret.text, safe="")),
        )
        claims = await self._claims(tokens.id_token)
        self._check(claims, pending.nonce)
        return SignedIn(self._person(claims), _app_roles(claims))

    async def _claims(self, id_token: str) -> Mapping[str, Any]:
        """Return the claims of a token with a valid signature; raises SignInRefused.

        The keys are fetched again if none of them has signed it: a provider may have others now,
        also under the name of an old one.
        """
        try:
            payload = verified(id_token, await self._keys.get(KNOWN_SECONDS))
        except SignInRefused:
            payload = verified(id_token, await self._keys.get(REFETCH_SECONDS))
        try:
            # Stricter than most parsers: no number that is none, and no half of a character.
            return msgspec.json.decode(payload, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise SignInRefused("claims: no JSON that can be kept") from None

    def _check_issuer(self, issuer: str | None, *, required: bool) -> None:
        """Raise SignInRefused if a callback came from another provider (RFC 9207 §2.4)."""
        if issuer is None and not required:
            return
        provider = self._provider
        if issuer not in {
            provider.issuer,
            *(provider.issuer.replace(TENANT, tenant) for tenant in provider.tenants),
        }:
            raise SignInRefused("callback: of another issuer")

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        """Check every claim that makes a token credible; raises SignInRefused."""
        provider, at = self._provider, int(self._clock().timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=at,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer_of(claims)},
            aud={"essential": True, "value": provider.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except JoseError as error:
            raise SignInRefused(f"claims: {type(error).__name__}: {error.description}") from None
        claim = claims["nonce"]
        if not isinstance(claim, str) or not hmac.compare_digest(claim.encode(), nonce.encode()):
            raise SignInRefused("claims: another nonce")
        if claims["iat"] < at - TOKEN_AGE_MAX.total_seconds() - LEEWAY_SECONDS:
            raise SignInRefused("claims: made too long ago")
        audience: object = claims["aud"]
        several = isinstance(audience, list) and len(cast("list[object]", audience)) > 1
        if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
            raise SignInRefused("claims: authorized for another party")

    def _issuer_of(self, claims: Mapping[str, Any]) -> str:
        """Return the expected issuer; with tenants, that of the token's tenant.

        Raises SignInRefused if the tenant is not listed.
        """
        provider = self._provider
        if not provider.tenants:
            return provider.issuer
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or tenant not in provider.tenants:
            raise SignInRefused("claims: a tenant that is not listed")
        return provider.issuer.replace(TENANT, tenant)

    def _person(self, claims: Mapping[str, Any]) -> Person:
        authority, subject = ("tid", "oid") if self._provider.tenants else ("iss", "sub")
        identity, name = claims.get(subject), claims.get("name")
        if not isinstance(identity, str) or not _IDENTITY.fullmatch(identity):
            raise SignInRefused(f"claims: no {subject} that can be kept")
        shown = name.replace("\x00", "")[:NAME_MAX] if isinstance(name, str) else None
        return Person(claims[authority], identity, shown)

    async def _fetch_metadata(self) -> _Metadata:
        issuer = self._provider.issuer
        address = issuer.replace(TENANT, "organizations").rstrip("/")
        answer = await self._fetch(_Metadata, f"{address}/.well-known/openid-configuration")
        if answer.issuer != issuer:
            raise ProviderAway("the provider names another issuer")
        for url in (answer.authorization_endpoint, answer.token_endpoint, answer.jwks_uri):
            if not is_safe_url(url):
                raise ProviderAway("the provider names an address that cannot be used")
        return answer

    async def _fetch_keys(self) -> list[Key]:
        metadata = await self._metadata.get(KNOWN_SECONDS)
        return readable_keys((await self._fetch(_Keys, metadata.jwks_uri)).keys)

    async def _fetch(
        self,
        kind: type[T],
        address: str,
        *,
        data: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> T:
        """Fetch an answer of the provider, of bounded size and in bounded time.

        Raises SignInRefused if the provider refuses a form, and ProviderAway for everything else.
        """
        subject = f"{kind.__name__.strip('_').lower()} of the provider"
        method = "GET" if data is None else "POST"
        body = bytearray()
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._client.stream(method, address, data=data, auth=auth) as answer,
            ):
                async for chunk in answer.aiter_raw():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        raise ProviderAway(f"{subject}: too large")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ProviderAway(f"{subject}: {type(error).__name__}") from None
        if data is not None and status in _REFUSALS:
            raise SignInRefused(f"code: answered {status}")
        if status != HTTPStatus.OK:
            raise ProviderAway(f"{subject}: answered {status}")
        try:
            return msgspec.json.decode(bytes(body), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise ProviderAway(f"{subject}: of another form") from None


_IDENTITY = re.compile(r"[\x20-\x7e]{1,255}")
"""At most 255 ASCII characters (OpenID Connect Core 1.0 §2)."""
_REFUSALS = frozenset({400, 401, 403})


def _app_roles(claims: Mapping[str, Any]) -> tuple[str, ...]:
    roles: object = claims.get("roles")
    if not isinstance(roles, list):
        return ()
    items = cast("list[object]", roles)
    return tuple(role for role in items[:ROLES_MAX] if isinstance(role, str))
