"""Tagged PDF (PDF/UA-1, ISO 14289-1) of a paper, by typst, which brings its own fonts.

The file has no clock and no fonts of the machine: the same paper gives the same bytes.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from adapters.printing.paper import Paper

PDF = "application/pdf"
STANDARD: Final = "ua-1"
BOX = "\N{WHITE SQUARE}"
LACKING_MAX = 200
"""How often a paper is made again without some characters."""
_LACKING = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_SOURCE = Path(__file__).with_name("paper.typ")


def write_pdf(paper: Paper, *, service: str) -> bytes:
    """Return a paper as PDF on A4; `service` is the address that its paths are of.

    A text is shown as it is, and never read as typst's own language; a character that the fonts
    lack is shown as a box. Raises TypstError if a table has a row that is longer than a sheet.
    """
    import typst  # noqa: PLC0415  30 MB, which a service that prints nothing is spared

    values = msgspec.to_builtins(paper) | {"service": service}
    text = json.dumps(values, ensure_ascii=False)
    for _ in range(LACKING_MAX):
        try:
            return typst.compile(
                _source(),
                format="pdf",
                pdf_standards=STANDARD,
                ignore_system_fonts=True,
                sys_inputs={"paper": text},
            )
        except typst.TypstError as error:
            lacking = _lacking(str(error))
            if not lacking:
                raise
            text = text.translate(dict.fromkeys(map(ord, lacking), BOX))
    raise ValueError("the paper has too many characters that its fonts lack")


def _lacking(error: str) -> set[str]:
    """Return the characters that no font has, by the words of an error; ASCII is in all."""
    match = _LACKING.search(error)
    named = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), match[1]) if match else ""
    return {character for character in named if not character.isascii()}


@cache
def _source() -> bytes:
    return _SOURCE.read_bytes()
