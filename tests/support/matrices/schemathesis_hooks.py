"""Constraints that a schema cannot express, for the tests generated from it."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import schemathesis
from schemathesis import HookContext

from api.http.moment import today

PAST = {"on": "2022-09-01", "known_at": "2026-01-01T00:00:00Z"}


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType]
def before_call(_: HookContext, case: Any, **__: object) -> None:  # noqa: ANN401  its Case is partly untyped
    """Replace values that the schema allows and the service refuses.

    These are dates in the future, earlier days after the later one, days beside `changed_since`,
    invented cursors, unquoted tags, used keys, 2.0 for 2, and real forces as training.
    """
    if case.query:
        case.query.pop("cursor", None)
        if case.query.get("force"):
            case.query.pop("training", None)
        if case.query.get("changed_since"):
            case.query.pop("on", None)
        for name, past in PAST.items():
            if _is_future(case.query.get(name)):
                case.query[name] = past
        if str(case.query.get("since") or "") > str(case.query.get("on") or today()):
            del case.query["since"]
    if case.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid4().hex
    case.body = _whole(case.body)


def _is_future(value: object) -> bool:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return moment.date() >= today() or (moment.tzinfo is not None and moment > datetime.now(UTC))


def _whole(value: object) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_whole(item) for item in cast("list[object]", value)]
        case dict():
            fields = cast("dict[str, object]", value)
            return {name: _whole(item) for name, item in fields.items()}
        case _:
            return value
