"""What a token looks like: `rtk_`, 43 random characters and 6 of a checksum.

So a scanner finds one that leaked, and a typing error costs no query. Only a hash of it is kept.
"""

import hashlib
import secrets
import string
import zlib

PREFIX = "rtk_"
RANDOM_CHARS = 43
"""256 bits: a plain hash of it cannot be searched."""
CHECKSUM_CHARS = 6
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_text() -> str:
    """A token that nobody can guess."""
    body = PREFIX + "".join(secrets.choice(_BASE62) for _ in range(RANDOM_CHARS))
    return body + _checksum(body)


def well_formed(text: str) -> bool:
    """Say whether a text can be a token at all, by its checksum."""
    body, checksum = text[:-CHECKSUM_CHARS], text[-CHECKSUM_CHARS:]
    return (
        len(body) == len(PREFIX) + RANDOM_CHARS
        and body.startswith(PREFIX)
        and text.isascii()
        and checksum == _checksum(body)
    )


def hash_of(text: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
