"""Conditional requests (RFC 9110, section 13): entity tags, If-None-Match, If-Match.

A tag names what was answered: it has a hash of the bytes, which change with the day, with the
reader's permissions and with a suppression, though no step was recorded. The tag of a stream begins
with its last step, so that a client can send it back with a command: a command depends on the
history alone, so If-Match compares the step, and takes a bare step too.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256

from api.http.problems import invalid

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_STEP = re.compile(r'"([0-9]{1,9})(?:\.[A-Za-z0-9_-]{1,20})?"')
HASH_BYTES = 15
QUOTE = '"'


def step_headers(step: int, *, immutable: bool) -> dict[str, str]:
    """Return the headers of a stream as of a step; the middleware completes the tag.

    A view that counts up to today changes tomorrow although its step does not, so only an
    immutable representation may be cached.
    """
    tag = {"ETag": f'"{step}"'}
    return tag if immutable else {**tag, "Cache-Control": "no-store"}


def tag_of(body: bytes, step_tag: str | None = None) -> str:
    """Return the entity tag of a body, after the step of `step_headers` if it shows a stream."""
    digest = urlsafe_b64encode(sha256(body).digest()[:HASH_BYTES]).decode()
    return f'"{step_tag.strip(QUOTE)}.{digest}"' if step_tag else f'"{digest}"'


def none_match(header: str, tag: str) -> bool:
    """Return whether an If-None-Match condition holds for this tag: the body must be sent."""
    return header.strip() != "*" and tag not in _TAG.findall(header)


def expected_step(header: str | None) -> int | None:
    """Return the step that an If-Match header expects, or None if any will do.

    Raises ProblemError ("invalid") if the header is not a single entity tag of a stream, or *.
    """
    if header is None or header.strip() == "*":
        return None
    match = _STEP.fullmatch(header.strip())
    if match is None:
        raise invalid(
            'Send a single ETag exactly as received, such as "7", or *.', parameter="If-Match"
        )
    return int(match[1])
