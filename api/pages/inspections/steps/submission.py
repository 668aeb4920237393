"""The headers of a command that a form of an inspection gives: its step, and its key."""

from hashlib import sha256

from adapters.ledger.append import Key
from api.http.problems import Request, request_id
from api.request.authentication import current_actor
from api.request.json_body import WriteHeaders


def headers_of(request: Request, key: str, body: bytes, step: int | None) -> WriteHeaders:
    """Return what records a body once under a key, if `step` is still the inspection's last."""
    whole = f"{request.scope['path']} {step}\n".encode() + body
    actor = current_actor(request)
    return WriteHeaders(
        step, Key(actor.id, key, sha256(whole).digest()), {"request_id": request_id(request)}
    )
