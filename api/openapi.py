"""The OpenAPI 3.1 description, generated from the routes.

Parameters, bodies and responses are described from the types that validate and encode them, so the
description cannot differ from the implementation.
"""

import inspect
import re
from collections.abc import Iterable, Sequence
from copy import copy
from types import UnionType
from typing import Any, TypeAlias, Union, cast, get_args, get_origin

import msgspec
from litestar import MediaType, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK

from adapters.documents.media_types import TYPES
from api.http.problem_types import PROBLEM_TYPES
from api.http.problems import PROBLEM_JSON, Problem
from api.request.authentication import is_public
from api.request.query_params import Params

Json: TypeAlias = dict[str, Any]
Type: TypeAlias = Any
"""A type expression."""

_EVERYWHERE = frozenset({400, 401, 408, 414, 421, 429, 431, 500, 503})
"""Statuses that any route may answer."""
_WRITING = frozenset({404, 409, 412, 413, 415, 422})
"""Further statuses of a route that takes a body."""
_PATH_TYPES: dict[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "str": {"type": "string"},
}
_UNIONS: tuple[Type, ...] = (Union, UnionType)
_BYTES = "application/octet-stream"
_RESPONSES: tuple[Type, ...] = (Response,)
_WHITE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IN_PATH = re.compile(r"{(\w+):(\w+)}")
_ETAG: Json = {
    "ETag": {
        "description": "The entity tag; for a stream, it begins with its last step.",
        "schema": {"type": "string"},
    }
}
_LINEAGE: Json = {
    "Ledger-Lineage": {
        "description": "The lineage of the ledger, within which a position names the same entry.",
        "schema": {"type": "string", "format": "uuid"},
    }
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag, or the step in quotes, that the command is based on; 412 if a step "
    "was recorded since.",
    "schema": {"type": "string", "pattern": r'^("[0-9]{1,9}([.][A-Za-z0-9_-]{1,20})?"|\*)$'},
}
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes retries safe: the same key and body are recorded once, answered alike.",
    "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
}
_CONTENT_DISPOSITION: Json = {
    "name": "Content-Disposition",
    "in": "header",
    "description": "The name of the file, as RFC 6266 writes it. It is kept as private text, "
    "without path and control characters, with the ending of its type.",
    "schema": {
        "type": "string",
        "pattern": r"^attachment; filename\*=UTF-8''([A-Za-z0-9._-]|%[0-9A-F]{2}){1,600}$",
    },
}
_DESCRIPTION = """\
The history of every recommendation, as an append-only ledger.

Every GET route supports HEAD. GET responses have an ETag, and If-None-Match is answered 304 if it
matches. Every error is a problem (RFC 9457), explained at its `type`. `on` selects what was true
on a day, `known_at` what the service knew at a moment. A list is as of its `position`; pass the
`position` from a command's response to a list to wait until it includes that command. A whole list
is a file at its path with an ending, as filtered: `/v1/recommendations.csv`, `.xlsx`, `.ods`,
`.parquet`, `.arrow` or `.ndjson`; or at its path with the media type in `Accept`. docs/data.md says
which lists.
"""


@get("/v1/openapi.json", opt={"public": True}, sync_to_thread=True)
def serve(state: State) -> Response[Json]:
    """Return this OpenAPI description."""
    body: bytes = state["description"]()  # generated on first request, and written only then
    return cast("Response[Json]", Response(body, media_type=MediaType.JSON))


def describe(handlers: Iterable[HTTPRouteHandler]) -> Json:
    """Return the OpenAPI description of some handlers."""
    # Copies, since Litestar cannot register a handler after its signature has been parsed.
    served = [(path, copy(handler)) for handler in handlers for path in sorted(handler.paths)]
    types = _Types([Problem, *(kind for _, handler in served for kind in _kinds_of(handler))])
    paths: dict[str, Json] = {}
    for path, handler in served:
        operations = paths.setdefault(_IN_PATH.sub(r"{\1}", path), {})
        for method in handler.http_methods:
            operations[method.lower()] = _operation(path, handler, types)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Recommendation Tracker", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": types.components,
            "responses": _problem_responses(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


class _Types:
    """JSON Schemas of some types, with the components that they refer to."""

    def __init__(self, kinds: Sequence[Type]) -> None:
        schemas, components = msgspec.json.schema_components(
            kinds, ref_template="#/components/schemas/{name}"
        )
        self._of = list(zip(kinds, schemas, strict=True))
        self.components: Json = components
        for component in components.values():
            component["description"] = inspect.cleandoc(component.get("description", ""))
            _free_tag(component)
        for schema in (*schemas, *components.values()):
            _mend(schema)
        # Query parameters are listed field by field, not as an object.
        params = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Params)}
        self._params: Json = {kind.__name__: components.pop(kind.__name__) for kind in params}

    def of(self, kind: Type) -> Json:
        """Return the schema of a type."""
        return next(schema for known, schema in self._of if known == kind)

    def parameters(self, kind: Type) -> list[Json]:
        """Return the fields of a Struct as query parameters."""
        params = self._params[kind.__name__]
        fields, required = params["properties"], params.get("required", ())
        return [
            _parameter(name, "query", schema, required=name in required)
            for name, schema in fields.items()
        ]


def _free_tag(component: Json) -> None:
    """Make the tag of a Struct optional where it has a single value."""
    if "enum" in component.get("properties", {}).get("type", {}):
        component["required"].remove("type")


