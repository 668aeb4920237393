"""Query parameters as Structs, and the wait for a read model to reach a position.

A parameter that is unknown, repeated or malformed is an error, so a typing mistake never widens a
list unnoticed. Pages ignore unknown ones: links that are shared get parameters of others. The
parameters of a list inherit from the filter of its read model.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, ClassVar, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields

from api.http.moment import moment, today
from api.http.problems import Wrong, invalid
from domain.access.published import last_published
from domain.events.event import History
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES, is_training
from domain.vocabulary.values import Code, StepNumber
from projections.filters import (
    PAGE_MAX,
    AsOfFilter,
    ForceFilter,
    ListFilter,
    PageNumber,
    ReadModelFilter,
    TrainingFilter,
)
from projections.runtime.read_model import ReadModel

LIMIT_MAX = PAGE_MAX
POSITION_MAX = 10**15

ANOTHER_FORMAT = (
    "For a list in another format, put its ending after the path, such as .csv, .xlsx or .parquet, "
    "or send Accept: text/csv."
)
ALL_ROWS = (
    f"A page has at most {LIMIT_MAX} items. For all rows at once, download the list: put .csv, "
    ".xlsx, .parquet or another ending after the path."
)

After = Annotated[StepNumber, Meta(description="The state after that step; the last by default.")]
Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The most items on one page.")]
Position = Annotated[
    int,
    Meta(
        ge=0,
        le=POSITION_MAX,
        description="Wait up to five seconds until the list has come that far.",
    ),
]
Cursor = Annotated[
    str, Meta(min_length=1, max_length=400, description="`next` of the page before, unchanged.")
]


class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query parameters of a route; `read_models` names those shown."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = ()
    hints: ClassVar[Mapping[str, str]] = {}
    """Words that lead on from a parameter that is unknown or has a wrong value."""

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from ()


class AsOfParams(AsOfFilter, Params, frozen=True, kw_only=True):
    """The day to show, and the moment at which it was known."""

    @property
    def day(self) -> date:
        """The day to show; today by default."""
        return self.day_at(today())

    @property
    def frozen(self) -> datetime | None:
        """The last moment that the answer is as known at, which is frozen; None for now."""
        return self.known_at

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        if self.on and self.on > today():
            yield Wrong(f"{self.on} is in the future; today is {today()}.", parameter="on")
        if self.known_at and self.known_at > moment():
            yield Wrong("That moment is in the future.", parameter="known_at")


class StreamParams(AsOfParams, frozen=True, kw_only=True):
    """The day and moment at which to show one stream, and the step after which."""

    step: After | None = None

    def known(self, history: History, *, inside: bool = True) -> History:
        """Return the entries up to that step, known at that moment.

        Raises NotFound if there is no such step, or nothing was known then. Outside, for those who
        may not read the history, steps end with the last published one.
        """
        last = len(history) if inside or not history else last_published(history).step
        if self.step is not None and self.step > last:
            raise NotFound(f"There is no step {self.step}.")
        moment = self.known_at
        entries = [e for e in history[: self.step] if moment is None or e.stamp.at <= moment]
        if not entries:
            raise NotFound("There is no such thing, or it was not known then.")
        return entries


class ReadModelParams(AsOfParams, ReadModelFilter, frozen=True, kw_only=True):
    """The day and moment to show of a read model, and a position to wait for."""

    hints: ClassVar[Mapping[str, str]] = {"format": ANOTHER_FORMAT}

    position: Position | None = None


class TrainingParams(ReadModelParams, TrainingFilter, frozen=True, kw_only=True):
    """The parameters of a read model of all forces but training, or of training alone."""


class ForceParams(TrainingParams, ForceFilter, frozen=True, kw_only=True):
    """The parameters of a read model by force; all but the training forces by default."""

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        yield from unknown(self.force)
        if self.training and self.force is not None and not is_training(self.force):
            yield Wrong(f"{self.force} is not a training force.", parameter="force")


class PageParams(ForceParams, ListFilter, frozen=True, kw_only=True):
    """The parameters of a list read page by page."""

    hints: ClassVar[Mapping[str, str]] = {"format": ANOTHER_FORMAT, "limit": ALL_ROWS}

    cursor: Cursor | None = None
    page: PageNumber | None = None
    limit: Limit = 20

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.cursor is not None and self.page is not None:
            yield Wrong("Use a cursor or the number of a page, not both.", parameter="page")


def unknown(force: Code | None) -> Iterator[Wrong]:
    """Yield an error if there is no force of that code."""
    if force is not None and force not in ADDRESSEES:
        yield Wrong(f"There is no force {force}; /v1/forces has them.", parameter="force")


P = TypeVar("P", bound=Params)


def parse_params(kind: type[P], items: Iterable[tuple[str, str]]) -> P:
    """Return the parameters of a query. Raises ProblemError that names the wrong parameter."""
    values: dict[str, object] = {}
    known = kind.__struct_fields__
    for name, text in items:
        if name not in known:
            there_are = f"There is no such parameter; there are: {', '.join(known)}."
            raise invalid(_with_hint(kind, name, there_are), parameter=name)
        if name in values:
            raise invalid("It is given more than once.", parameter=name)
        values[name] = _plain(text) if name in _not_text(kind) else text
    for name in _required(kind):
        if name not in values:
            raise invalid("It is required.", parameter=name)
    try:
        query = msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        detail, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`")
        raise invalid(_with_hint(kind, name, detail), parameter=name) from None
    for wrong in query.wrong():
        raise invalid(wrong.detail, parameter=wrong.parameter)
    return query


def _with_hint(kind: type[Params], name: str, detail: str) -> str:
    """Return what is wrong with a parameter, and what works instead if that is known."""
    hint = kind.hints.get(name) or _hint_of_type(kind, name, detail)
    return f"{detail.rstrip('.')}. {hint}" if hint else detail


def _hint_of_type(kind: type[Params], name: str, detail: str) -> str:
    """Return what a value has to look like, by the words of what is wrong with it."""
    if "encoded date" in detail or "with a timezone" in detail:
        moment = "encoded datetime" in detail or "timezone" in detail
        return (
            "Give a moment with its zone, such as 2023-03-31T17:00:00Z; a + in it is written %2B."
            if moment
            else "Give a day, such as 2023-03-31."
        )
    if "`bool" in detail:
        return "Give true or false."
    if detail.startswith("Invalid enum value"):
        return f"There are: {', '.join(_choices(kind, name))}."
    return ""


@cache
def _choices(kind: type[Params], name: str) -> tuple[str, ...]:
    """Return the values that a parameter takes, of those that are one of some."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  for the type checker
    return tuple(
        str(value)
        for field in info.fields
        if field.name == name
        for member in _members(field.type)
        for value in _values(member)
    )


