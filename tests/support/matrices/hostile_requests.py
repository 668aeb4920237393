"""Hostile requests: real addresses and commands, filled with difficult values."""

import json
from typing import Any
from urllib.parse import quote_from_bytes
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from msgspec import Struct

from api.downloads.handlers import DOWNLOAD_ROUTES
from api.openapi import describe
from api.pages.routes import PAGES
from api.routes import HANDLERS
from api.v1.odata.handlers import ODATA_ROUTES
from domain.vocabulary.actors import Actor
from tests.support.data.examples import INSPECTOR, KENT, issue, publish
from tests.support.served.serving import AUDITOR, REPORTING

STREAM = UUID("45fd50dd-7508-54fb-94ac-784b0b6d4ac0")
"""Stands for an existing recommendation."""

_LONG = "x" * 9_000
_INT = "9" * 5_000


class Sent(Struct):
    """A request, byte by byte; `whole` says whether its stated length is right."""

    actor: Actor
    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    whole: bool = True

    def __repr__(self) -> str:
        """Return its first words: Hypothesis warns of long ones, and a failure adds all bytes."""
        return f"<{self.method} {self.target[:40]!r}>"

    def raw(self, host: str, token: str | None) -> bytes:
        """Return the bytes to send."""
        lines = [self.method.encode() + b" " + self.target + b" HTTP/1.1"]
        if not any(name.lower() == b"host" for name, _ in self.headers):
            lines.append(b"Host: " + host.encode())
        if token:
            lines.append(b"Authorization: Bearer " + token.encode())
        lines += [name + b": " + value for name, value in self.headers]
        if not any(
            name.lower() in {b"content-length", b"transfer-encoding"} for name, _ in self.headers
        ):
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


# Addresses

_HARD_TEXTS = (
    "", ".", "..", "...", "%2e%2e", "%2f", "%2F..%2f", "%5c", "%00", "a%00b", "%ff", "%c3%28",
    "%ed%a0%80", "%f0%9f%92%a9", "%25", "%", "%zz", "%u0041", "+", "%0d%0aX:%20y", "null", "-1",
    "0", "1e9", "Infinity", "NaN", "{stream}", "{code:str}", "*", "'", "';--", "$1", "%24%7b1%7d",
    "<script>", "&lt;", "kent", "Kent", "training", "national", "all", str(STREAM),
    str(STREAM).upper(), STREAM.hex, f"{{{STREAM}}}", f"urn:uuid:{STREAM}", "0" * 36,
    "true", "false", "2022-09-01", "0000-00-00", "9999-12-31", "2022-02-30", "2026-01-01T00:00:00Z",
    "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-W01", "20260101",
    "0001-01-01T00:00:00Z", "0001-01-01", "9999-12-31", "%e2%80%8b", "%e2%a0%80", "%c2%85",
    "\u00e9", "\u202e", "\u0000", "x" * 300, _INT[:60], _INT[:400], "stale", "W10", "=", ";",
)  # fmt: skip
_junk = st.one_of(
    st.sampled_from(_HARD_TEXTS),
    st.binary(max_size=12).map(quote_from_bytes),
    st.text(max_size=8),
    st.integers().map(str),
)
_TEMPLATES = sorted(
    {
        path
        for handler in (*HANDLERS, *PAGES, *DOWNLOAD_ROUTES, *ODATA_ROUTES)
        for path in handler.paths
    }
)
_NAMES = (
    "on", "known_at", "position", "force", "cursor", "limit", "report", "area", "stage", "kind",
    "overdue", "due_before", "claimed", "q", "work", "after", "step", "token", "_method", "",
    "on-day", "on-month", "on-year", "open", "reason", "product", "order", "$filter", "$orderby",
    "$select", "$top", "$skip", "$skiptoken", "$count", "$format",
)  # fmt: skip


def _filled(template: str, pieces: list[str]) -> str:
    parts = template.split("/")
    filling = iter(pieces)
    return "/".join(next(filling, str(STREAM)) if part.startswith("{") else part for part in parts)


