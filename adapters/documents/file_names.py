"""Names of files as their senders gave them, made safe to show and to save under."""

import re
import unicodedata

from adapters.documents.media_types import Media

NAME_BYTES_MAX = 200
"""File systems take 255 bytes; a browser may add a number of its own."""
_SEPARATORS = re.compile(r"[/\\]")
_RESERVED = re.compile(r'[<>:"|?*]')
"""Characters that Windows takes in no name of a file."""
_ENDING = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,4}")
"""The end of a name after its last full stop, if it names a type: `docx`, not the 2 of `v1.2`."""


def clean_name(original: str) -> str:
    """Return a name without path, control, reordering or reserved characters; it may be empty."""
    name = unicodedata.normalize("NFC", _SEPARATORS.split(original)[-1])
    # All of category C: what controls, formats or reorders, and what is no character.
    shown = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    return _RESERVED.sub("-", " ".join(shown.split())).strip(" .")


def safe_name(original: str, media: Media) -> str | None:
    """Return a clean name of at most NAME_BYTES_MAX with the ending of its type; None if empty.

    The ending follows the bytes: that of another type is replaced, a missing one is added.
    """
    name = clean_name(original)
    stem, stop, ending = name.rpartition(".")
    if not stop or not (ending.lower() in media.endings or _ENDING.fullmatch(ending)):
        stem = name
    if not stop or ending.lower() not in media.endings:
        ending = media.extension
    room = NAME_BYTES_MAX - len(f".{ending}")
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}.{ending}" if stem else None
