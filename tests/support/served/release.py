"""`tracker` as another release of it: all its read models have the version that RELEASE names.

With UNKNOWN, the tag of an event, it is one from before that event: it cannot read such an entry.
"""

import os
from typing import Any, Union, cast, get_args

import msgspec

from adapters.ledger import codec
from domain.events.event import Event
from projections.read_models import READ_MODELS

release: Any = os.environ["RELEASE"]
for model in READ_MODELS:
    model.version = release
    model.__init_subclass__()


def before(unknown: str) -> type[codec.Body]:
    """Return the body of entries, as it was before there were events of a tag."""
    parts = [part for union in get_args(Event) for part in get_args(union) or (union,)]
    known = tuple(part for part in parts if part.__struct_config__.tag != unknown)
    assert len(known) == len(parts) - 1
    kinds: Any = Union[known]  # noqa: UP007  of a tuple
    fields: list[Any] = [
        (field.name, kinds if field.name == "event" else field.type, field.default)
        for field in msgspec.structs.fields(codec.Body)
    ]
    fields = [field if field[2] is not msgspec.NODEFAULT else field[:2] for field in fields]
    return cast("type[codec.Body]", msgspec.defstruct("Body", fields))


if "UNKNOWN" in os.environ:
    decode: Any = msgspec.json.Decoder(before(os.environ["UNKNOWN"])).decode
    mapper: Any = codec.EntryMapper
    mapper._decode = decode

from api.cli.__main__ import run  # noqa: E402  SQL takes the names of the schemas when it is loaded

if __name__ == "__main__":
    run()
