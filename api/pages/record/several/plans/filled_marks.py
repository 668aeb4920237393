"""The marks of a form: which of its answers files filled, so that others can take their place."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from uuid import UUID

from api.pages.record.form_parser import FROM_FILE
from api.pages.record.several.plans.plan_lines import ANSWER, CONTENT
from domain.vocabulary.values import Sha256

FILE_CHARS = 16
"""The characters of a file's hash that its marks have."""


def marks_of(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the marks of a form: which of its answers files filled."""
    return {name: mark for name, mark in typed.items() if name.startswith(FROM_FILE)}


def emptied(typed: Mapping[str, str], files: Collection[str]) -> dict[str, str]:
    """Return the answers of a form without those that some files filled and nobody changed."""
    left = dict(typed)
    for mark, text in marks_of(typed).items():
        name = mark.removeprefix(FROM_FILE)
        if any(text == mark_of(file, typed.get(name, "")) for file in files):
            left.pop(name, None)
            del left[mark]
    return left


def empty_row(filled: dict[str, str], stream: UUID) -> None:
    """Take out the answers of a row that a file filled, unless somebody changed them."""
    for mark in marks_of(filled):
        if mark.endswith(str(stream)):
            _empty(filled, mark)


def empty_unkept(filled: dict[str, str], files: Collection[Sha256]) -> None:
    """Take out the answers of files other than some, and the ticks of rows that have none left.

    Such a file had errors and was not kept, so that another takes its place.
    """
    kept = {file[:FILE_CHARS] for file in files}
    for mark, text in marks_of(filled).items():
        if text.partition(".")[0] not in kept and _empty(filled, mark):
            stream = mark.removeprefix(FROM_FILE).partition("-")[2]
            if not any(filled.get(f"{name}-{stream}") for name in (ANSWER, CONTENT)):
                filled.pop(f"of-{stream}", None)


def _empty(filled: dict[str, str], mark: str) -> bool:
    """Take out a mark, and its answer unless somebody changed it; return whether that went too."""
    name, text = mark.removeprefix(FROM_FILE), filled.pop(mark)
    if text != mark_of(text.partition(".")[0], filled.get(name, "")):
        return False
    filled.pop(name, None)
    return True


def mark_of(file: str, answer: str) -> str:
    """Return the mark of an answer that a file filled."""
    return f"{file[:FILE_CHARS]}.{sha256(answer.encode()).hexdigest()[:16]}"
