"""Every route of the API."""

from api import health, openapi
from api.http import problems
from api.v1.identity import access, people, sessions
from api.v1.inspections import commands as inspection_commands
from api.v1.inspections.drafts import DRAFT_ROUTES
from api.v1.inspections.reading import READING_ROUTES
from api.v1.lists import (
    areas,
    compare,
    forces,
    measures,
    portfolios,
    progress,
    register,
    reports,
    search,
    slippage,
    statements,
    worklist,
)
from api.v1.notices import pages, subscriptions
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
    measures.get_measures,
    measures.list_claims,
    compare.compare_days,
    compare.get_restatement,
    worklist.get_worklist,
    worklist.list_late,
    portfolios.list_portfolios,
    portfolios.set_portfolio,
    ledger.get_ledger_page,
    pages.list_notices,
    *subscriptions.SUBSCRIPTION_ROUTES,
    *READING_ROUTES,
    *DRAFT_ROUTES,
    inspection_commands.plan_inspection,
    inspection_commands.post_inspection_command,
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
