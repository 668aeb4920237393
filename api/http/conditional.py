"""Conditional requests (RFC 9110, section 13): entity tags, If-None-Match, If-Match.

The tag of a stream is its last step, so that it can be sent back with a command; the tag of
anything else is a hash of its bytes.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256

from api.http.problems import wrong

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_STEP = re.compile(r'"(\d{1,9})"')
HASH_BYTES = 15


def step_headers(step: int, *, immutable: bool) -> dict[str, str]:
    """The headers of a stream after a step.

    What is counted to today is another tomorrow, though its step is not; so a cache may keep
    only what cannot change.
    """
    tag = {"ETag": f'"{step}"'}
    return tag if immutable else {**tag, "Cache-Control": "no-store"}


def tag_of(body: bytes) -> str:
    """The entity tag of some bytes."""
    return f'"{urlsafe_b64encode(sha256(body).digest()[:HASH_BYTES]).decode()}"'


def none_match(header: str, tag: str) -> bool:
    """Say whether an If-None-Match header allows the answer with this tag."""
    return header.strip() != "*" and tag not in _TAG.findall(header)


def expected_step(header: str | None) -> int | None:
    """The step that an If-Match header expects; None if any will do."""
    if header is None or header.strip() == "*":
        return None
    found = _STEP.fullmatch(header.strip())
    if found is None:
        raise wrong('Send one ETag as it was received, like "7", or *.', parameter="If-Match")
    return int(found[1])