_real = st.sampled_from(_TEMPLATES).map(lambda template: _filled(template, []))
_paths = st.one_of(
    _real,
    st.builds(_filled, st.sampled_from(_TEMPLATES), st.lists(_junk, min_size=1, max_size=2)),
    st.builds("{}/{}".format, _real, _junk),
    st.builds("{}{}".format, st.sampled_from(("/", "/.", "/..", "*")), _real),
    st.lists(_junk, max_size=4).map(lambda parts: "/" + "/".join(parts)),
    st.sampled_from(("*", "/", "//", "http://127.0.0.1/v1/forces", "http://[/")),
    st.just(f"/{_LONG}"),
)
_queries = st.lists(
    st.tuples(st.sampled_from(_NAMES) | _junk, _junk).map("=".join), max_size=5
).map("&".join)
_PARAMETERS = sorted(
    (path.replace("{stream}", str(STREAM)).replace("{code}", "kent"), parameter["name"])
    for path, item in describe(HANDLERS)["paths"].items()
    for operation in item.values()
    for parameter in operation["parameters"]
    if parameter["in"] == "query"
)
"""Every parameter of every path, to fill each alone with a difficult value."""
_one_parameter = st.builds("{0[0]}?{0[1]}={1}".format, st.sampled_from(_PARAMETERS), _junk)
_targets = st.one_of(_paths, st.builds("{}?{}".format, _paths, _queries)).map(
    lambda target: target.encode("utf-8", "surrogatepass").translate(None, b" \r\n\t")
)

# Headers

_HEADERS = (
    "If-Match", "If-None-Match", "Idempotency-Key", "Content-Type", "X-Request-Id", "Cookie",
    "Accept", "Accept-Encoding", "Range", "Origin", "Host", "X-Forwarded-For", "Forwarded",
    "X-HTTP-Method-Override", "Last-Event-ID", "Expect", "Upgrade", "Connection", "Authorization",
    "TE", "Content-Encoding", "Sec-Fetch-Site", "Referer", "If-Modified-Since", "Date", "X",
)  # fmt: skip
_VALUES = (
    b"", b"*", b'"1"', b'W/"1"', b'"1", "2"', b'"', b'"99999999999999999999"', b"-1", b"\xff\xfe",
    b"\xed\xa0\x80", b"application/json", b"application/json; charset=utf-16", b"text/html",
    b"multipart/form-data; boundary=x", b"multipart/form-data", b"a" * 250, b"gzip, br", b"a=b; =",
    b"bytes=0-1", b"null", b"100-continue", b"websocket", b"close", b"Upgrade", b"Bearer ",
    b"Basic x", b"Bearer rtk_", b"chunked", b"__Host-session=\x80", b'a="b;c"; $Version=1',
    b"1, 2, , 3",
)  # fmt: skip
_headers = st.lists(
    st.tuples(
        st.sampled_from(_HEADERS).map(str.encode),
        st.sampled_from(_VALUES)
        | st.binary(max_size=20).map(lambda value: value.translate(None, b"\r\n\0")),
    ),
    max_size=4,
)

# Bodies

_COMMANDS: tuple[dict[str, Any], ...] = (
    msgspec.to_builtins(publish(issue(), reference="kent-hostile-2022")),
    {"type": "comment", "comment": "Noted.", "on": "2022-09-01"},
    {"type": "receive_action_plan", "answer": "act", "content": "We will."},
    {"type": "close", "reason": "withdrawn", "basis": "Moot."},
    {"type": "claim_completion", "evidence": "It.", "documents": ["0" * 64]},
    {"type": "correct", "step": 1, "field": "on", "was": "2022-08-05", "now": "2022-08", "why": ""},
    {"type": "request_redaction", "step": 1, "field": "remark", "ground": "data_protection"},
    {
        "type": "request_suppression",
        "step": 1,
        "field": "text",
        "ground": "safeguarding",
        "why": "-",
    },
    {"type": "assign_follow_up", "kind": "monitoring", "procedure": "2020", "assignee": "i-7"},
)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from((10**400, -(2**63) - 1, 1e308, "\ud800", "\u0000", "\u202e", _LONG, [], {})),
    st.sampled_from(_HARD_TEXTS),
)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _changed(
    command: dict[str, Any], name: str, known: int, value: object, *, batch: bool
) -> object:
    field = sorted(command)[known % len(command)] if len(name) > 1 else name
    changed = {**command, field: value}
    return [{"stream": str(STREAM), "command": changed}] if batch else changed


