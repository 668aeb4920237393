"""The kinds of problems: all that an error can be answered with."""

from collections.abc import Mapping

from msgspec import Struct

from adapters.documents.media_types import TAKEN

REALM = "recommendation-tracker"
RETRY_SECONDS = 1
DATABASE_RETRY_SECONDS = 5
PROVIDER_RETRY_SECONDS = 10


class Kind(Struct, frozen=True):
    """One kind of problem; its slug is for ever."""

    slug: str
    status: int
    title: str
    meaning: str
    headers: dict[str, str] = {}


_ALL = (
    Kind(
        "malformed", 400, "The body is not JSON", "The body could not be read as JSON (RFC 8259)."
    ),
    Kind(
        "invalid",
        400,
        "The request does not have the form asked for",
        "A field or parameter is missing, unknown, too long or of another form; `errors` says "
        "which. The forms are in /v1/openapi.json.",
    ),
    Kind(
        "unreadable",
        400,
        "The request is not HTTP as it has to be",
        "The request could not be read as HTTP/1.1 (RFC 9112), or it does not name one host.",
    ),
    Kind(
        "unauthenticated",
        401,
        "This takes a token or a sign-in",
        "A tool sends a token made by `tracker token create` as `Authorization: Bearer rtk_…`; "
        "people sign in at /sign-in.",
        {"WWW-Authenticate": f'Bearer realm="{REALM}"'},
    ),
    Kind(
        "invalid-token",
        401,
        "The token is not valid",
        "The Authorization header holds no token, or one that is mistyped, unknown, expired or "
        "revoked. Leave the header out to read what is published.",
        {"WWW-Authenticate": f'Bearer realm="{REALM}", error="invalid_token"'},
    ),
    Kind(
        "token-in-address",
        400,
        "A token does not belong in an address",
        "The query holds a token, or a parameter that tokens are sent in. Addresses are logged and "
        "kept: revoke that token, and send another in the Authorization header.",
    ),
    Kind(
        "sign-in-failed",
        400,
        "The sign-in was not finished",
        "It took too long, was finished before, was begun in another browser, or was not "
        "confirmed. Begin again at /sign-in.",
    ),
    Kind(
        "no-role",
        403,
        "You have no role here, or more than one",
        "The identity provider knows you, and gives you no role in this service, or several of "
        "which you cannot have two. The detail says which.",
    ),
    Kind(
        "cross-site",
        403,
        "The request may not be meant",
        "What a browser sends with a session's cookie, and changes something, has to come from "
        "a page of this service (Sec-Fetch-Site, or Origin) and to carry the session's token, as "
        "X-CSRF-Token or in the field _csrf. GET /v1/session tells it.",
    ),
    Kind(
        "forbidden",
        403,
        "The role may not do this",
        "Who asks is known, and what they asked for takes another role.",
    ),
    Kind(
        "not-found",
        404,
        "There is no such thing",
        "There is nothing of that name, or nothing that the asker may know of.",
    ),
    Kind(
        "method-not-allowed",
        405,
        "The address does not take this method",
        "The Allow header says which it takes.",
    ),
    Kind(
        "timed-out",
        408,
        "The request took too long to come",
        "The head or the body of a request has to come within the time that docs/security.md says.",
        {"Connection": "close"},
    ),
    Kind(
        "refused",
        409,
        "The rules do not allow it now",
        "The command is well formed, but the rules refuse it where things stand; the detail is "
        "the rule. Nothing was recorded.",
    ),
    Kind(
        "overtaken",
        409,
        "Others were quicker",
        "Others recorded a step first, each time it was tried. Nothing was recorded; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    Kind(
        "stale",
        412,
        "It has moved on",
        "A step was recorded after the one expected; `since` says what happened. "
        "Nothing was recorded.",
    ),
    Kind(
        "too-large",
        413,
        "The body is too large",
        "A request takes one mebibyte at most; a document has ten at most, and a form with "
        "documents takes twenty.",
    ),
    Kind(
        "address-too-long",
        414,
        "The address is too long",
        "The path and the query together have 8,192 bytes at most.",
    ),
    Kind(
        "unsupported-media-type",
        415,
        "The body is not said to be JSON",
        "Send `Content-Type: application/json`, in UTF-8.",
    ),
    Kind(
        "unsupported-document",
        415,
        "A document of this type is not taken",
        f"Documents are {TAKEN}, judged by their content. Send one as application/octet-stream, "
        "or as what it is.",
    ),
    Kind(
        "misdirected",
        421,
        "This service has another name",
        "The Host header names a host that this service does not answer for.",
    ),
    Kind(
        "key-reused",
        422,
        "The Idempotency-Key was used for something else",
        "A key stands for one request; the same key with another body is refused. "
        "Nothing was recorded.",
    ),
    Kind(
        "too-many",
        429,
        "Too many requests",
        "More was asked for from one address than there is room for. Try again after the time that "
        "the Retry-After header says.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    Kind(
        "head-too-large",
        431,
        "The head of the request is too large",
        "A request has 100 headers at most, and the address and all headers together have 32,768 "
        "bytes at most.",
    ),
    Kind(
        "fault",
        500,
        "The service made a mistake",
        "It is not the request's fault. The reference finds what happened in the log.",
    ),
    Kind(
        "unavailable",
        503,
        "The database cannot be reached",
        "It may come back by itself. A command may or may not have been recorded: send it again "
        "with the same Idempotency-Key to find out.",
        {"Retry-After": str(DATABASE_RETRY_SECONDS)},
    ),
    Kind(
        "busy",
        503,
        "Too much is being recorded",
        "There is no room for another command just now. Nothing was recorded; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    Kind(
        "overloaded",
        503,
        "Too many are asking",
        "The service has as many connections as it takes. Nothing was done; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    Kind(
        "behind",
        503,
        "The list has not come that far",
        "The list is behind the position asked for; the detail says where it is.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    Kind(
        "provider-away",
        503,
        "The identity provider cannot be reached",
        "It did not answer, or not as it should. Begin again at /sign-in in a moment.",
        {"Retry-After": str(PROVIDER_RETRY_SECONDS)},
    ),
    Kind(
        "not-ready",
        503,
        "The service is not ready",
        "The database cannot be reached, or the read models are still being brought up to date.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
)
KINDS: Mapping[str, Kind] = {kind.slug: kind for kind in _ALL}
