"""Evidence files of the training world: small real files, made in code and always the same."""


def content_of(name: str, words: str) -> bytes:
    """Return the bytes of an evidence file: a page of PDF, or plain text, as its name ends."""
    lines = ["Training: fictional.", name, words]
    return _pdf(lines) if name.endswith(".pdf") else ("\n".join(lines) + "\n").encode()


def _pdf(lines: list[str]) -> bytes:
    """Return a PDF of one page with some lines of plain words."""
    shown = " T* ".join(f"({_quoted(line)}) Tj" for line in lines)
    page = f"BT /F1 14 Tf 22 TL 60 760 Td {shown} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    made, places = b"%PDF-1.7\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(made))
    )


def _quoted(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
