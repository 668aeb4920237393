"""People and commands that several test files begin with."""

from datetime import UTC, datetime
from uuid import UUID

from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Receipt, Submission
from domain.commands.command import Command
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.report import Issue, PublishReport
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Area, Code, Kind, Product, Reference, TimeLimit, When

INSPECTOR = Actor("inspector-1", Role.INSPECTOR)
OTHER_INSPECTOR = Actor("inspector-2", Role.INSPECTOR)
KENT = Actor("kent-liaison", Role.FORCE, "kent")
KENT_BODY = Actor("kent-pcc", Role.LOCAL_POLICING_BODY, "kent")
ESSEX = Actor("essex-liaison", Role.FORCE, "essex")
ADMIN = Actor("admin-1", Role.ADMIN)
IMPORT = Actor("importer", Role.IMPORTER)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

REPORT: Reference = "kent-ncpi-2022"


def issue(
    *addressees: Code,
    ordinal: int = 1,
    time_limit: TimeLimit = "months:3",
    text: str = "Do it.",
    area: Area = "leadership",
) -> Issue:
    """Return one recommendation, by default to Kent."""
    return Issue(
        kind=Kind.RECOMMENDATION,
        text=text,
        area=area,
        time_limit=time_limit,
        addressees=addressees or ("kent",),
        ordinal=ordinal,
    )


def publish(
    *issues: Issue, reference: Reference = REPORT, on: When = "2022-08-05", force: Code = "kent"
) -> PublishReport:
    """Return one report with its recommendations."""
    return PublishReport(
        reference=reference,
        addressee=force,
        product=Product.NCPI,
        edition="pre-2024",
        title="National child protection inspection",
        address="https://example.org/report",
        on=on,
        recommendations=issues,
    )


def published(ledger: Ledger, *issues: Issue, reference: Reference = REPORT) -> UUID:
    """Publish a report, and return the stream of its first recommendation."""
    ledger.submit(
        [Submission(report_id(reference), publish(*(issues or (issue(),)), reference=reference))],
        INSPECTOR,
    )
    return recommendation_id(f"{reference}-r01")


def submit(ledger: Ledger, stream: UUID, command: Command, actor: Actor = INSPECTOR) -> Receipt:
    """Submit one command to one stream."""
    return ledger.submit([Submission(stream, command)], actor)


def redact(ledger: Ledger, stream: UUID, step: int, field: str) -> None:
    """Remove a note: an administrator requests it, an inspector approves."""
    request = RequestRedaction(step=step, field=field, ground="data_protection")
    at_step = submit(ledger, stream, request, ADMIN).entries[-1].step
    submit(ledger, stream, ApproveRedaction(request=at_step, step=step, field=field))


def suppress(ledger: Ledger, stream: UUID, step: int, field: str) -> Receipt:
    """Suppress a published text: one inspector requests it, another approves."""
    request = RequestSuppression(step=step, field=field, ground="safeguarding", why="A name.")
    at_step = submit(ledger, stream, request).entries[-1].step
    approval = ApproveSuppression(request=at_step, step=step, field=field)
    return submit(ledger, stream, approval, OTHER_INSPECTOR)
