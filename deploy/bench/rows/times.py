"""Rows about the server's time for each page, in milliseconds, signed in where it must be.

There is a single client on a connection that stays open, and no answer of a page is kept.
"""

from functools import partial
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from deploy.bench.load.http import get, request_rate
from deploy.bench.rows.registry import row
from deploy.bench.world import OWN_FORCE, Site, World
from domain.vocabulary.actors import Role
from domain.vocabulary.forces import FORCES
from projections.register.model import Register

AT_MOST = 20.0
FILE_AT_MOST = 500.0
"""Of a file of all that a force has to answer, or to keep: 465 recommendations for each force."""
SECOND = 1000
STREAM, REPORT, FORCE = "{stream}", "{report}", "{force}"

PUBLIC = {
    "home": "/",
    "register": "/recommendations",
    "recommendation": "/recommendations/{stream}",
    "reports": "/reports",
    "report": "/reports/{report}",
    "forces": "/forces",
    "force": "/forces/{force}",
    "progress": "/progress",
    "slippage": "/slippage",
    "data": "/data",
    "data-catalogue": "/data/catalogue.jsonld",
    "board-pack": "/board-pack",
    "board-pack-of-force": "/board-pack/{force}",
    "areas": "/areas",
    "measures": "/measures",
    "claims": "/claims",
    "late": "/late",
    "area": "/areas/leadership",
    "compare": "/compare?force={force}",
    "restatement": "/restatement?force={force}",
    "statements": "/statements",
    "search": "/search?q=children",
    "training": "/training",
    "about": "/about",
    "methodology": "/about/methodology",
    "verify": "/about/verify",
    "accessibility": "/about/accessibility",
    "contact": "/contact",
    "alerts": "/alerts",
    "unsubscribe": "/messages/unsubscribe/00000000-0000-4000-8000-000000000000",
    "odata": "/odata/v4/recommendations?$top=100",
    "sql": "/data/sql",
    "sql-view": "/data/sql/recommendation_v1",
    "chart-stages": "/charts/stages.svg",
    "chart-months": "/charts/months.svg",
    "chart-flow": "/charts/flow.svg",
    "chart-ages": "/charts/ages.svg",
    "chart-forces": "/charts/forces.svg",
    "chart-forces-months": "/charts/forces-months.svg",
    "chart-areas": "/charts/areas.svg",
    "feed-reports": "/feeds/reports.atom",
    "feed-recommendations": "/feeds/recommendations.atom",
    "feed-changes": "/feeds/changes.atom?force={force}&open=true",
    "feed-overdue": "/feeds/changes.atom?overdue=true",
    "sign-in": "/sign-in/link",
}
INSPECTOR = {
    "signed-in-home": "/",
    "signed-in-register": "/recommendations",
    "signed-in-recommendation": "/recommendations/{stream}",
    "signed-in-report": "/reports/{report}",
    "signed-in-force": "/forces/{force}",
    "work": "/work",
    "addresses": "/work/addresses",
    "all-work": "/work/all?order=force&page=2",
    "messages": "/messages",
    "portfolios": "/portfolios",
    "portfolio": "/portfolios/{force}",
    "history": "/recommendations/{stream}/history",
    "report-history": "/reports/{report}/history",
    "decide": "/recommendations/{stream}/record/comment",
    "recorded": "/recommendations/{stream}/recorded/1",
    "choose-field": "/recommendations/{stream}/correct",
    "correct": "/recommendations/{stream}/record/correct/1/text",
    "withdraw": "/recommendations/{stream}/record/withdraw",
    "suppress": "/recommendations/{stream}/record/request_suppression/1/text",
    "threads": "/recommendations/{stream}/disputes",
    "ask": "/recommendations/{stream}/record/ask_question/0",
    "contacts": "/contacts",
    "disputes": "/disputes",
    "publish": "/record/report",
    "publish-text": "/record/report/text",
    "published": "/reports/{report}/published",
    "report-work": "/reports/{report}/work",
    "undo-for-report": "/reports/{report}/undo",
    "report-step": "/reports/{report}/work/receive_action_plan",
    "reviews": "/record/reviews",
    "plan": "/record/plan?force={force}",
    "unsent": "/record/unsent",
    "inspections": "/inspections",
    "plan-inspection": "/inspections/new",
}
FORCE_USER = {
    "force-work": "/work",
    "dispute": "/recommendations/{stream}/record/dispute/1/text",
    "workbook": "/record/workbook",
}
AUDITOR = {"auditor-work": "/work"}
FILES = {"calendar-force": "/forces/{force}/deadlines.ics"}
FILES_OF_FORCE = {"workbook-file": "/record/workbook/answers.xlsx"}


def _streams_for(site: Site, role: Role | None) -> list[UUID]:
    """Return the recommendations of a site that an actor of a role may record on."""
    if role is not Role.FORCE:
        return site.typical
    of_force = SQL(
        "SELECT DISTINCT stream FROM {} WHERE force = %s AND stream = ANY(%s) ORDER BY 1"
    ).format(Identifier(Register.schema, "standing"))
    with psycopg.connect(site.conninfo) as connection:
        rows = connection.execute(of_force, (OWN_FORCE, site.typical)).fetchall()
    return [row[0] for row in rows]


def _milliseconds(path: str, role: Role | None, world: World) -> float:
    """Return the mean time of a page, over each recommendation, report or force it can be about."""
    site = world.full
    assert site.service  # noqa: S101  whose lists are level from here on
    cookie = site.cookie(role) if role else ""
    paths = [path]
    if STREAM in path:
        paths = [path.format(stream=stream) for stream in _streams_for(site, role)]
    elif REPORT in path:
        paths = [path.format(report=report) for report in site.reports]
    elif FORCE in path:
        paths = [path.format(force=force) for force in FORCES]
    requests = [get(path, cookie) for path in paths]
    return SECOND / request_rate(site.service, requests, 1, world.scale.seconds)


_SHOWN: tuple[tuple[Role | None, dict[str, str], float], ...] = (
    (None, PUBLIC, AT_MOST),
    (Role.INSPECTOR, INSPECTOR, AT_MOST),
    (Role.FORCE, FORCE_USER, AT_MOST),
    (Role.AUDITOR, AUDITOR, AT_MOST),
    (None, FILES, FILE_AT_MOST),
    (Role.FORCE, FILES_OF_FORCE, FILE_AT_MOST),
)
for _role, _pages, _at_most in _SHOWN:
    for _name, _path in _pages.items():
        row(f"ms-{_name}", f"milliseconds of GET {_path}", _at_most, at_most=True)(
            partial(_milliseconds, _path, _role)
        )
