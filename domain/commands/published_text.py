"""The text of a report's recommendations, split into one for each, to be checked by a person.

Reports mark where a recommendation begins in one of several ways. The most certain way that a text
uses splits it; the others then mark what is inside, such as numbered points of one recommendation.
Whatever belongs to none is returned too, so that nothing is lost in silence.
"""

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from domain.commands.published_limits import limit_of
from domain.vocabulary.values import Kind, TimeLimit

_LABEL = re.compile(
    r"(?P<kind>recommendation|cause of concern|area for improvement)"
    r"(?P<number>\s+[0-9]{1,3})?\s*(?:[.:\u2013-]\s*(?P<rest>.*))?",
    re.IGNORECASE,
)
"""A label of one recommendation: on a line of its own, or before a colon, a dash or a full stop."""
_HEADING = re.compile(
    r"(?P<kind>recommendations|causes of concern|areas for improvement)\s*:?", re.IGNORECASE
)
_LIMIT_HEADING = re.compile(
    r"(?:immediately|with immediate effect|(?:to be done )?within (?:the next )?[\w-]+ "
    r"(?:month|year)s?|by (?:the end of )?(?:[0-9]{1,2} )?[a-z]+ [0-9]{4})\s*:?",
    re.IGNORECASE,
)
"""A line that has a time limit alone, for the recommendations below it."""
_SENTENCE = re.compile(
    r"we recommend that\b|(?:immediately|with immediate effect|within [\w -]{1,20}|"
    r"by (?:the end of )?(?:[0-9]{1,2} )?[a-z]+ [0-9]{4}),? .*\b(?:should|must)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\(?[0-9]{1,3}[.)]\s+(?P<rest>\S.*)")
_BULLET = re.compile(r"[\u2022*\u2013-]\s+(?P<rest>\S.*)")
_KINDS = {
    "recommendation": Kind.RECOMMENDATION,
    "recommendations": Kind.RECOMMENDATION,
    "cause of concern": Kind.CAUSE_OF_CONCERN,
    "causes of concern": Kind.CAUSE_OF_CONCERN,
    "area for improvement": Kind.AREA_FOR_IMPROVEMENT,
    "areas for improvement": Kind.AREA_FOR_IMPROVEMENT,
}


class PublishedItem(Struct, frozen=True):
    """A recommendation in a text: its words, its kind, and the time limit that it states."""

    text: str
    kind: Kind
    time_limit: TimeLimit | None = None


class SplitText(Struct, frozen=True):
    """The recommendations of a text in order, and the paragraphs before the first of them."""

    items: tuple[PublishedItem, ...]
    before: tuple[str, ...] = ()


class _TextLine(Struct, frozen=True):
    """A line that is not blank, with the headings that it stands below."""

    text: str
    kind: Kind
    heading: TimeLimit | None
    after_blank: bool
    labelled: bool
    """Whether a label of one recommendation is before it."""
    listed: bool
    """Whether it stands below the heading of several recommendations, and below no label."""


def split_text(text: str) -> SplitText:
    """Split a text into its recommendations."""
    lines = _lines(text)
    begins = next((way for way in _WAYS if any(map(way, lines))), None)
    if begins is None:
        return SplitText((), ())
    if begins is _is_labelled:
        begins = _is_labelled_or_listed
    before: list[str] = []
    groups: list[list[_TextLine]] = []
    for line in lines:
        if begins(line):
            groups.append([line])
        elif groups:
            groups[-1].append(line)
        else:
            before.append(line.text)
    return SplitText(tuple(map(_item, groups)), tuple(before))


def _lines(text: str) -> list[_TextLine]:
    """Return the lines without labels and headings, each with those that it stands below.

    A label without a number begins the sentence if a small letter follows: it stays with its words.
    """
    lines: list[_TextLine] = []
    kind, heading = Kind.RECOMMENDATION, None
    after_blank, labelled, listed = True, False, False
    for line in text.splitlines():
        words = " ".join(line.split())
        label = _LABEL.fullmatch(words)
        if not words:
            after_blank = True
        elif match := _HEADING.fullmatch(words):
            kind, heading = _KINDS[match["kind"].lower()], None
            after_blank, labelled, listed = True, False, True
        elif label and not label["rest"]:
            kind, after_blank, labelled, listed = _KINDS[label["kind"].lower()], True, True, False
        elif _LIMIT_HEADING.fullmatch(words):
            heading, after_blank = limit_of(words.rstrip(": ")), True
        else:
            if label:
                kind = _KINDS[label["kind"].lower()]
                begins_sentence = not label["number"] and label["rest"][:1].islower()
                words = words if begins_sentence else label["rest"]
                labelled, listed = True, False
            lines.append(_TextLine(words, kind, heading, after_blank, labelled, listed))
            after_blank = labelled = False
    return lines


def _is_labelled(line: _TextLine) -> bool:
    return line.labelled


def _is_labelled_or_listed(line: _TextLine) -> bool:
    return line.labelled or (line.listed and _is_sentence(line))


def _is_sentence(line: _TextLine) -> bool:
    match = _BULLET.fullmatch(line.text) or _NUMBER.fullmatch(line.text)
    return _SENTENCE.match(match["rest"] if match else line.text) is not None


def _is_number(line: _TextLine) -> bool:
    return _NUMBER.fullmatch(line.text) is not None


def _is_bullet(line: _TextLine) -> bool:
    return _BULLET.fullmatch(line.text) is not None


def _is_paragraph(line: _TextLine) -> bool:
    return line.after_blank


_WAYS: tuple[Callable[[_TextLine], bool], ...] = (
    _is_labelled,
    _is_sentence,
    _is_number,
    _is_bullet,
    _is_paragraph,
)
"""How the beginning of a recommendation is told, the most certain way first."""


def _item(group: Sequence[_TextLine]) -> PublishedItem:
    first, *others = group
    match = _NUMBER.fullmatch(first.text) or _BULLET.fullmatch(first.text)
    text = match["rest"] if match else first.text
    for line in others:
        # A point of a list begins a line, as does what follows a sentence; others are wrapped.
        is_point = _is_number(line) or _is_bullet(line)
        text += f"\n{line.text}" if is_point or text.endswith((".", ":", ";")) else f" {line.text}"
    label = _LABEL.match(text)
    words = text[label.start("rest") :] if label and label["rest"] else text
    return PublishedItem(text, first.kind, limit_of(words) or first.heading)
