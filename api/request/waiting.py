"""The wait until read models know what a request asks about: a position, or a moment.

A moment that was asked about is frozen first: from then on nothing is recorded as of it, so the
answer is the same for ever. The wait is written once, as steps (see `adapters/steps.py`).
"""

import time
from collections.abc import Callable, Generator, Hashable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, assert_never

from anyio import sleep
from msgspec import Struct

from adapters.ledger.codec import moment_of
from adapters.ledger.ledger import Ledger
from adapters.ledger.lineage import present_lineage
from adapters.ledger.queries import freeze, head, page
from adapters.postgres.pools import Pool
from adapters.steps import arun, run
from api.http.problems import ProblemError, Request
from api.request.published import is_public
from api.request.query_params import AsOfParams, Params, ReadModelParams, parse_params
from api.request.services import Services, services
from domain.vocabulary.errors import NotFound
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_position_of

T = TypeVar("T")

WAIT_SECONDS = 5.0
"""The longest wait for a read model."""
POLL_SECONDS = 0.005


class Freeze(Struct, frozen=True):
    """Freeze a moment; the answer is the last position."""

    moment: datetime


class Head(Struct, frozen=True):
    """The last position of the ledger."""


class PositionOf(Struct, frozen=True):
    """The position that a read model has reached."""

    read_model: type[ReadModel]


class Following(Struct, frozen=True):
    """The moment of the entry after a position; None if there is none, or it is unreadable."""

    position: int


class Rest(Struct, frozen=True):
    """Wait a little."""


Step: TypeAlias = Freeze | Head | PositionOf | Following | Rest


async def params(request: Request) -> Params:
    """Return the dependency `params`, of the type that the handler's annotation names.

    Waits until what it asks about is known. The answer of a list states the lineage of the ledger
    in a header, as of before it was read. Raises ProblemError, NotFound.
    """
    kind: type[Params] = request.route_handler.parsed_fn_signature.parameters["params"].annotation
    query = parse_params(kind, request.query_params.multi_items())
    await wait_until_known(request, query)
    if query.read_models:
        lineage = await services(request).async_ledger.run(present_lineage())
        request.scope["state"]["lineage"] = lineage.id
    return query


async def wait_until_known(request: Request, query: Params) -> None:
    """Wait until what a query asks about is known. Raises ProblemError, NotFound."""
    opened = services(request)
    if steps := _steps(query, public=is_public(request)):
        await arun(steps, lambda step: _atake(opened, step))


def wait_in_thread(request: Request, query: Params) -> None:
    """As `wait_until_known`, for the handlers of pages, which run in threads."""
    opened = services(request)
    wait_for(opened.ledger, opened.lists, query, public=is_public(request))


def wait_for(ledger: Ledger, lists: Pool, query: Params, *, public: bool) -> None:
    """As `wait_until_known`, given the ledger and the lists."""
    if steps := _steps(query, public=public):
        run(steps, lambda step: _take(ledger, lists, step))


def kept_level(
    request: Request,
    models: Sequence[type[ReadModel]],
    key: Hashable,
    read: Callable[[], T],
    apart: Callable[[T], str],
) -> T:
    """Return a kept answer, once the read models that it comes from are at one position.

    `apart` says in words which positions differ, or nothing. For threads. Raises ProblemError if
    they stay apart.
    """
    opened, until = services(request), time.monotonic() + WAIT_SECONDS
    while True:
        answer = opened.answers.kept(opened.lists, models, key, read)
        words = apart(answer)
        if not words:
            return answer
        if time.monotonic() > until:
            raise ProblemError("behind", "" if is_public(request) else words)
        time.sleep(POLL_SECONDS)


def _steps(query: Params, *, public: bool) -> Generator[Step, Any, None] | None:
    moment = query.frozen if isinstance(query, AsOfParams) else None
    position = query.position if isinstance(query, ReadModelParams) else None
    if moment is None and position is None:
        return None
    return _waiting(query.read_models, position or 0, moment, public=public)


def _waiting(
    read_models: Sequence[type[ReadModel]], position: int, moment: datetime | None, *, public: bool
) -> Generator[Step, Any, None]:
    through: int = (yield Freeze(moment)) if moment else 0
    until = time.monotonic() + WAIT_SECONDS
    is_there = False
    for read_model in read_models:
        while True:
            reached: int = yield PositionOf(read_model)
            if reached < position and not is_there:
                last: int = yield Head()
                if last < position and not public:
                    raise NotFound(f"There is no position {position}; the last one is {last}.")
                position = min(position, last)  # the public is not told where the ledger ends
                is_there = True
            if reached >= position and (reached >= through or (yield from _knows(reached, moment))):
                break
            if time.monotonic() > until:
                goal = moment.isoformat() if moment and reached >= position else position
                words = f"The {read_model.name} has come to {reached}, not yet to {goal}."
                raise ProblemError("behind", "" if public else words)
            yield Rest()


def _knows(reached: int, moment: datetime | None) -> Generator[Step, Any, bool]:
    """Return whether the next entry is of a later moment, as are then all that follow."""
    following: datetime | None = yield Following(reached)
    return moment is not None and following is not None and following > moment


async def _atake(opened: Services, step: Step) -> Any:  # noqa: ANN401  what each step asks for
    match step:
        case Freeze(moment=moment):
            return await opened.async_ledger.run(freeze(moment))
        case Head():
            return (await opened.async_ledger.run(head())) or 0
        case PositionOf(read_model=read_model):
            return (await opened.positions.run(tracked_position_of(read_model))).position
        case Following(position=position):
            return moment_of(await opened.async_ledger.run(page(position, 1)))
        case Rest():
            return await sleep(POLL_SECONDS)
    assert_never(step)


def _take(ledger: Ledger, lists: Pool, step: Step) -> Any:  # noqa: ANN401  what each step asks for
    match step:
        case Freeze(moment=moment):
            return ledger.rows.run(freeze(moment))
        case Head():
            return ledger.head()
        case PositionOf(read_model=read_model):
            return lists.run(tracked_position_of(read_model)).position
        case Following(position=position):
            return moment_of(ledger.rows.run(page(position, 1)))
        case Rest():
            return time.sleep(POLL_SECONDS)
    assert_never(step)
