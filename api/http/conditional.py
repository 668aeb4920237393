"""Conditional requests (RFC 9110, section 13): entity tags, If-None-Match, If-Match.

The tag of a stream is its last step, so that a client can send it back with a command. A view of a
past step changes when a text of it is suppressed: its tag has the number of these texts too. The
tag of any other representation is a hash of its bytes.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256

from api.http.problems import invalid

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_STEP = re.compile(r'"(\d{1,9})(?:\.\d{1,9})?"')
HASH_BYTES = 15


def step_headers(step: int, *, immutable: bool, suppressed: int = 0) -> dict[str, str]:
    """Return the headers of a stream as of a step, `suppressed` texts of which were removed.

    A view that counts up to today changes tomorrow although its step does not, so only an
    immutable representation may be cached.
    """
    tag = {"ETag": f'"{step}.{suppressed}"' if suppressed else f'"{step}"'}
    return tag if immutable else {**tag, "Cache-Control": "no-store"}


def tag_of(body: bytes) -> str:
    """Return the entity tag of a body."""
    return f'"{urlsafe_b64encode(sha256(body).digest()[:HASH_BYTES]).decode()}"'


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
