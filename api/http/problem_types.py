"""Every problem type (RFC 9457) that an error can be answered with."""

from collections.abc import Mapping

from msgspec import Struct

from adapters.documents.media_types import ACCEPTED_TYPES

REALM = "recommendation-tracker"
RETRY_SECONDS = 1
DATABASE_RETRY_SECONDS = 5
PROVIDER_RETRY_SECONDS = 10
SCANNER_RETRY_SECONDS = 30
CLOCK_RETRY_SECONDS = 30


class ProblemType(Struct, frozen=True):
    """A problem type; its slug never changes."""

    slug: str
    status: int
    title: str
    meaning: str
    headers: dict[str, str] = {}


_ALL = (
    ProblemType(
        "malformed",
        400,
        "Malformed request body",
        "The body could not be parsed as JSON (RFC 8259) or as a form. Correct it and send it "
        "again.",
    ),
    ProblemType(
        "invalid",
        400,
        "Validation failed",
        "A field or parameter is missing, unknown, too long or in the wrong format; `errors` lists "
        "which. /v1/openapi.json describes the expected formats.",
    ),
    ProblemType(
        "unreadable",
        400,
        "Malformed HTTP request",
        "The request could not be parsed as HTTP/1.1 or 1.0 (RFC 9112), or it does not name "
        "exactly one host.",
    ),
    ProblemType(
        "unauthenticated",
        401,
        "Authentication required",
        "Tools send a token from `tracker token create` as `Authorization: Bearer rtk_…`. People "
        "sign in at /sign-in.",
        {"WWW-Authenticate": f'Bearer realm="{REALM}"'},
    ),
    ProblemType(
        "invalid-token",
        401,
        "Invalid token",
        "The Authorization header has no token, or a token that is mistyped, unknown, expired or "
        "revoked. Omit the header to read published data.",
        {"WWW-Authenticate": f'Bearer realm="{REALM}", error="invalid_token"'},
    ),
    ProblemType(
        "token-in-address",
        400,
        "Token in URL",
        "The query contains a token, or a parameter that usually carries one. URLs are logged and "
        "stored: revoke that token, and send a new one in the Authorization header.",
    ),
    ProblemType(
        "sign-in-failed",
        400,
        "Sign-in failed",
        "The sign-in expired, was already completed, was started in another browser, or was not "
        "confirmed. Start again at /sign-in.",
    ),
    ProblemType(
        "no-role",
        403,
        "No valid role",
        "The identity provider recognises you, but assigns you no role in this service, or roles "
        "that cannot be combined. The detail says which.",
    ),
    ProblemType(
        "cross-site",
        403,
        "Possible cross-site request forgery",
        "A browser request that changes something and carries a session cookie must come from a "
        "page of this service (Sec-Fetch-Site or Origin). It must carry the session's token, from "
        "GET /v1/session, as X-CSRF-Token or in the field _csrf.",
    ),
    ProblemType(
        "forbidden",
        403,
        "Permission denied",
        "You are authenticated, but your role or token does not permit this request. The detail "
        "says what is required.",
    ),
    ProblemType(
        "not-found",
        404,
        "Not found",
        "Nothing exists at this URL, or you may not see it.",
    ),
    ProblemType(
        "method-not-allowed",
        405,
        "Method not allowed",
        "This URL does not support the request method. The Allow header lists those it supports.",
    ),
    ProblemType(
        "timed-out",
        408,
        "Request timeout",
        "The head or body of the request did not arrive in time. docs/security.md lists the "
        "limits.",
        {"Connection": "close"},
    ),
    ProblemType(
        "refused",
        409,
        "Command not allowed",
        "The command is well formed, but a rule forbids it in the current state; the detail is "
        "that rule, and `errors` points at the part of the body that it is about. Nothing was "
        "recorded.",
    ),
    ProblemType(
        "overtaken",
        409,
        "Too much contention, try again",
        "Every attempt to record this conflicted with another step recorded at the same time. "
        "Nothing was recorded; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "removed",
        410,
        "Document removed",
        "Two people removed this document from the record: its content and the name of its file. "
        "The entries that name it stay, with its SHA-256.",
    ),
    ProblemType(
        "stale",
        412,
        "The record has changed",
        "A step was recorded after the one you expected; `since` lists the changes. Nothing was "
        "recorded.",
    ),
    ProblemType(
        "too-large",
        413,
        "Content too large",
        "A request body may have one mebibyte at most, a document ten, and a form with documents "
        "sixty-four, of which it may keep twenty.",
    ),
    ProblemType(
        "address-too-long",
        414,
        "URI too long",
        "The path and query together may have 8,192 bytes at most.",
    ),
    ProblemType(
        "not-acceptable",
        406,
        "No such format",
        "There is no file of this answer in the format that the Accept header prefers. `detail` "
        "says what there is; without that header the answer is JSON.",
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        "Content-Type must be application/json",
        "Send the body as JSON in UTF-8, with `Content-Type: application/json`.",
    ),
    ProblemType(
        "unsupported-document",
        415,
        "Unsupported document type",
        f"Accepted types are {ACCEPTED_TYPES}; the content decides. Send the document as "
        "application/octet-stream or under its own media type.",
    ),
    ProblemType(
        "misdirected",
        421,
        "Unknown host",
        "The Host header names a host that this service does not serve. Use the service's public "
        "URL.",
    ),
    ProblemType(
        "key-reused",
        422,
        "Idempotency-Key already used",
        "This key was already used for a different request. Nothing was recorded; send this "
        "request with a new key.",
    ),
    ProblemType(
        "infected",
        422,
        "Infected document",
        "The scanner found malware in the document; the detail says which. It was not kept.",
    ),
    ProblemType(
        "too-many",
        429,
        "Too many requests",
        "Your address has exceeded its rate limit, or has too many connections or uploads open. "
        "Try again after the time in the Retry-After header.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "head-too-large",
        431,
        "Request header fields too large",
        "A request may have 100 header fields and trailers at most. The request target and all "
        "header fields together may have 32,768 bytes at most, and so may the trailers and chunk "
        "extensions of a body.",
    ),
    ProblemType(
        "fault",
        500,
        "Internal error",
        "This is a fault in the service, not in your request. Report it with the reference, which "
        "identifies the error in the log.",
    ),
    ProblemType(
        "unknown-coding",
        501,
        "Transfer coding not implemented",
        "The only Transfer-Encoding of a request that this service takes is `chunked` (RFC 9112).",
    ),
    ProblemType(
        "unavailable",
        503,
        "Database unavailable",
        "The database cannot be reached and may recover by itself. A command may or may not have "
        "been recorded: send it again with the same Idempotency-Key.",
        {"Retry-After": str(DATABASE_RETRY_SECONDS)},
    ),
    ProblemType(
        "busy",
        503,
        "Server overloaded",
        "The service has no capacity for this request at the moment. Nothing was recorded; try "
        "again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "overloaded",
        503,
        "Server overloaded",
        "The service has reached its limit of connections, or this connection has too many "
        "requests waiting. Nothing was done; try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "behind",
        503,
        "List not up to date",
        "The list has not reached the requested position; the detail says how far it has come. Try "
        "again.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
    ProblemType(
        "clock-wrong",
        503,
        "Clock wrong",
        "The clocks of the service, of its database and of the ledger differ by minutes; the "
        "detail says which. Nothing was recorded; docs/operation.md has the way on.",
        {"Retry-After": str(CLOCK_RETRY_SECONDS)},
    ),
    ProblemType(
        "restored",
        503,
        "Database restored or promoted",
        "The database is a restored or promoted copy, or was put back to an earlier moment. Until "
        "an operator confirms it by `tracker resume`, nothing is recorded.",
        {"Retry-After": str(CLOCK_RETRY_SECONDS)},
    ),
    ProblemType(
        "unreadable-entry",
        503,
        "Unreadable entry",
        "The record has an entry that this program cannot read: a newer version wrote it, or it "
        "was altered. The detail says which; docs/operation.md has the way on.",
        {"Retry-After": str(CLOCK_RETRY_SECONDS)},
    ),
    ProblemType(
        "provider-away",
        503,
        "Identity provider unavailable",
        "The identity provider did not respond, or responded incorrectly. Start again at /sign-in "
        "in a moment.",
        {"Retry-After": str(PROVIDER_RETRY_SECONDS)},
    ),
    ProblemType(
        "unscanned",
        503,
        "Document not scanned",
        "Documents are scanned before they are kept, and this one could not be: the scanner cannot "
        "be reached, or takes no document of that size. It was not kept.",
        {"Retry-After": str(SCANNER_RETRY_SECONDS)},
    ),
    ProblemType(
        "not-ready",
        503,
        "Service not ready",
        "The database cannot be reached, or the read models are still catching up. Try again "
        "shortly.",
        {"Retry-After": str(RETRY_SECONDS)},
    ),
)
PROBLEM_TYPES: Mapping[str, ProblemType] = {kind.slug: kind for kind in _ALL}
