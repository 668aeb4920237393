"""Small corpus directories: one product with a recommendation, and the changes a test needs."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec import Struct

from adapters.corpus.importer import IMPORTER, Imported, Rehearsal, load, rehearse
from adapters.corpus.reading import Corpus, read
from adapters.corpus.rows import (
    OUTCOMES,
    PRODUCTS,
    RECOMMENDATIONS,
    STEPS,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
    StepRow,
)
from adapters.corpus.sheets import BadRows, RowProblem
from adapters.ledger.ledger import Ledger

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
Cells = Mapping[str, str]

KINDS: dict[str, type[Struct]] = {
    PRODUCTS: ProductRow,
    RECOMMENDATIONS: RecommendationRow,
    OUTCOMES: OutcomeRow,
    STEPS: StepRow,
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
    STEPS: {
        "step_id": "s001",
        "rec_id": "kent-ncpi-2019-r01",
        "product_id": "kent-ncpi-2019",
        "force_code": "kent",
        "type": "claim",
        "date": "2020-05-06",
        "date_precision": "day",
        "said_by": "force",
        "text": "Every supervisor is trained.",
        "source": "https://example.org/statement",
        "confidence": "stated",
    },
}
"""A valid row of each file; columns not named are empty."""


def columns(file: str) -> tuple[str, ...]:
    """Return the columns of a file."""
    return KINDS[file].__struct_fields__


def status(number: int, word: str, on: str, precision: str = "day") -> dict[str, str]:
    """Return the cells of an outcome with a literal register status."""
    return {
        "outcome_id": f"o{number:03}",
        "derived_code": "status_change",
        "register_status": word,
        "date": on,
        "date_precision": precision,
    }


def write(directory: Path, rows: Mapping[str, Iterable[Cells]]) -> Path:
    """Write the files: the usual row of each, once per mapping of changed cells.

    The steps, which a directory may lack, are written only if they are among the rows.
    """
    (directory / STEPS).unlink(missing_ok=True)
    for file, usual in USUAL.items():
        if file == STEPS and STEPS not in rows:
            continue
        with (directory / file).open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, columns(file), restval="")
            writer.writeheader()
            writer.writerows({**usual, **cells} for cells in rows.get(file, [{}]))
    return directory


def corpus(directory: Path, rows: Mapping[str, Iterable[Cells]]) -> Corpus:
    """Write the files, and read them as a corpus."""
    return read(write(directory, rows), TODAY)


def ignore(_done: int, _total: int) -> None:
    """Ignore the progress."""


def rehearsed(read_corpus: Corpus) -> Rehearsal:
    """Decide a corpus on an empty record."""
    return rehearse(read_corpus, {}, NOON, IMPORTER, ignore)


def take(ledger: Ledger, read_corpus: Corpus, *, dry_run: bool = False) -> Imported:
    """Import a corpus."""
    return load(ledger, read_corpus, IMPORTER, dry_run=dry_run, progress=ignore)


def refused(ledger: Ledger, read_corpus: Corpus) -> list[RowProblem]:
    """Return the problems that keep a corpus out; assert that nothing was recorded."""
    head = ledger.head()
    with pytest.raises(BadRows) as caught:
        take(ledger, read_corpus)
    assert ledger.head() == head
    return list(caught.value.problems)