_commands = st.builds(
    _changed,
    st.sampled_from(_COMMANDS),
    st.text(max_size=6),
    st.integers(0, 11),
    _values,
    batch=st.booleans(),
)
_BYTES = (
    b"", b"{", b"nonsense", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"[" * 5_000,
    b'{"a":' * 5_000,
    b'{"type":"comment","comment":"\\ud800"}', b'{"type":"comment","comment":"\xed\xa0\x80"}',
    b'{"type":"comment","type":"close","comment":"x"}', b'{"type":"comment","comment":1e999}',
    b'{"type":' + b"9" * 5_000 + b"}", b'{"type":-0.0}', b"NaN", b"[Infinity]", b"{}\x00", b"{} {}",
    b'{"type":"comment","comment":"x","on":"2022-09-01T00:00:00Z"}', b"--x\r\n\r\n--x--",
    b'{"type":"correct","step":' + b"9" * 20 + b',"field":"on","was":"","now":"","why":"x"}',
    b'{"type":"correct","step":1.5,"field":"__class__","was":"","now":"","why":"x"}',
)  # fmt: skip
_bodies = st.one_of(
    st.just(b""),
    (_commands | _values).map(lambda body: json.dumps(body).encode()),
    st.sampled_from(_BYTES),
    st.binary(max_size=40),
)

# Requests

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
_LENGTHS = (b"0", b"1", b"-1", b"+1", b"0x1", b"1, 1", b"", b"99999999999999999999999")
_WHO = (INSPECTOR, INSPECTOR, INSPECTOR, KENT, AUDITOR, REPORTING)
_COMMANDED = f"/v1/recommendations/{STREAM}/commands".encode()
_COMMENT = json.dumps(_COMMANDS[1]).encode()
_JSON = (b"Content-Type", b"application/json")


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    """Return a request that is hostile in one part, or in all parts.

    A request refused for one part is not examined in its other parts.
    """
    actor = draw(st.sampled_from(_WHO))
    match draw(st.sampled_from(("body", "headers", "address", "query", "length", "all"))):
        case "body":
            path = draw(st.sampled_from((_COMMANDED, b"/v1/commands", b"/v1/reports")))
            made = Sent(actor, "POST", path, [_JSON], draw(_bodies))
        case "headers":
            made = Sent(actor, "POST", _COMMANDED, [_JSON, *draw(_headers)], _COMMENT)
            if draw(st.booleans()):
                made = Sent(actor, "GET", draw(_real).encode(), draw(_headers), b"")
        case "address":
            made = Sent(actor, draw(st.sampled_from(_METHODS)), draw(_targets), [], b"")
        case "query":
            several = st.builds("{}?{}".format, _real, _queries)
            target = draw(st.one_of(_one_parameter, _one_parameter, several)).encode(
                "utf-8", "surrogatepass"
            )
            made = Sent(actor, "GET", target.translate(None, b" \r\n\t"), [], b"")
        case "length":
            made = _of_another_length(draw, actor)
        case _:
            method, headers = draw(st.sampled_from(_METHODS)), draw(_headers)
            made = Sent(actor, method, draw(_targets), headers, draw(_bodies))
    return made


def _of_another_length(draw: st.DrawFn, actor: Actor) -> Sent:
    chunked = (b"Transfer-Encoding", b"chunked")
    match draw(st.integers(0, 2)):
        case 0:
            length = (b"Content-Length", draw(st.sampled_from(_LENGTHS)))
            return Sent(actor, "POST", _COMMANDED, [_JSON, length], _COMMENT, whole=False)
        case 1:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(_COMMENT), _COMMENT)
            return Sent(actor, "POST", _COMMANDED, [_JSON, chunked], body)
        case _:
            body = draw(st.sampled_from((b"zz\r\n", b"-1\r\n", b"1\r\nxx\r\n", b"g" * 100)))
            return Sent(actor, "POST", _COMMANDED, [_JSON, chunked], body, whole=False)
