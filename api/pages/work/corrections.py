"""The latest corrections, on the start page of an auditor."""

from datetime import datetime

from msgspec import Struct

from adapters.ledger.queries import latest_corrections
from api.http.problems import Request
from api.pages.record.subject import subject_of
from api.pages.rendering.timeline import about_record
from api.request.services import services
from domain.events.event import History
from domain.events.recommendation import Corrected
from domain.events.report import ReportCorrected
from domain.vocabulary.actors import Role
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code

SHOWN, READ = 10, 30
"""How many are shown, and how many are read: those of training or all others are left out."""


class CorrectionRow(Struct, frozen=True):
    """One correction: what it is about, what it changed, and its step of a history."""

    text: str
    force: Code
    changed: str
    role: Role
    at: datetime
    href: str


def corrections(request: Request, *, training: bool = False) -> list[CorrectionRow]:
    """Return the latest corrections, newest first: of training alone, or all others. For threads.

    Of training are those among as many latest ones as are read.
    """
    ledger = services(request).ledger
    places = ledger.rows.run(latest_corrections(READ))
    histories = ledger.histories({stream for stream, _step in places})
    rows = (_row(histories[stream], step) for stream, step in places)
    return [row for row in rows if row and is_training(row.force) == training][:SHOWN]


def _row(history: History, step: int) -> CorrectionRow | None:
    """Return the correction that is a step of a history."""
    entry, about = history[step - 1], subject_of(history)
    if not isinstance(entry.event, Corrected | ReportCorrected):
        return None
    return CorrectionRow(
        about.text,
        about.addressee,
        about_record(entry.event, {known.step: known for known in history}),
        entry.stamp.role,
        entry.stamp.at,
        f"{about.address}/history?after={step - 1}",
    )
