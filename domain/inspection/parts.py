"""The parts of a report's text, and seals of them: salted hashes that prove what a text was.

A seal says nothing to whoever does not know the salt. Two seals of one inspection are the same if
the part is the same, so that the record itself shows which parts changed between two steps.
"""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.commands.report import Issue, PublishReport
from domain.events.inspection import PartSeal
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.vocabulary.values import PartName, Sha256

REPORT_PART: PartName = "report"
SALT_BYTES = 32
_SEAL_DOMAIN = b"tracker/inspection/part/v1\0"
_SALT_DOMAIN = b"tracker/inspection/salt/v1\0"
_NOT_TEXT = frozenset({"type", "on", "address", "remark", "recommendations"})
"""Fields that are no part of the text: the day and the address of its publication among them."""


class ReportPart(Struct, frozen=True):
    """One part of a report's text: its facts as JSON in a fixed order, and its words, if any."""

    name: PartName
    facts: str
    words: str | None = None


def parts_of(text: PublishReport) -> tuple[ReportPart, ...]:
    """Return the parts of a text: the report without its recommendations, then each of these."""
    return (
        ReportPart(REPORT_PART, _facts(text, _NOT_TEXT)),
        *(
            ReportPart(part_of(number), _facts(issue, _NOT_TEXT | {"text"}), issue.text)
            for number, issue in enumerate(text.recommendations, 1)
        ),
    )


def published_parts(report: ReportPublished, issued: Iterable[Issued]) -> tuple[ReportPart, ...]:
    """Return the parts of a text as the record has them once it is published.

    `issued` are its recommendations in order, with one addressee each: those of one number are one
    part. A part is left out if they say different things of it by now.
    """
    text = msgspec.convert({**msgspec.to_builtins(report), "type": "publish_report"}, PublishReport)
    parts = [ReportPart(REPORT_PART, _facts(text, _NOT_TEXT))]
    numbered: dict[int, list[Issued]] = {}
    for event in issued:
        numbered.setdefault(event.ordinal or 0, []).append(event)
    for number, events in numbered.items():
        issues = {replace(_issue_of(event), addressees=()) for event in events}
        if len(issues) == 1:
            addressees = tuple(event.addressee for event in events)
            issue = replace(issues.pop(), addressees=addressees)
            facts = _facts(issue, _NOT_TEXT | {"text"})
            parts.append(ReportPart(part_of(number), facts, issue.text))
    return tuple(parts)


def _issue_of(event: Issued) -> Issue:
    return Issue(
        kind=event.kind,
        text=event.text,
        area=event.area,
        time_limit=event.time_limit,
        addressees=(event.addressee,),
        ordinal=event.ordinal,
        topic=event.topic,
        wording=event.wording,
        sources=event.sources,
        confidence=event.confidence,
        register_id=event.register_id,
        cause=event.cause,
    )


def part_of(number: int) -> PartName:
    """Return the name of the part of a recommendation, by its place in the text, from 1."""
    return f"r{number}"


def seal_of(part: ReportPart, salt: str) -> Sha256:
    """Return the seal of a part, in hexadecimal.

    SHA-256("tracker/inspection/part/v1" 0x00, salt, name 0x00, facts 0x00, words), in UTF-8; `salt`
    is given in hexadecimal.
    """
    text = "\0".join((part.name, part.facts, part.words or ""))
    return hashlib.sha256(_SEAL_DOMAIN + bytes.fromhex(salt) + text.encode()).hexdigest()


def seals_of(text: PublishReport, salt: str) -> tuple[PartSeal, ...]:
    """Return the seals of every part of a text."""
    return tuple(PartSeal(part.name, seal_of(part, salt)) for part in parts_of(text))


def salt_sha256(salt: str) -> Sha256:
    """Return the hash of a salt, by which the record knows it again."""
    return hashlib.sha256(_SALT_DOMAIN + bytes.fromhex(salt)).hexdigest()


def changed_parts(before: Sequence[PartSeal], after: Sequence[PartSeal]) -> list[PartName]:
    """Return the parts that were changed, added or left out, in order of the later text."""
    former = {seal.part: seal.sha256 for seal in before}
    later = {seal.part: seal.sha256 for seal in after}
    return [part for part in {**later, **former} if former.get(part) != later.get(part)]


def _facts(message: PublishReport | Issue, without: frozenset[str]) -> str:
    plain = msgspec.to_builtins(message)
    # What is not said is left out, so that a field that is added later changes no seal.
    kept = {
        name: value for name, value in plain.items() if name not in without and value is not None
    }
    return msgspec.json.encode(kept, order="sorted").decode()
