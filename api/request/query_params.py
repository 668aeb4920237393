"""What a reader may ask for: query parameters by their Struct, and waiting for a list.

A parameter that is unknown, given twice or of another form is an error, so that a slip of the
pen never widens a list in silence.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, ClassVar, LiteralString, TypeVar

import msgspec
from anyio import sleep, to_thread
from msgspec import Meta, Struct

from api.http.problems import ProblemError, Request, Wrong, wrong
from api.request.services import Services, services
from domain.events.event import History
from domain.vocabulary.dates import day_of
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code, StepNumber
from projections.runtime.tracking import tracked_position_of

LIMIT_MAX = 500
WAIT_SECONDS = 5.0
"""How long a reader waits for a list to reach a position."""
POLL_SECONDS = 0.005
POSITION_MAX = 10**15

On = Annotated[date, Meta(description="As things stood at the end of that day; else today.")]
KnownAt = Annotated[
    datetime,
    Meta(tz=True, description="As the service knew them at that moment, in RFC 3339; else now."),
]
After = Annotated[StepNumber, Meta(description="As things stood after that step; else the last.")]
Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The most items of one page.")]
Position = Annotated[
    int,
    Meta(
        ge=0,
        le=POSITION_MAX,
        description=f"Wait up to {WAIT_SECONDS:.0f} seconds until the list has come that far.",
    ),
]
Cursor = Annotated[
    str, Meta(min_length=1, max_length=400, description="`next` of the page before, as it was.")
]
ForceCode = Annotated[
    Code,
    Meta(description="The code of a force.", extra_json_schema={"enum": sorted(ADDRESSEES)}),
]


Words = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]+$",
        description="Words, as in a web search.",
    ),
]


class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query parameters of one address; `read_model` is the list that it shows, if any."""

    read_model: ClassVar[LiteralString | None] = None

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from ()


class AsOfParams(Params, frozen=True, kw_only=True):
    """As at which day, and as known at which moment."""

    on: On | None = None
    known_at: KnownAt | None = None

    @property
    def day(self) -> date:
        """The day that counts."""
        return self.on or today()

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        if self.on and self.on > today():
            yield Wrong(f"{self.on} is in the future; today is {today()}.", parameter="on")
        if self.known_at and self.known_at > datetime.now(UTC):
            yield Wrong("That moment is in the future.", parameter="known_at")


class StreamParams(AsOfParams, frozen=True, kw_only=True):
    """The same, of one stream, which can also be asked for after a step."""

    step: After | None = None

    def known(self, history: History) -> History:
        """The entries up to that step, known at that moment. Raises NotFound if there are none."""
        if self.step is not None and self.step > len(history):
            raise NotFound(f"There is no step {self.step}.")
        moment = self.known_at
        found = [e for e in history[: self.step] if moment is None or e.stamp.at <= moment]
        if not found:
            raise NotFound("There is no such thing, or it was not known then.")
        return found


class ReadModelParams(AsOfParams, frozen=True, kw_only=True):
    """The same, of a read model."""

    position: Position | None = None


class ForceParams(ReadModelParams, frozen=True, kw_only=True):
    """The same, of one force, else of all but the training force."""

    force: ForceCode | None = None

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from super().wrong()
        yield from unknown(self.force)


class PageParams(ForceParams, frozen=True, kw_only=True):
    """The same, of a read model page by page."""

    cursor: Cursor | None = None
    limit: Limit = 20


def unknown(force: Code | None) -> Iterator[Wrong]:
    """What is wrong with the force of a question, if there is none of that name."""
    if force is not None and force not in ADDRESSEES:
        yield Wrong(f"There is no force {force}; /v1/forces has them.", parameter="force")


P = TypeVar("P", bound=Params)


async def params(request: Request) -> Params:
    """The dependency `params`: the parameters, as the handler's annotation says; awaits a list."""
    kind: type[Params] = request.route_handler.parsed_fn_signature.parameters["params"].annotation
    found = parse_params(kind, request.query_params.multi_items())
    await wait_for_position(request, found)
    return found


async def wait_for_position(request: Request, found: Params) -> None:
    """Wait until a list has reached the requested position. Raises ProblemError, NotFound."""
    if isinstance(found, ReadModelParams) and found.read_model and found.position:
        await _wait(services(request), found.read_model, found.position)


def today() -> date:
    """The day in London."""
    return day_of(datetime.now(UTC))


def parse_params(kind: type[P], sent: Iterable[tuple[str, str]]) -> P:
    """The parameters of a query. Raises ProblemError that names the one that is wrong."""
    given: dict[str, object] = {}
    known = kind.__struct_fields__
    for name, text in sent:
        if name not in known:
            raise wrong(
                f"There is no such parameter; there are: {', '.join(known)}.", parameter=name
            )
        if name in given:
            raise wrong("It is given more than once.", parameter=name)
        given[name] = _plain(text) if name in _not_text(kind) else text
    try:
        found = msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        detail, _, place = str(error).partition(" - at `$.")
        raise wrong(detail, parameter=place.rstrip("`")) from None
    for one in found.wrong():
        raise wrong(one.detail, parameter=one.parameter)
    return found


def _plain(text: str) -> object:
    """A number or a flag as JSON has it; anything else stays text, and is found wrong."""
    try:
        return msgspec.json.decode(text, type=int | bool)
    except (msgspec.DecodeError, UnicodeError):
        return text


@cache
def _not_text(kind: type[Params]) -> frozenset[str]:
    """The names of the parameters that are numbers or flags."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  for the type checker
    plain = msgspec.inspect.IntType | msgspec.inspect.BoolType
    return frozenset(
        field.name
        for field in info.fields
        for one in (
            field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
        )
        if isinstance(one.type if isinstance(one, msgspec.inspect.Metadata) else one, plain)
    )


async def _wait(opened: Services, read_model: LiteralString, position: int) -> None:
    now = await _reached(opened, read_model)
    if now < position and (head := await to_thread.run_sync(opened.ledger.head)) < position:
        raise NotFound(f"There is no position {position}; the last one is {head}.")
    until = time.monotonic() + WAIT_SECONDS
    while now < position:
        if time.monotonic() > until:
            raise ProblemError(
                "behind", f"The {read_model} has come to {now}, not yet to {position}."
            )
        await sleep(POLL_SECONDS)
        now = await _reached(opened, read_model)


async def _reached(opened: Services, read_model: LiteralString) -> int:
    return (await opened.async_ledger.run(tracked_position_of(read_model))).position
