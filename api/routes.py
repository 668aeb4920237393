"""Every route of the API."""

from api import health, openapi
from api.http import problems
from api.v1.identity import access, people, sessions
from api.v1.lists import (
    areas,
    compare,
    forces,
    progress,
    register,
    reports,
    search,
    slippage,
    statements,
    worklist,
)
from api.v1.record import commands, documents, history, ledger, recommendations

HANDLERS = (
    commands.post_report,
    commands.post_report_command,
    commands.post_recommendation_command,
    commands.post_commands,
    register.list_recommendations,
    recommendations.get_recommendation,
    history.get_recommendation_history,
    documents.upload_document,
    documents.list_documents,
    documents.download_document,
    reports.list_reports,
    statements.list_statements,
    search.search_everything,
    reports.get_report,
    history.get_report_history,
    forces.list_forces,
    forces.get_force,
    progress.get_progress,
    progress.get_force_progress,
    areas.list_areas,
    slippage.get_slippage,
    compare.compare_days,
    compare.get_restatement,
    worklist.get_worklist,
    ledger.get_ledger_page,
    access.list_access,
    sessions.get_own_actor,
    sessions.list_sessions,
    sessions.end_sessions,
    sessions.end_session,
    people.list_people,
    people.rename_person,
    health.live,
    health.ready,
    problems.explain,
    openapi.serve,
)
