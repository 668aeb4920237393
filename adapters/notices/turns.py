"""Turns: which subscriptions are served next, so that no actor keeps the others waiting.

A turn is short. Whoever was served longest ago is next, by actors first, so that many subscriptions
of one actor count no more than one of another.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from adapters.notices.subscriptions import Subscription
from domain.vocabulary.values import ActorId

AT_ONCE = 8
"""Subscriptions that are served at the same time; the others wait."""
EACH_AT_ONCE = 2
"""Those among them of one actor."""


class Turns:
    """Remembers who was served when; for one thread."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self._actors: dict[ActorId, int] = {}
        self._subscriptions: dict[UUID, int] = {}

    def begin(
        self, due: Sequence[Subscription], under_way: Collection[Subscription]
    ) -> Iterator[Subscription]:
        """Yield those of which a turn begins now, given those that are being served."""
        served = {subscription.id for subscription in under_way}
        busy = Counter(subscription.actor for subscription in under_way)
        for subscription in sorted(due, key=self._last):
            if busy.total() >= AT_ONCE:
                return
            if subscription.id in served or busy[subscription.actor] >= EACH_AT_ONCE:
                continue
            busy[subscription.actor] += 1
            turn = next(self._count)
            self._actors[subscription.actor] = self._subscriptions[subscription.id] = turn
            yield subscription

    def _last(self, subscription: Subscription) -> tuple[int, int]:
        actor = self._actors.get(subscription.actor, 0)
        return actor, self._subscriptions.get(subscription.id, 0)
