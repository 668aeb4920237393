"""File names in the header Content-Disposition (RFC 6266), of a document sent and of one saved.

The name is in a header and not in the query, since addresses are logged, and a name can hold a
person's.
"""

import re
from contextlib import suppress
from urllib.parse import quote, unquote

_ATTR_CHARS = "!#$&+-.^_`|~"
"""The characters besides letters and digits that RFC 8187 leaves unescaped."""
_NOT_PLAIN = re.compile(r'[^ -~]|["\\%]')
_EXTENDED = re.compile(r";\s*filename\*\s*=\s*utf-8'[^']*'([^\s;]+)", re.IGNORECASE)
_PLAIN = re.compile(r';\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)


def sent_name(header: str) -> str | None:
    """Return the file name in a header as it was sent; None if there is none that can be read."""
    # Servers read headers as Latin-1, and clients that do not follow the standard send UTF-8.
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode()
    if extended := _EXTENDED.search(header):
        return unquote(extended[1])
    plain = _PLAIN.search(header)
    if plain is None:
        return None
    return re.sub(r"\\(.)", r"\1", plain[1]) if plain[1] is not None else plain[2]


def attachment(name: str) -> str:
    """Return the header for a file to save under a name, in ASCII."""
    plain = _NOT_PLAIN.sub("_", name)
    header = f'attachment; filename="{plain}"'
    if plain == name:
        return header
    return f"{header}; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"
