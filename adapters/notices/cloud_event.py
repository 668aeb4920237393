"""Notices in the form of CloudEvents 1.0.2 (JSON format), for any system that takes events."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from domain.access.notices import Notice
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code, When

EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
SEQUENCE_DIGITS = 16
"""Positions have zeros before them, since a `sequence` is compared as text."""
SCHEMA = "/v1/openapi.json#/components/schemas/NoticeData"


class NoticeData(Struct, frozen=True, kw_only=True):
    """The data of a notice: identifiers, codes and dates. They never change, and hold no text.

    The state after the step is at `state`, for those who may read it.
    """

    position: int
    about: Literal["report", "recommendation"]
    id: UUID
    step: int
    tag: str
    on: When
    force: Code
    report: UUID
    training: bool
    published: bool
    """Whether the public is told of the step."""
    state: str


class CloudEvent(Struct, frozen=True, kw_only=True):
    """A notice as a CloudEvent. `source` names the lineage of the ledger; with `id`, it is unique.

    `sequence` is the position in the ledger, as text of one length.
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | UnsetType = UNSET
    sequence: str
    data: NoticeData


def about_of(notice: Notice) -> Literal["report", "recommendation"]:
    """Return the kind of thing that a step is of."""
    return "report" if notice.tag.startswith("report.") else "recommendation"


def cloud_event(notice: Notice, lineage: UUID, address: str | None) -> CloudEvent:
    """Return a notice as a CloudEvent; `address` is that of the service, if it is known."""
    about = about_of(notice)
    subject = f"/v1/{about}s/{notice.stream}"
    return CloudEvent(
        id=notice.id,
        source=lineage.urn,
        type=f"tracker.{notice.tag}",
        subject=subject,
        time=notice.at,
        dataschema=f"{address.rstrip('/')}{SCHEMA}" if address else UNSET,
        sequence=str(notice.position).zfill(SEQUENCE_DIGITS),
        data=NoticeData(
            position=notice.position,
            about=about,
            id=notice.stream,
            step=notice.step,
            tag=notice.tag,
            on=notice.on,
            force=notice.addressee,
            report=notice.report,
            training=is_training(notice.addressee),
            published=notice.published,
            state=f"{subject}?step={notice.step}",
        ),
    )
