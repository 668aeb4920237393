"""Format of tokens: `rtk_`, 43 random characters and 6 of a checksum.

The prefix lets a scanner find a leaked token, and the checksum lets a typing error cost no query.
Only a hash of a token is kept, as of every secret.
"""

import hashlib
import secrets
import string
import zlib

PREFIX = "rtk_"
RANDOM_CHARS = 43
"""256 bits, so that a plain hash cannot be searched."""
CHECKSUM_CHARS = 6
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_token() -> str:
    """Return a new token, which nobody can guess."""
    body = PREFIX + "".join(secrets.choice(_BASE62) for _ in range(RANDOM_CHARS))
    return body + _checksum(body)


def well_formed(text: str) -> bool:
    """Return whether a text can be a token, by its prefix, length and checksum."""
    body, checksum = text[:-CHECKSUM_CHARS], text[-CHECKSUM_CHARS:]
    return (
        len(body) == len(PREFIX) + RANDOM_CHARS
        and body.startswith(PREFIX)
        and text.isascii()
        and checksum == _checksum(body)
    )


def hash_of(secret: str) -> bytes:
    """Return the SHA-256 of a secret, which is all that is kept of it.

    A plain hash is enough, since 256 random bits cannot be searched.
    """
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
