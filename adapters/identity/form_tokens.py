"""The token that each form of a session carries: derived from its secret, and kept as a hash.

It says whose a form is that comes without its session (docs/decisions/0070).
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import LiteralString


def form_token(secret: str) -> str:
    """Return the token of a session's forms, derived from its secret without revealing it."""
    digest = hmac.digest(secret.encode(), b"tracker/csrf/v1", hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")


CLEAR: LiteralString = (
    " used_up AS (DELETE FROM form_tokens WHERE sha256 = ANY(ARRAY("
    "SELECT sha256 FROM form_tokens WHERE ends_at <= $4 ORDER BY ends_at LIMIT $6"
    " FOR UPDATE SKIP LOCKED))),"
)
"""Some rows whose time is over go, in the statement that begins a session."""
ISSUE: LiteralString = (
    " issued AS (INSERT INTO form_tokens (sha256, actor, ends_at)"
    " SELECT $7, actor, $5 + interval '1 hour' FROM opened)"
)
"""The token of the forms of a session that begins, which outlives it."""
ISSUE_IF_ABSENT: LiteralString = (
    " INSERT INTO form_tokens (sha256, actor, ends_at)"
    " SELECT t.sha256, s.actor, s.ends_at + interval '1 hour'"
    " FROM unnest($2, $3) AS t (id, sha256) JOIN sessions s ON s.id = t.id ON CONFLICT DO NOTHING"
)
"""The same of sessions that are used, which may have begun before tokens were kept."""
