"""Tagged PDF (PDF/UA-1, ISO 14289-1) of a paper, by typst, which brings its own fonts.

The file has no clock and no fonts of the machine: the same paper gives the same bytes.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from adapters.printing.paper import Paper

PDF = "application/pdf"
STANDARD: Final = "ua-1"
_SOURCE = Path(__file__).with_name("paper.typ")


def write_pdf(paper: Paper, *, service: str) -> bytes:
    """Return a paper as PDF on A4; `service` is the address that its paths are of.

    A text is shown as it is, and never read as typst's own language. Raises TypstError if a
    table has a row that is longer than a sheet.
    """
    import typst  # noqa: PLC0415  30 MB, which a service that prints nothing is spared

    values = msgspec.to_builtins(paper) | {"service": service}
    made = typst.compile(
        _source(),
        format="pdf",
        pdf_standards=STANDARD,
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(values)},
    )
    assert isinstance(made, bytes)  # noqa: S101  one file, as it is of PDF
    return made


@cache
def _source() -> bytes:
    return _SOURCE.read_bytes()
