"""Small corpus directories for the tests: one product with a recommendation, and what is asked."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest
from msgspec import Struct

from adapters.corpus.importer import Imported, load
from adapters.corpus.reading import IMPORTER, OUTCOMES, PRODUCTS, RECOMMENDATIONS, Corpus, read
from adapters.corpus.rows import OutcomeRow, ProductRow, RecommendationRow
from adapters.corpus.sheets import BadRows, Problem
from adapters.ledger.ledger import Ledger

TODAY = date(2026, 11, 20)
Cells = Mapping[str, str]

KINDS: dict[str, type[Struct]] = {
    PRODUCTS: ProductRow,
    RECOMMENDATIONS: RecommendationRow,
    OUTCOMES: OutcomeRow,
}
USUAL: dict[str, dict[str, str]] = {
    PRODUCTS: {
        "product_id": "kent-ncpi-2019",
        "force_code": "kent",
        "kind": "ncpi",
        "in_programme": "yes",
        "edition": "pre-2024",
        "title": "kent - National child protection inspection",
        "first_published": "2019-06-20",
        "first_published_precision": "day",
        "fieldwork_precision": "unknown",
        "source": "https://example.org/report",
        "confidence": "stated",
    },
    RECOMMENDATIONS: {
        "rec_id": "kent-ncpi-2019-r01",
        "force_code": "kent",
        "product_id": "kent-ncpi-2019",
        "item_type": "recommendation",
        "text_seen": "yes",
        "time_limit": "months:3",
        "area": "investigation",
        "topic": "supervision",
        "paraphrase": "Have supervisors review each case.",
        "source": "https://example.org/report",
        "confidence": "stated",
    },
    OUTCOMES: {
        "outcome_id": "o001",
        "force_code": "kent",
        "product_id": "kent-ncpi-2019",
        "rec_id": "kent-ncpi-2019-r01",
        "area": "investigation",
        "topic": "supervision",
        "reported_progress": "Supervisors review most cases.",
        "derived_code": "partly_improved",
        "date": "2020-03-04",
        "date_precision": "day",
        "said_by": "inspectorate",
        "source": "https://example.org/review",
        "confidence": "stated",
    },
}
"""A row of each file that nothing is wrong with; what is not named is empty."""


def columns(file: str) -> tuple[str, ...]:
    """The columns of a file."""
    return KINDS[file].__struct_fields__


def status(number: int, word: str, on: str, precision: str = "day") -> dict[str, str]:
    """An outcome that says a literal register status."""
    return {
        "outcome_id": f"o{number:03}",
        "derived_code": "status_change",
        "register_status": word,
        "date": on,
        "date_precision": precision,
    }


def write(directory: Path, rows: Mapping[str, Iterable[Cells]]) -> Path:
    """Write the three files: the usual row of each, changed as asked, as often as asked."""
    for file, usual in USUAL.items():
        with (directory / file).open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, columns(file), restval="")
            writer.writeheader()
            writer.writerows({**usual, **cells} for cells in rows.get(file, [{}]))
    return directory


def corpus(directory: Path, rows: Mapping[str, Iterable[Cells]]) -> Corpus:
    """What the files come to once they are written."""
    return read(write(directory, rows), TODAY)


def ignore(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def take(ledger: Ledger, found: Corpus, *, dry_run: bool = False) -> Imported:
    """Import a corpus."""
    return load(ledger, found, IMPORTER, dry_run=dry_run, progress=ignore)


def refused(ledger: Ledger, found: Corpus) -> list[Problem]:
    """Why a corpus is not taken in; and it left nothing."""
    head = ledger.head()
    with pytest.raises(BadRows) as caught:
        take(ledger, found)
    assert ledger.head() == head
    return list(caught.value.problems)
