"""Formatting of dates, time limits, counts, texts and sources in words."""

import re
from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from api.http.moment import moment as current_moment
from api.pages.rendering.labels import (
    CLAIMED,
    CLOCK_STATES,
    CLOCK_STOPS,
    CLOSED_AS_DONE,
)
from api.pages.rendering.language import day_as, moment_as, ngettext, number
from api.pages.rendering.language import gettext as _
from domain.access.proposals import NOT_AGREED
from domain.amendments.suppression import day_removed
from domain.commands.tidy import UNSAFE, is_visible, tidy_text
from domain.recommendation.clocks import Clock
from domain.vocabulary.dates import in_london
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code, TimeLimit, When

TITLE_LENGTH = 90
HEADLINE_LENGTH = 120
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ADDRESS = re.compile(r"https?://[^\s|<>\"]*[^\s|<>\".,;:)]")
_BULLET = re.compile(r"\s*[-*\N{BULLET}\N{EN DASH}]\s+(?=\S)")
_INLINE = re.compile(r"(?<=\S)[ \t]*\N{BULLET}[ \t]*(?=\S)")
"""A bullet within a line, which no text has but a list whose line breaks were lost."""
_NUMBERED = re.compile(r"\s*(?=(\([a-z]{1,3}\)|\(?\d{1,2}[.)])\s+\S)")
_SENTENCE = re.compile(r"(?<=\w)\. +(?=[A-Z])")
_KIND = re.compile(
    r"(?:cause of concern|area for improvement|recommendation)(?: \d+)?: *", re.IGNORECASE
)
_TRAINING = re.compile(r"Training(?: example)?: ")
_TIME = (
    r"(?:immediately|with immediate effect|within \w+ (?:day|week|month|year)s?"
    r"(?: of publication)?|by (?:the end of )?(?:\d{1,2} )?\w+ \d{4}),? "
)
_WHO = (
    r"(?:the (?:force|constabulary|chief constable)|[\w&' -]{3,60}? (?:police|constabulary))"
    r" should:? "
)
_OPENING = re.compile(
    rf"(?:we recommend that,? )?(?:{_TIME})?(?:{_WHO})?(?:{_TIME})?", re.IGNORECASE
)
"""The time limit and the addressee at the beginning, which a page states beside the headline."""


BlockKind: TypeAlias = Literal["paragraph", "bullets", "numbered"]


class Source(Struct, frozen=True):
    """A source in words; `href` is its address, or empty."""

    text: str
    href: str = ""


class Block(Struct, frozen=True):
    """Consecutive lines of a text: a paragraph, or the items of a list.

    Items with numbers or letters of their own, such as (a), keep them.
    """

    lines: tuple[str, ...]
    kind: BlockKind


def day(when: When | date) -> str:
    """Return a date as precisely as it is known: 5 March 2026, March 2026, 2026."""
    text = when if isinstance(when, str) else when.isoformat()
    if text == "unknown":
        return _("on an unknown date")
    year, month, number = map(int, (*text.split("-"), "0", "0")[:3])
    if not month:
        return str(year)
    return day_as(date(year, month, number or 1), "d MMMM y" if number else "MMMM y")


def dated(when: When) -> str:
    """Return a date that stands alone: as `day`, or that it is not known."""
    return undated() if when == "unknown" else day(when)


def undated() -> str:
    """Return the words for an unknown date that stands alone."""
    return _("Date not known")


def step(number: int) -> str:
    """Return the name of a step."""
    return _("Step %(step)s", step=number)


def moment(at: datetime) -> str:
    """Return a moment in UK time: 5 March 2026 at 9:30am."""
    return _("%(day)s at %(time)s", day=day(in_london(at).date()), time=time(at))


def time(at: datetime) -> str:
    """Return a moment of today in UK time: 9:30am."""
    return moment_as(in_london(at), "h:mma").lower()


def seconds_until(at: datetime) -> int:
    """Return the seconds from now until a moment; none if it is past."""
    return max(0, int((at - current_moment()).total_seconds()))


def limit(time_limit: TimeLimit) -> str:
    """Return a time limit in words."""
    kind, _colon, value = time_limit.partition(":")
    match kind:
        case "immediate":
            return _("Immediately")
        case "months":
            months = int(value)
            return ngettext("Within %(n)s month", "Within %(n)s months", months, n=months)
        case "date":
            return _("By %(day)s", day=day(value))
        case "none":
            return _("None set")
        case _:
            return _("Not known")


def due(clock: Clock) -> str:
    """Return the due date of a clock in words; an empty string if not known."""
    if clock.due:
        return day(clock.due)
    if clock.due_earliest and clock.due_latest:
        days = {"first": day(clock.due_earliest), "last": day(clock.due_latest)}
        return _("between %(first)s and %(last)s") % days
    return ""


def left(clock: Clock) -> str:
    """Return the days left on a clock, or overdue; an empty string if not known."""
    if clock.days is None or clock.state not in {"running", "overdue"}:
        return ""
    days = abs(clock.days)
    if clock.days < 0:
        return ngettext("%(n)s day overdue", "%(n)s days overdue", days, n=days)
    return ngettext("%(n)s day left", "%(n)s days left", days, n=days)


def documents(many: int) -> str:
    """Return a number of documents in words."""
    return ngettext("%(n)s document", "%(n)s documents", many, n=number(many))


