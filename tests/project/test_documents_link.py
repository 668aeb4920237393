"""Every link of the documents to a file of the project leads to one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
SHOWN_MAX = 20


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_tour_follows_a_command_through_at_most_twenty_files() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    walk = tour.partition("## One POST")[2].partition("The answer, 201")[0]
    files = re.findall(r"^\d+\. \[`([^`]+)`\]", walk, re.MULTILINE)
    assert 0 < len(files) == len(set(files)) <= SHOWN_MAX
    assert files[-1].endswith(".sql")
