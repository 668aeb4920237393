"""Every route of the API."""

from api import health, openapi
from api.http import problems
from api.v1.identity import access, people, sessions
from api.v1.lists import areas, compare, forces, progress, register, reports, slippage, worklist
from api.v1.record import commands, documents, history, ledger, recommendations

HANDLERS = (
    commands.publish,
    commands.command_report,
    commands.command_recommendation,
    commands.command_several,
    register.list_,
    recommendations.show,
    history.of_recommendation,
    documents.upload,
    documents.list_,
    documents.download,
    reports.list_,
    reports.show,
    history.of_report,
    forces.list_,
    forces.show,
    progress.list_,
    progress.show,
    areas.list_,
    slippage.list_,
    compare.two_days,
    compare.restatement,
    worklist.list_,
    ledger.page,
    access.of_actor,
    sessions.who_am_i,
    sessions.list_,
    sessions.end_all,
    sessions.end,
    people.list_,
    people.rename,
    health.live,
    health.ready,
    problems.explain,
    openapi.serve,
)
