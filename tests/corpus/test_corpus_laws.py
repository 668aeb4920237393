"""Laws of the corpus: any bytes are read or named; any dates come in a valid order."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.corpus.reading import read
from adapters.corpus.rows import FILES, OUTCOMES, PRODUCTS, STEPS
from adapters.corpus.sheets import BadRows, RowProblem
from domain.events.recommendation import Closed, OutcomeNoted, Reopened
from domain.history import chronology, recommendation_after
from domain.recommendation.state import Stage
from domain.vocabulary.dates import end_of
from domain.vocabulary.values import RegisterStatus
from tests.support.data.corpus_files import TODAY, corpus, rehearsed, status, write

pytestmark = pytest.mark.slow

UNDATED = {"first_published": "", "first_published_precision": "unknown"}
WORDS: tuple[RegisterStatus, ...] = (
    "awaiting-review",
    "will-be-progressed",
    "being-progressed",
    "complete",
)
BITS = [b",", b'"', b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b" | ", b"unknown"]
DATES = st.one_of(
    st.dates(min_value=TODAY.replace(year=2019, month=6, day=20), max_value=TODAY).map(
        lambda day: (day.isoformat(), "day")
    ),
    st.sampled_from(["2019-07", "2020-02", "2021-12"]).map(lambda month: (month, "month")),
    st.sampled_from(["2019", "2020", "2026"]).map(lambda year: (year, "year")),
    st.just(("", "unknown")),
)


@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.sampled_from(BITS) | st.binary())),
)
@settings(max_examples=300)
def test_a_file_of_any_bytes_is_read_or_its_problems_are_named(
    file: str, edits: list[tuple[float, int, bytes]]
) -> None:
    with TemporaryDirectory() as name:
        directory = write(Path(name), {STEPS: [{}]})
        text = bytearray((directory / file).read_bytes())
        for place, length, bits in edits:
            at = int(place * len(text))
            text[at : at + length] = bits
        (directory / file).write_bytes(text)
        problems: tuple[RowProblem, ...] = ()
        try:
            rehearsed(read(directory, TODAY))
        except BadRows as bad:
            problems = bad.problems
    assert all(p.file in FILES and p.wrong and p.allowed for p in problems)


@given(
    st.lists(st.tuples(DATES, st.sampled_from(WORDS)), max_size=12), st.sampled_from([{}, UNDATED])
)
@settings(max_examples=150)
def test_the_last_of_any_statuses_decides_whether_it_is_closed(
    rows: list[tuple[tuple[str, str], RegisterStatus]], product: dict[str, str]
) -> None:
    outcomes = [status(n, word, *on) for n, (on, word) in enumerate(rows, 100)]
    with TemporaryDirectory() as name:
        read_rows = corpus(Path(name), {PRODUCTS: [product], OUTCOMES: outcomes})

    entries = rehearsed(read_rows).draft.added[1:]
    noted = [entry.event for entry in entries if isinstance(entry.event, OutcomeNoted)]
    assert sorted(event.reference for event in noted) == [row["outcome_id"] for row in outcomes]
    closed = sum(isinstance(entry.event, Closed) for entry in entries)
    reopened = sum(isinstance(entry.event, Reopened) for entry in entries)
    last_is_complete = bool(noted) and noted[-1].register_status == "complete"
    assert closed - reopened == last_is_complete
    assert (recommendation_after(entries).stage is Stage.CLOSED) == last_is_complete
    ends = [min(end_of(entry.stamp.on), TODAY) for entry in entries]
    assert [placed.day for placed in chronology(entries)[1:]] == ends[1:]
