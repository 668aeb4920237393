"""The kinds of problems: all that an error can be answered with."""

from collections.abc import Mapping

from msgspec import Struct

from adapters.documents.media_types import TAKEN

REALM = "recommendation-tracker"
RETRY_SECONDS = 1
DATABASE_RETRY_SECONDS = 5
PROVIDER_RETRY_SECONDS = 10


class ProblemType(Struct, frozen=True):
    """One kind of problem; its slug is for ever."""

    slug: str
    status: int
    title: str
    meaning: str
    headers: dict[str, str] = {}


_ALL = (
    ProblemType(
        "malformed", 400, "The body is not JSON", "The body could not be read as JSON (RFC 8259)."
    ),
    ProblemType(
        "invalid",
        400,
        "The request does not have the form asked for",
        "A field or parameter is missing, unknown, too long or of another form; `errors` says "
        "which. The forms are in /v1/openapi.json.",
    ),
    ProblemType(
        "unreadable",
        400,
        "The request is not HTTP as it has to be",
        "The request could not be read as HTTP/1.1 (RFC 9112), or it does not name one host.",
    ),
    ProblemType(
        "unauthenticated",
        401,
        "This takes a token or a sign-in",
        "A tool sends a token made by `tracker token create` as `Authorization: Bearer rtk_…`; "
        "people sign in at /sign-in.",
        {"WWW-Authenticate": f'Bearer realm="{REALM}"'},
    ),
    ProblemType(
        "invalid-token",
        401,
        "The token is not valid",
        "The Authorization header holds no token, or one that is mistyped, unknown, expired or "
        "revoked. Leave the header out to read what is published.",
        {"WWW-Authenticate": f'Bearer realm="{REALM}", error="invalid_token"'},
    ),
    ProblemType(
        "token-in-address",
        400,
        "A token does not belong in an address",
        "The query holds a token, or a parameter that tokens are sent in. Addresses are logged and "
        "kept: revoke that token, and send another in the Authorization header.",
    ),
    ProblemType(
        "sign-in-failed",
        400,
        "The sign-in was not finished",
        "It took too long, was finished before, was begun in another browser, or was not "
        "confirmed. Begin again at /sign-in.",
    ),
    ProblemType(
        "no-role",
        403,
        "You have no role here, or more than one",
        "The identity provider knows you, and gives you no role in this service, or several of "
        "which you cannot have two. The detail says which.",
    ),
    ProblemType(
        "cross-site",
        403,
        "The request may not be meant",
        "What a browser sends with a session's cookie, and changes something, has to come from "
        "a page of this service (Sec-Fetch-Site, or Origin) and to carry the session's token, as "
        "X-CSRF-Token or in the field _csrf. GET /v1/session tells it.",
    ),
    ProblemType(
        "forbidden",
        403,
        "The role may not do this",
        "Who asks is known, and what they asked for takes another role.",
    ),
    ProblemType(
        "not-found",
        404,
        "There is no such thing",
        "There is nothing of that name, or nothing that the asker may know of.",
    ),
    ProblemType(
        "method-not-allowed",
        405,
        "The address does not take this method",
        "The Allow header says which it takes.",
    ),
    ProblemType(
        "timed-out",
        408,
        "The request took too long to come",
        "The head or the body of a request has to come within the time that docs/security.md says.",
        {"Connection": "close"},
    ),
    ProblemType(
        "refused",
        409,
        "The rules do not allow it now",
        "The command is well formed, but the rules refuse it where things stand; the detail is "
        "the rule. Nothing was recorded.",
    ),
    ProblemType(
        "overtaken",
        409,
        "Others were quicker",
        "Others recorded a step first, each time it was tried. Nothing was recorded; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "stale",
        412,
        "It has moved on",
        "A step was recorded after the one expected; `since` says what happened. "
        "Nothing was recorded.",
    ),
    ProblemType(
        "too-large",
        413,
        "The body is too large",
        "A request takes one mebibyte at most; a document has ten at most, and a form with "
        "documents takes twenty.",
    ),
    ProblemType(
        "address-too-long",
        414,
        "The address is too long",
        "The path and the query together have 8,192 bytes at most.",
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        "The body is not said to be JSON",
        "Send `Content-Type: application/json`, in UTF-8.",
    ),
    ProblemType(
        "unsupported-document",
        415,
        "A document of this type is not taken",
        f"Documents are {TAKEN}, judged by their content. Send one as application/octet-stream, "
        "or as what it is.",
    ),
    ProblemType(
        "misdirected",
        421,
        "This service has another name",
        "The Host header names a host that this service does not answer for.",
    ),
    ProblemType(
        "key-reused",
        422,
        "The Idempotency-Key was used for something else",
        "A key stands for one request; the same key with another body is refused. "
        "Nothing was recorded.",
    ),
    ProblemType(
        "too-many",
        429,
        "Too many requests",
        "More was asked for from one address than there is room for. Try again after the time that "
        "the Retry-After header says.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "head-too-large",
        431,
        "The head of the request is too large",
        "A request has 100 headers at most, and the address and all headers together have 32,768 "
        "bytes at most.",
    ),
    ProblemType(
        "fault",
        500,
        "The service made a mistake",
        "It is not the request's fault. The reference finds what happened in the log.",
    ),
    ProblemType(
        "unavailable",
        503,
        "The database cannot be reached",
        "It may come back by itself. A command may or may not have been recorded: send it again "
        "with the same Idempotency-Key to find out.",
        {"Retry-After": str(DATABASE_RETRY_SECONDS)},
    ),
    ProblemType(
        "busy",
        503,
        "Too much is being recorded",
        "There is no room for another command just now. Nothing was recorded; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "overloaded",
        503,
        "Too many are asking",
        "The service has as many connections as it takes. Nothing was done; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "behind",
        503,
        "The list has not come that far",
        "The list is behind the position asked for; the detail says where it is.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "provider-away",
        503,
        "The identity provider cannot be reached",
        "It did not answer, or not as it should. Begin again at /sign-in in a moment.",
        {"Retry-After": str(PROVIDER_RETRY_SECONDS)},
    ),
    ProblemType(
        "not-ready",
        503,
        "The service is not ready",
        "The database cannot be reached, or the read models are still being brought up to date.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
)
PROBLEM_TYPES: Mapping[str, ProblemType] = {kind.slug: kind for kind in _ALL}
