"""The same corpus, saved by another program: its line ends and accents are no other content."""

from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest
from msgspec.structs import replace

from adapters.corpus.importer import IMPORTER, rehearse
from adapters.corpus.reading import read
from adapters.corpus.rows import FILES, OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.ledger.ledger import Ledger
from domain.events.event import Event
from domain.events.recommendation import Issued, MilestoneNoted, OutcomeNoted
from domain.events.report import ReportPublished
from tests.support.data.corpus_files import NOON, TODAY, corpus, ignore, rehearsed, take

LINES = "Hold cafés to account:\n- weekly\n\n- monthly"
ROWS = {
    PRODUCTS: [{"title": "Kent Police: Déjà vu", "notes": LINES}],
    RECOMMENDATIONS: [{"paraphrase": LINES}],
    OUTCOMES: [{"reported_progress": LINES}],
    STEPS: [{"text": LINES}],
}


def to_lf(text: str) -> str:
    return text.replace("\r\n", "\n")


SAVED: dict[str, Callable[[str], str]] = {
    "line ends of Windows": lambda text: to_lf(text).replace("\n", "\r\n"),
    "line ends of Unix": to_lf,
    "line ends of an old Mac": lambda text: to_lf(text).replace("\n", "\r"),
    "byte order mark": lambda text: f"\ufeff{text}",
    "decomposed accents": lambda text: normalize("NFD", text),
    "all of Windows": lambda text: "\ufeff" + to_lf(normalize("NFD", text)).replace("\n", "\r\n"),
}


def save(directory: Path, change: Callable[[str], str]) -> None:
    for file in FILES:
        text = (directory / file).read_bytes().decode()
        (directory / file).write_bytes(change(text).encode())


@pytest.mark.parametrize("change", SAVED.values(), ids=SAVED)
def test_the_same_corpus_saved_by_another_program_is_unchanged(
    ledger: Ledger, tmp_path: Path, change: Callable[[str], str]
) -> None:
    take(ledger, corpus(tmp_path, ROWS))
    save(tmp_path, change)

    assert take(ledger, read(tmp_path, TODAY)).unchanged == 4


@pytest.mark.parametrize("change", SAVED.values(), ids=SAVED)
def test_any_program_may_have_saved_it_first(tmp_path: Path, change: Callable[[str], str]) -> None:
    plain = corpus(tmp_path, ROWS)
    save(tmp_path, change)

    other = read(tmp_path, TODAY)
    assert [step.command for step in other.steps] == [step.command for step in plain.steps]


def test_a_corpus_recorded_before_texts_were_tidied_is_unchanged(tmp_path: Path) -> None:
    rows = corpus(tmp_path, ROWS)
    written = normalize("NFD", LINES).replace("\n", "\r\n")
    draft = rehearsed(rows).draft
    histories = {entry.stream: draft.history(entry.stream) for entry in draft.added}
    for history in histories.values():
        for number, entry in enumerate(history):
            event: Event
            match entry.event:
                case Issued() | OutcomeNoted() | MilestoneNoted():
                    event = replace(entry.event, text=written)
                case ReportPublished():
                    event = replace(entry.event, title=normalize("NFD", entry.event.title))
                case _:
                    raise AssertionError(entry.event)
            history[number] = replace(entry, event=event)

    assert rehearse(rows, histories, NOON, IMPORTER, ignore).unchanged == 4
