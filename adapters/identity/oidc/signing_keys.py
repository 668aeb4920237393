"""The keys and answers of an identity provider: verified, and fetched once for all who wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeAlias, TypeVar

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, import_key

from adapters.identity.provider import ProviderAway, SignInRefused

ALGORITHMS = ("RS256", "PS256", "ES256")
KEYS_MAX = 50
"""How many keys of a provider are kept; each is tried on a token that names none."""
FAILED_SECONDS = 5.0
"""How long a failure to fetch something is answered without another try."""

Key: TypeAlias = RSAKey | ECKey | OctKey | OKPKey
T = TypeVar("T")


def readable_keys(published: Iterable[dict[str, Any]]) -> list[Key]:
    """Return those of a provider's keys that can be read.

    One of an unknown kind or curve says nothing against the others (RFC 7517 §5). Raises
    ProviderAway if there is none.
    """
    keys: list[Key] = []
    for key in published:
        with suppress(JoseError, ValueError, TypeError, KeyError):
            keys.append(import_key(key))
    if not keys:
        raise ProviderAway("the provider's keys cannot be read")
    return keys[:KEYS_MAX]


def verified(token: str, keys: Sequence[Key]) -> bytes:
    """Return the payload of a token that one of the keys has signed.

    If the token names its key, only that one is tried. Raises SignInRefused if none has.
    """
    reason = "no such key"
    try:
        named = jws.extract_compact(token.encode()).headers().get("kid")
        for key in keys:
            if named and key.kid and key.kid != named:
                continue
            try:
                return jws.deserialize_compact(token, key, algorithms=ALGORITHMS).payload
            except (JoseError, ValueError, TypeError) as error:
                reason = type(error).__name__
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        reason = type(error).__name__
    raise SignInRefused(f"signature: {reason}")


class Fetched(Generic[T]):
    """An answer of the provider: fetched once for all who wait for it, and kept.

    A failure is remembered for FAILED_SECONDS, so that a provider that hangs holds up each person
    once, and not one after another.
    """

    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        self._fetch = fetch
        self._task: asyncio.Task[T] | None = None
        self._answer: tuple[T, float] | None = None
        self._failure: tuple[str, float] | None = None

    async def get(self, seconds: float) -> T:
        """Return the answer, fetched at most that many seconds ago. Raises ProviderAway."""
        at = time.monotonic()
        if self._answer and at - self._answer[1] <= seconds:
            return self._answer[0]
        if self._failure and at - self._failure[1] <= FAILED_SECONDS:
            raise ProviderAway(self._failure[0])
        if self._task is None:
            self._task = asyncio.create_task(self._refresh())
            self._task.add_done_callback(self._forget)
        return await asyncio.shield(self._task)

    async def _refresh(self) -> T:
        try:
            answer = await self._fetch()
        except ProviderAway as error:
            self._failure = str(error), time.monotonic()
            raise
        self._answer = answer, time.monotonic()
        return answer

    def _forget(self, task: asyncio.Task[T]) -> None:
        self._task = None
        if not task.cancelled():
            task.exception()  # which those who waited have seen, if any are left
