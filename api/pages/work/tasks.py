"""The tasks that a person can begin from their start page."""

from api.pages.record.workbook.download import FILE, PATH
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import Query
from api.v1.lists.register import RegisterParams
from domain.access.inspections import OVERSEERS
from domain.access.messages import may_have_messages
from domain.access.permissions import COMMANDS, ReadPermission, can_read
from domain.commands.recommendation import ReceiveActionPlan, ReportProgress, ReviewActionPlan
from domain.commands.report import PublishReport
from domain.recommendation.slippage import Slip
from domain.vocabulary.actors import Actor, Role


def begin(actor: Actor, *, training: bool = False) -> list[tuple[str, str]]:
    """Return the tasks that the actor can start, in training or not: their addresses and words."""
    tasks: list[tuple[str, str]] = []
    of = "?training=true" if training else ""
    if actor.role is Role.AUDITOR:
        tasks.append((f"/restatement{of}", _("See what was recorded later about a past day")))
        tasks.append((f"/compare{of}", _("Compare two days")))
        slips = RegisterParams(slip=Slip.CLOSED_WITHOUT_EVIDENCE, training=training or None)
        evidence = Query(slips, {}, {}).link("/recommendations")
        tasks.append((evidence, _("View closures without evidence")))
    if actor.role in OVERSEERS:
        tasks.append(("/inspections", _("Inspections before publication")))
    if actor.role in COMMANDS[PublishReport]:
        tasks.append(("/record/report", _("Publish a report with its recommendations")))
    if actor.role in COMMANDS[ReviewActionPlan]:
        tasks.append((f"/record/reviews{of}", _("Review several action plans")))
    if actor.role in COMMANDS[ReceiveActionPlan]:
        tasks.append(("/record/plan", _("Record one action plan for several recommendations")))
    if may_have_messages(actor):
        tasks.append(("/messages", _("Choose which messages you get by email")))
    if actor.role in COMMANDS[ReportProgress]:
        tasks.append((FILE, _("Download as a workbook to answer in")))
        tasks.append((f"{PATH}#send", _("Send the workbook back")))
    if can_read(actor, ReadPermission.HISTORY):
        tasks.append(("/disputes", _("See which disputes and questions wait")))
    if can_read(actor, ReadPermission.CONTACTS):
        tasks.append(("/contacts", _("Read the messages of the public")))
    return tasks