def _members(of: msgspec.inspect.Type) -> Iterable[msgspec.inspect.Type]:
    for member in of.types if isinstance(of, msgspec.inspect.UnionType) else (of,):
        yield member.type if isinstance(member, msgspec.inspect.Metadata) else member


def _values(of: msgspec.inspect.Type) -> Iterable[object]:
    if isinstance(of, msgspec.inspect.EnumType):
        return [member.value for member in of.cls]
    return of.values if isinstance(of, msgspec.inspect.LiteralType) else ()


def _plain(text: str) -> object:
    """Return a number or flag in JSON as such, any other text unchanged.

    Such a text then fails validation.
    """
    try:
        return msgspec.json.decode(text, type=int | bool)
    except (msgspec.DecodeError, UnicodeError):
        return text


@cache
def _required(kind: type[Params]) -> tuple[str, ...]:
    """Return the names of the parameters without a default."""
    return tuple(field.name for field in fields(kind) if field.required)


@cache
def _not_text(kind: type[Params]) -> frozenset[str]:
    """Return the names of the parameters that are numbers or flags."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  for the type checker
    plain = msgspec.inspect.IntType | msgspec.inspect.BoolType
    return frozenset(
        field.name
        for field in info.fields
        for member in (
            field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
        )
        if isinstance(
            member.type if isinstance(member, msgspec.inspect.Metadata) else member, plain
        )
    )
