"""Subscriptions of the requesting actor: addresses to which notices are sent as webhooks."""

from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from adapters.clock import new_entry_id
from adapters.ledger.queries import ends
from adapters.notices import subscriptions
from adapters.notices.outgoing import check_url
from adapters.notices.subscriptions import (
    EACH_MAX,
    TEST_EVERY,
    NewSubscription,
    Subscription,
    new_secret,
    shown_secret,
)
from api.http.moment import moment
from api.http.problems import ProblemError, Request, invalid
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.query_params import POSITION_MAX, Params, parse_params
from api.request.services import services
from api.v1.lists.register import FollowedParams
from domain.access.permissions import may_subscribe
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.forces import ADDRESSEES, is_training

_OFF = "This service sends no webhooks: TRACKER_WEBHOOKS is off."


class SubscriptionsParams(Params, frozen=True, kw_only=True):
    """No parameters."""


class Subscriptions(Struct, frozen=True):
    """The subscriptions of an actor, oldest first."""

    items: tuple[Subscription, ...]


class MadeSecret(Struct, frozen=True):
    """A secret to check signatures with, as libraries of Standard Webhooks take it.

    It is never shown again. One before it is signed with as well for 24 hours more.
    """

    id: UUID
    secret: str


class Resuming(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a subscription goes on: after that position, or by default where it stopped."""

    after: Annotated[int, Meta(ge=0, le=POSITION_MAX)] | None = None


@get("/v1/subscriptions")
async def list_subscriptions(
    request: Request,
    params: NamedDependency[SubscriptionsParams],  # noqa: ARG001  which refuses any parameter
) -> Subscriptions:
    """List the actor's subscriptions, with how far each has come and how it goes."""
    return Subscriptions(tuple(await _own(request, _entitled(request))))


@post("/v1/subscriptions", opt={"unconditional": True})
async def make_subscription(
    request: Request, payload: NamedDependency[NewSubscription]
) -> MadeSecret:
    """Send the notices of published steps to an address, from now on, and return its secret."""
    actor, opened = _entitled(request), services(request)
    if opened.webhooks == "off":
        raise ProblemError("refused", _OFF)
    try:
        check_url(payload.url, loopback=opened.webhooks == "loopback")
    except ValueError as error:
        raise invalid(str(error), pointer="/url") from None
    if payload.force is not None and payload.force not in ADDRESSEES:
        raise invalid(f"There is no force {payload.force}.", pointer="/force")
    if payload.training and payload.force is not None and not is_training(payload.force):
        raise invalid(f"{payload.force} is not a training force.", pointer="/training")
    if payload.filters is not None:
        try:
            check_filters(payload.filters)
        except ValueError as error:
            raise invalid(str(error), pointer="/filters") from None
    spend(request)
    now, identity, secret = await opened.async_ledger.run(ends()), new_entry_id(), new_secret()
    made = subscriptions.create(actor.id, identity, payload, now=now, secret=secret)
    if not await opened.async_ledger.run(made):
        raise ProblemError("refused", f"You have {EACH_MAX} subscriptions, the most there can be.")
    return MadeSecret(identity, shown_secret(secret))


def check_filters(filters: str) -> None:
    """Raise ValueError if a text is not the filters of a list that can be followed."""
    try:
        parse_params(FollowedParams, parse_qsl(filters, strict_parsing=True))
    except (ProblemError, ValueError) as error:
        words = error.errors if isinstance(error, ProblemError) else None
        said = " ".join(f"{wrong.parameter}: {wrong.detail}" for wrong in words or ())
        raise ValueError(
            said or "Send what is after the question mark in the address of a list."
        ) from None


@delete("/v1/subscriptions/{subscription:uuid}", status_code=200)
async def remove_subscription(request: Request, subscription: FromPath[UUID]) -> Subscriptions:
    """Remove a subscription and its secrets; return those that are left."""
    actor = _entitled(request)
    removed = await services(request).async_ledger.run(subscriptions.remove(actor.id, subscription))
    _require(exists=removed)
    return Subscriptions(tuple(await _own(request, actor)))


@post("/v1/subscriptions/{subscription:uuid}/secret", opt={"unconditional": True})
async def rotate_secret(request: Request, subscription: FromPath[UUID]) -> MadeSecret:
    """Make a new secret and return it; the one before is valid for 24 hours more."""
    actor, secret = _entitled(request), new_secret()
    spend(request)
    rotated = subscriptions.rotate(actor.id, subscription, secret, moment())
    _require(exists=await services(request).async_ledger.run(rotated))
    return MadeSecret(subscription, shown_secret(secret))


@post("/v1/subscriptions/{subscription:uuid}/resume", status_code=200, opt={"unconditional": True})
async def resume_subscription(
    request: Request, subscription: FromPath[UUID], payload: NamedDependency[Resuming]
) -> Subscription:
    """Let a subscription go on, where it stopped or after a position, and so again if need be."""
    actor, opened = _entitled(request), services(request)
    spend(request)
    own = {kept.id: kept for kept in await _own(request, actor)}
    _require(exists=subscription in own)
    now = await opened.async_ledger.run(ends())
    if payload.after is not None and payload.after > now.published:
        raise invalid(f"The last notice is at {now.published}.", pointer="/after")
    if payload.after is None and own[subscription].lineage != now.lineage:
        raise ProblemError(
            "refused", "The ledger has another lineage since: say after which position to go on."
        )
    resumed = subscriptions.resume(actor.id, subscription, now.lineage, payload.after)
    _require(exists=await opened.async_ledger.run(resumed))
    return next(kept for kept in await _own(request, actor) if kept.id == subscription)


@post(
    "/v1/subscriptions/{subscription:uuid}/test",
    status_code=202,
    opt={"unconditional": True, "may_refuse": True},
)
async def try_subscription(request: Request, subscription: FromPath[UUID]) -> Subscription:
    """Have a signed notice of type tracker.test, which tells of no step, sent to a subscription.

    What came of it is in `test` of the subscription once it was sent. The notices that wait are not
    affected, and one that is paused stays so.
    """
    actor, opened = _entitled(request), services(request)
    spend(request)
    _require(exists=subscription in {kept.id for kept in await _own(request, actor)})
    if opened.webhooks == "off":
        raise ProblemError("refused", _OFF)
    wanted = subscriptions.request_test(actor.id, subscription, new_entry_id())
    accepted = await opened.async_ledger.run(wanted)
    own = {kept.id: kept for kept in await _own(request, actor)}
    _require(exists=subscription in own)
    if not accepted:
        seconds = int(TEST_EVERY.total_seconds())
        raise ProblemError(
            "too-many",
            f"The test before waits to be sent, or was asked for less than {seconds} seconds ago.",
            retry_after=seconds,
        )
    return own[subscription]


SUBSCRIPTION_ROUTES = (
    list_subscriptions,
    make_subscription,
    remove_subscription,
    rotate_secret,
    resume_subscription,
    try_subscription,
)


def _entitled(request: Request) -> Actor:
    """Return the actor. Raises Forbidden if it may not subscribe."""
    actor = current_actor(request)
    if not may_subscribe(actor):
        raise Forbidden(
            "Only inspectors, publishers, administrators, forces and their local "
            "policing bodies may subscribe, with a token that may write."
        )
    return actor


async def _own(request: Request, actor: Actor) -> list[Subscription]:
    return await services(request).async_ledger.run(subscriptions.listing(actor.id))


def _require(*, exists: bool) -> None:
    if not exists:
        raise NotFound("You have no such subscription.")