def force(code: Code) -> str:
    """Return the name of an addressee."""
    return ADDRESSEES[code].name


def short_force(code: Code) -> str:
    """Return the name of an addressee without its last words, such as Police."""
    return re.sub(r" (Police( Service)?|Constabulary)$", "", ADDRESSEES[code].name)


def median(days: float | None) -> str:
    """Return a median in days; `not known` for None."""
    if days is None:
        return _("not known")
    whole = 1 if days == 1 else 2  # half a day takes the plural
    return ngettext("%(n)s day", "%(n)s days", whole, n=number(days))


def clock(of: Clock, *, claimed: bool = False) -> str:
    """Return the state of a clock; `claimed` if only a claim of the force has stopped it."""
    if claimed and of.name == "time_limit" and of.state in CLAIMED:
        return CLAIMED[of.state]
    if of.stopped_by_closure:
        return CLOSED_AS_DONE[of.state]
    if of.state == "running" and of.due_latest is None:
        immediate = of.name == "time_limit"
        return _("Immediately") if immediate else _("Nothing is on record yet")
    return CLOCK_STATES[of.state]


def deadline(of: Clock, *, claimed: bool = False) -> str:
    """Return a clock in a line: its state, its last day, and when it stopped."""
    parts = [clock(of, claimed=claimed)]
    if last := due(of):
        days = left(of)
        parts.append(_("Deadline: %(day)s", day=f"{last} ({days})" if days else last))
    if of.stopped_on:
        words = CLOCK_STOPS["closure" if of.stopped_by_closure else of.name]
        if of.state == "waived":
            words = CLOCK_STATES["waived"]
        parts.append(f"{words}: {dated(of.stopped_on)}")
    return "".join(f"{part}. " for part in parts).rstrip()


def sources(text: str) -> list[Source]:
    """Return the sources in a line, parted by `|`; one with an address links to it."""
    shown: list[Source] = []
    for item in filter(None, map(str.strip, text.split("|"))):
        address = _ADDRESS.search(item)
        href = address[0] if address else ""
        words = item.replace(href, _bare(href)) if href else item
        shown.append(Source(words, href))
    return shown


def _bare(address: str) -> str:
    """Return an address as it is read out: without the scheme and a last slash."""
    return re.sub(r"^https?://(www\.)?", "", address).rstrip("/")


def blocks(text: str) -> list[Block]:
    """Return a text as paragraphs and lists, each line kept."""
    shown: list[Block] = []
    for line in _INLINE.sub("\n\N{BULLET} ", text).splitlines():
        bullet = _BULLET.match(line)
        words = line[bullet.end() :] if bullet else line.strip()
        unmarked: BlockKind = "numbered" if _NUMBERED.match(line) else "paragraph"
        kind: BlockKind = "bullets" if bullet else unmarked
        last = shown[-1] if shown else None
        if not words:
            shown.append(Block((), "paragraph"))
        elif last and last.lines and last.kind == kind:
            shown[-1] = Block((*last.lines, words), kind)
        else:
            shown.append(Block((words,), kind))
    return [block for block in shown if block.lines]


def published(text: str) -> str:
    """Return a published text, or why it is not shown; any other text is returned as it is."""
    if text == NOT_AGREED:
        return _("Not shown until both sides agree")
    removed = day_removed(text)
    return _("Text removed on %(day)s", day=day(removed)) if removed else text


def shown(text: str) -> str:
    """Return a text, with U+FFFD in place of what would be unsafe or invisible on a page.

    Texts recorded before such characters were refused may have them.
    """
    if text.isascii():
        return text if text.isprintable() else UNSAFE.sub(REPLACEMENT, text)
    return UNSAFE.sub(REPLACEMENT, tidy_text(text)) if is_visible(text) else REPLACEMENT


def shortened(text: str, length: int) -> str:
    """Return the beginning of a text, cut between words where there is a place to cut."""
    whole = " ".join(text.split())
    if len(whole) <= length:
        return whole
    between_words = whole.rfind(" ", 0, length - 1)
    return f"{whole[: length - 1]}…" if between_words < 0 else f"{whole[:between_words]} …"


def title(text: str) -> str:
    """Return the beginning of a text, as the title of a page."""
    return shortened(shown(published(text)).split("\n", 1)[0], TITLE_LENGTH)


def headline(text: str) -> str:
    """Return the subject of a recommendation: its first sentence.

    Its kind, its time limit and the force that it is for are left out: pages state them beside it.
    """
    lines = [line for block in blocks(shown(published(text))) for line in block.lines]
    many = 1 + next((n for n, line in enumerate(lines) if not line.endswith(":")), 0)
    line = _SENTENCE.split(" ".join(lines[:many]))[0]
    training = _TRAINING.match(line)
    begin = training.end() if training else 0
    for opening in (_KIND, _OPENING):
        match = opening.match(line, begin)
        begin = match.end() if match else begin
    subject = shortened(line[begin:].rstrip(" .:;"), HEADLINE_LENGTH)
    subject += " …" if many > 1 and not subject.endswith("…") else ""
    return f"{training[0]}{subject}" if training else subject[:1].upper() + subject[1:]


def lowered(words: str) -> str:
    """Return words as they stand within a sentence; a name in capitals stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
