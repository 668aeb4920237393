"""The type of a document by its bytes: what is taken, and that no bytes cause a fault."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents import office_parts
from adapters.documents.errors import UnsupportedDocument
from adapters.documents.media_types import DOCX as WORD_FILE
from adapters.documents.media_types import ODT as OPEN_TEXT
from adapters.documents.media_types import PDF as PDF_FILE
from adapters.documents.media_types import Media, detect_media
from tests.support.data.documents import (
    ODT_TYPE,
    PDF,
    REFUSED,
    TAKEN,
    WORD,
    content,
    office,
    open_document,
    promising,
    relations,
)

OF_WORD = "word/_rels/document.xml.rels"


@pytest.mark.parametrize(
    ("document", "media"),
    [
        (office(WORD, {OF_WORD: relations("hyperlink", "https://example.org")}), WORD_FILE),
        (office(WORD, {OF_WORD: relations("image", "../media/a.png", "Internal")}), WORD_FILE),
        (open_document(ODT_TYPE, content('<o:a x:href="https://example.org"/>')), OPEN_TEXT),
        (open_document(ODT_TYPE, content('<o:image x:href="Pictures/a.png"/>')), OPEN_TEXT),
        (PDF.replace(b"<<>>", b"<</Title(Do not /Encrypt it)/EncryptMetadata true>>"), PDF_FILE),
    ],
)
def test_links_that_a_reader_follows_and_content_inside_are_taken(
    document: bytes, media: Media
) -> None:
    assert detect_media(document) is media


@pytest.mark.parametrize(
    "junk",
    [b"\n", b"\r\n", b" ", b"\xef\xbb\xbf", b"\xfe\xff", b"\x1b%-12345X@PJL\r\n", bytes(128)],
)
def test_a_pdf_may_begin_within_its_first_kibibyte(junk: bytes) -> None:
    for before in (junk, junk.ljust(1_016)):
        assert detect_media(before + PDF) is PDF_FILE


@pytest.mark.parametrize(
    "document",
    [b"x" * 1_024 + PDF, b"\nA file that begins with %PDF-1.7 is one for Acrobat.\n"],
    ids=["too late", "only named"],
)
def test_a_text_that_names_the_header_of_a_pdf_stays_a_text(document: bytes) -> None:
    assert detect_media(document).extension == "txt"


@pytest.mark.parametrize(
    "beginning", [b"MZ\x90\0", b"\x7fELF", b"GIF89a\1\0", b"<html>", b"#!/bin/sh\n"]
)
def test_no_other_file_passes_for_a_pdf_by_naming_its_header(beginning: bytes) -> None:
    with pytest.raises(UnsupportedDocument):
        detect_media(beginning + PDF)


@pytest.mark.parametrize(
    "blank",
    [b" ", b"\n\n", b"\t \r\n", b"\xef\xbb\xbf", "\N{NO-BREAK SPACE}\u200b".encode()],
    ids=repr,
)
def test_a_file_of_white_space_is_refused_as_empty(blank: bytes) -> None:
    with pytest.raises(UnsupportedDocument, match="empty"):
        detect_media(blank)


def test_more_xml_than_is_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_parts, "XML_BYTES_MAX", 500)
    assert detect_media(open_document(ODT_TYPE, content("<o:p/>"))) is OPEN_TEXT
    with pytest.raises(UnsupportedDocument, match="too many parts"):
        detect_media(open_document(ODT_TYPE, content("<o:p/>" * 100)))


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_document_is_refused_in_words(name: str) -> None:
    with pytest.raises(UnsupportedDocument, match=r"^(It|The document) .+\.$"):
        detect_media(REFUSED[name])


def test_a_file_shorter_than_its_directory_says_is_an_archive_that_cannot_be_read() -> None:
    with pytest.raises(UnsupportedDocument, match="cannot be read"):
        detect_media(promising())


SAMPLES = sorted((*TAKEN.values(), *(REFUSED[name] for name in REFUSED if "an archive" in name)))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 10**4), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 10**4),
)
def test_no_bytes_cause_a_fault(
    sample: bytes, changes: list[tuple[int, bytes]], length: int
) -> None:
    document = bytearray(sample)
    for place, written in changes:
        start = place % len(document)
        document[start : start + len(written)] = written
    with suppress(UnsupportedDocument):
        assert detect_media(bytes(document[: length or None])).media_type
