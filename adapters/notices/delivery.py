"""One delivery to a receiver: signed, to a checked address, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.notices.cloud_event import EVENT
from adapters.notices.outgoing import Undelivered, check_url, post, signature
from adapters.notices.subscriptions import Subscription

SUCCESS = range(200, 300)
USER_AGENT = "recommendation-tracker (webhooks)"


class TrialNotice(Struct, frozen=True, kw_only=True):
    """A CloudEvent that tells of no step, to try a receiver with."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: Literal["tracker.test"] = "tracker.test"
    subject: str
    """The address of the subscription."""
    time: datetime


def deliver_test(
    subscription: Subscription,
    secrets: Sequence[bytes],
    identity: UUID,
    at: datetime,
    *,
    loopback: bool,
) -> tuple[int, str]:
    """Send a subscription a notice of no step under an id, and return the same as `deliver`."""
    notice = TrialNotice(
        id=identity,
        source=f"urn:uuid:{subscription.lineage}",
        subject=f"/v1/subscriptions/{subscription.id}",
        time=at,
    )
    body, second = msgspec.json.encode(notice), int(at.timestamp())
    return deliver(subscription.url, secrets, identity, second, body, loopback=loopback)


def deliver(
    url: str, secrets: Sequence[bytes], identity: UUID, at: int, body: bytes, *, loopback: bool
) -> tuple[int, str]:
    """Send a body under an id, at a second since 1970; return the status, and it or why in words.

    The status is 0 if there was no answer.
    """
    headers = {
        "Content-Type": EVENT,
        "User-Agent": USER_AGENT,
        "webhook-id": str(identity),
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secrets, str(identity), at, body),
    }
    try:
        check_url(url, loopback=loopback)
        status = post(url, headers, body, loopback=loopback)
    except Undelivered as error:
        return 0, error.reason
    except ValueError:  # allowed when it was made, and not by the settings of today
        return 0, "not-public"
    return status, str(status)
