"""The training world: six forces that do not exist, and what happened to their recommendations.

It is read from one short file for each force. Everything in it is invented.
"""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from adapters.corpus.training.lives import (
    ACTORS,
    LifeSubject,
    TrainingStep,
    address,
    marked,
    steps_of,
)
from domain.commands.report import Issue, PublishReport
from domain.events.report import Cases, TopicGrades
from domain.vocabulary.values import (
    Area,
    Code,
    Edition,
    Kind,
    Product,
    Reference,
    TimeLimit,
    Topic,
    When,
)

DATA = files("adapters.corpus") / "data" / "training"
WHOLE_LIFE: Reference = "training-ambleford-ncpi-2023-r01"
"""The recommendation with the fullest life."""


class _Recommendation(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    area: Area
    topic: Topic
    limit: TimeLimit
    life: str
    kind: Kind = Kind.RECOMMENDATION


class _Report(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    product: Product
    edition: Edition
    title: str
    on: When
    recommendation: tuple[_Recommendation, ...]
    fieldwork: tuple[When, When] | None = None
    cases: Cases = Cases()
    grades: TopicGrades = TopicGrades()
    follows: Reference | None = None
    life: str = ""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    force: Code
    report: tuple[_Report, ...]


def steps() -> list[TrainingStep]:
    """Return every step of the world, in order of date."""
    every = [
        step
        for file in sorted(DATA.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
        for step in _steps_of_force(tomllib.loads(file.read_text(encoding="utf-8")))
    ]
    return sorted(every, key=lambda step: step.on)


def _steps_of_force(plain: dict[str, Any]) -> Iterator[TrainingStep]:
    file = msgspec.convert(plain, _File)
    for report in file.report:
        subject = _subject(file.force, report)
        yield TrainingStep(
            ACTORS["publisher"], report.on, subject.reference, _publication(subject, report)
        )
        yield from steps_of(subject, report.life)
        for ordinal, recommendation in enumerate(report.recommendation, 1):
            reference = f"{subject.reference}-r{ordinal:02}"
            of = LifeSubject(reference, subject.reference, report.edition, file.force)
            yield from steps_of(of, recommendation.life)


def _subject(force: Code, report: _Report) -> LifeSubject:
    reference = f"{force}-{report.name}"
    return LifeSubject(reference, reference, report.edition, force)


def _many(report: _Report, kind: Kind) -> int:
    """Return how many items of a kind a report makes."""
    return sum(item.kind is kind for item in report.recommendation)


def _publication(subject: LifeSubject, report: _Report) -> PublishReport:
    first, last = report.fieldwork or (None, None)
    return PublishReport(
        reference=subject.reference,
        addressee=subject.force,
        product=report.product,
        edition=report.edition,
        title=marked(report.title),
        address=address(subject.reference),
        fieldwork_from=first,
        fieldwork_to=last,
        recommendations_stated=_many(report, Kind.RECOMMENDATION),
        causes_of_concern_stated=_many(report, Kind.CAUSE_OF_CONCERN),
        cases=report.cases,
        grades=report.grades,
        follows=report.follows,
        sources=(address(subject.reference),),
        remark=marked("nothing here is about a real force."),
        recommendations=tuple(
            Issue(
                ordinal=ordinal,
                kind=recommendation.kind,
                text=marked(recommendation.text),
                area=recommendation.area,
                topic=recommendation.topic,
                time_limit=recommendation.limit,
                addressees=(subject.force,),
            )
            for ordinal, recommendation in enumerate(report.recommendation, 1)
        ),
    )