def _mend(schema: object) -> None:
    """Require the tag in unions of Structs, and spell out Python's white space in patterns."""
    if isinstance(schema, dict):
        node = cast("Json", schema)
        if "discriminator" in node:
            node["required"] = ["type"]
        if "pattern" in node:
            node["pattern"] = str(node["pattern"]).replace(r"\s", _WHITE)
        for inner in node.values():
            _mend(inner)
    elif isinstance(schema, list):
        for inner in cast("list[object]", schema):
            _mend(inner)


def _parameter(name: str, place: str, schema: Json, *, required: bool = True) -> Json:
    members = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    described = dict(members[0]) if len(members) == 1 else dict(schema)
    if schema.get("default") is not None:
        described["default"] = schema["default"]
    text = described.pop("description", None)
    parameter = {"name": name, "in": place, "required": required, "schema": described}
    return {**parameter, "description": text} if text else parameter


def _operation(path: str, handler: HTTPRouteHandler, types: _Types) -> Json:
    module = handler.fn.__module__.removeprefix("api.")
    summary, _, description = inspect.cleandoc(handler.fn.__doc__ or "").partition("\n\n")
    operation: Json = {
        "operationId": f"{module}_{handler.fn.__name__.strip('_')}",
        "tags": [module],
        "summary": summary,
        "description": description,
        "security": [{}, {"token": []}] if is_public(handler) else [{"token": []}],
        "parameters": [
            _parameter(name, "path", _PATH_TYPES[kind]) for name, kind in _IN_PATH.findall(path)
        ],
        "responses": _responses(path, handler, types),
    }
    if (params := _params(handler)) is not None:
        operation["parameters"] += types.parameters(params)
    if (payload := _payload(handler)) is not None:
        on_stream = _IN_PATH.search(path) is not None
        headers = [_IF_MATCH, _IDEMPOTENCY_KEY] if on_stream else [_IDEMPOTENCY_KEY]
        operation["parameters"] += [] if "unconditional" in handler.opt else headers
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": types.of(payload)}},
        }
    elif _takes_bytes(handler):
        operation["parameters"].append(_CONTENT_DISPOSITION)
        operation["requestBody"] = {"required": True, "content": {_BYTES: {"schema": {}}}}
    return operation


def _responses(path: str, handler: HTTPRouteHandler, types: _Types) -> Json:
    statuses = set(_EVERYWHERE)
    if not is_public(handler):
        statuses.add(403)
    if _payload(handler) is not None or _takes_bytes(handler):
        statuses |= _WRITING
    if handler.opt.get("may_refuse"):  # without a body
        statuses.add(409)
    params = _params(handler)
    names_lineage = "lineage" in getattr(params, "__struct_fields__", ())
    lists = bool(getattr(params, "read_models", None))
    if _IN_PATH.search(path) or lists or names_lineage:
        statuses.add(404)
    responses: Json = {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)
    }
    if "GET" in handler.http_methods:
        responses["304"] = {"description": "Not modified: its ETag is in If-None-Match."}
    if _gives_bytes(handler):
        responses["410"] = {"$ref": "#/components/responses/410"}
        files: Json = {media_type: {"schema": {}} for media_type in TYPES}
        responses["200"] = {"description": "Success.", "headers": _ETAG, "content": files}
    headers = _ETAG | (_LINEAGE if lists else {})
    for answer in _answers(handler):
        problem = isinstance(answer, type) and issubclass(answer, Problem)
        responses["503" if problem else str(handler.status_code)] = {
            "description": "The service is not ready." if problem else "Success.",
            "headers": headers if handler.status_code == HTTP_200_OK and not problem else {},
            "content": {
                PROBLEM_JSON if problem else "application/json": {"schema": types.of(answer)}
            },
        }
    for media_type in handler.opt.get("media_types", ()):
        cast("Json", responses["200"])["content"][media_type] = {"schema": {}}
    if _takes_bytes(handler):
        first = responses[str(handler.status_code)]
        responses["200"] = {**first, "description": "The same bytes were stored before."}
    return dict(sorted(responses.items()))


def _problem_responses() -> Json:
    responses: dict[str, Json] = {}
    for kind in PROBLEM_TYPES.values():
        response = responses.setdefault(
            str(kind.status),
            {
                "description": "",
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
        response["description"] += f"{kind.title} (`/problems/{kind.slug}`). "
    return responses


def _kinds_of(handler: HTTPRouteHandler) -> list[Type]:
    kinds = (_params(handler), _payload(handler), *_answers(handler))
    return [kind for kind in kinds if kind is not None]


def _params(handler: HTTPRouteHandler) -> Type:
    field = handler.parsed_fn_signature.parameters.get("params")
    return field.annotation if field else None


def _payload(handler: HTTPRouteHandler) -> Type:
    field = handler.parsed_fn_signature.parameters.get("payload")
    return field.raw if field else None


def _takes_bytes(handler: HTTPRouteHandler) -> bool:
    return "raw" in handler.opt and "POST" in handler.http_methods


def _gives_bytes(handler: HTTPRouteHandler) -> bool:
    return "raw" in handler.opt and "GET" in handler.http_methods


def _answers(handler: HTTPRouteHandler) -> list[Type]:
    if _gives_bytes(handler):
        return []  # bytes have no schema
    kind: Type = handler.parsed_fn_signature.return_type.annotation
    members = get_args(kind) if get_origin(kind) in _UNIONS else (kind,)
    return [
        get_args(member)[0] if get_origin(member) in _RESPONSES else member for member in members
    ]
