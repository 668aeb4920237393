"""The answer of every route to every role over real HTTP, as a table for readers."""

from collections.abc import Generator
from hashlib import sha256
from typing import Any

import msgspec
import psycopg

from adapters.postgres.database import OWNER, Database
from api.downloads.handlers import DOWNLOAD_ROUTES
from api.pages.forms.headed import RowPlace
from api.pages.record.amendments.reply_questions import OF_TAG
from api.pages.record.workbook.rows import AnsweredRow
from api.pages.rendering.assets import version
from api.pages.routes import PAGES
from api.routes import HANDLERS
from api.v1.odata.handlers import ODATA_ROUTES
from domain.commands.command import Command
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import (
    AgreeToWords,
    AnswerQuestion,
    AskQuestion,
    DisputeFact,
    ProposeWords,
    ReplyToDispute,
    SettleDispute,
    WithdrawDispute,
)
from domain.commands.inspection import PlanInspection
from domain.commands.recommendation import Comment, NameOwner
from domain.commands.report import IssueTo, NoteArea, NoteReportOutcome
from domain.vocabulary.actors import Actor
from domain.vocabulary.ids import inspection_id
from domain.vocabulary.values import Product
from tests.domain.test_lifecycle import COMMANDS
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT, KENT_BODY, issue, publish
from tests.support.data.inspections import Inspecting
from tests.support.served.browser import Browser
from tests.support.served.serving import (
    AUDITOR,
    ESSEX_BODY,
    PUBLISHER,
    REPORTING,
    Published,
    Service,
    published,
)

COLUMNS: dict[str, Actor | None] = {
    "public": None,
    "reporting": REPORTING,
    "auditor": AUDITOR,
    "inspector": INSPECTOR,
    "publisher": PUBLISHER,
    "admin": ADMIN,
    "own force": KENT,
    "other force": ESSEX,
    "own body": KENT_BODY,
    "other body": ESSEX_BODY,
}
CELLS = {401: "sign in", 403: "no", 404: "hidden"}
"""Words for the statuses of a refusal; any other status means that the actor may."""
REPLIES: tuple[Command, ...] = (
    DisputeFact(step=1, field="edition", reasons="Typing.", statement="It is not so."),
    ReplyToDispute(dispute=1, reply="Which?"),
    ProposeWords(dispute=1, words="It is disputed."),
    AgreeToWords(dispute=1, proposal=2),
    SettleDispute(dispute=1, result="not_corrected", reason="It holds.", answer="It holds."),
    WithdrawDispute(dispute=1),
    AskQuestion(question="When?", party="force"),
    AnswerQuestion(question=1, answer="In May."),
)
OF_REPORTS: tuple[Command, ...] = (
    issue(),
    NoteArea(reference="kent-area-1", text="Lead.", area="leadership", source="Review"),
    NoteReportOutcome(
        reference="kent-area-o1",
        said_by="force",
        text="Done.",
        source="Letter",
        reading="claim",
        area="leadership",
    ),
    Correct(step=1, field="title", was="A", now="B", why="Typing."),
    RequestRedaction(step=1, field="remark", ground="data_protection"),
    ApproveRedaction(request=2, step=1, field="remark"),
    RequestSuppression(step=1, field="title", ground="court_order", why="A name."),
    ApproveSuppression(request=2, step=1, field="title"),
    *REPLIES,
)
OF_RECOMMENDATIONS: tuple[Command, ...] = (
    *(command for command in COMMANDS.values() if not isinstance(command, IssueTo)),
    *REPLIES,
)
OF_NO_ROLE = {
    ("POST", "/sign-in/link"),
    ("GET", "/sign-in/callback"),
    ("POST", "/sign-out"),
    ("POST", "/contact"),
}
"""These depend on a code, a cookie or the page before, not on a role: see tests/identity."""
CONTACT = "KENT2022AB"
"""The reference of a message of the public."""
INSPECTION = "kent-matrix-2026"
OF_INSPECTIONS: tuple[dict[str, object], ...] = (
    {"type": "change_plan", "product": "ncpi", "edition": "2024"},
    {"type": "begin_fieldwork"},
    {"type": "moderate_draft", "draft_version": 1},
    {"type": "send_to_check", "draft_version": 1, "reply_by": "2035-01-31"},
    {"type": "comment_on_fact", "part": "report", "comment": "It is wrong."},
    {"type": "finish_check", "check": 4},
    {"type": "answer_comment", "comment": 9, "outcome": "rejected", "reason": "It is right."},
    {"type": "withdraw_comment", "comment": 9},
    {"type": "embargo_report", "draft_version": 1, "release_at": "2035-01-31T00:01:00Z"},
    {"type": "agree_to_release", "embargo": 9},
    {"type": "defer_publication", "reason": "An election."},
    {"type": "resume_inspection"},
    {"type": "drop_inspection", "reason": "The programme ended."},
)
WRITES = {"POST", "PATCH", "PUT"}
DOCUMENT = b"All officers are trained."
QUERIES = {"/v1/sessions": f"?actor={KENT.id}", "/v1/search": "?q=kent"}
"""The queries of paths that need one."""
HEAD = "| route | " + " | ".join(COLUMNS) + " |"
RULE = "|---|" + "---|" * len(COLUMNS)


REPORT = {
    "addressee": "kent", "product": "ncpi", "edition": "2024", "title": "A report",
    "address": "https://example.org/kent", "reference": "kent-matrix-typed-2026",
    "on-day": "5", "on-month": "1", "on-year": "2026", "count": "0",
}  # fmt: skip


REPLY_FORMS = {
    "reply": "Which?", "words": "It is disputed.", "why": "A slip.", "result": "not_corrected",
    "reason": "It holds.", "question": "When?", "party": "force", "answer": "In May.",
}  # fmt: skip
"""The answers to the forms of disputes and questions, of which each takes its own."""


class Typed(dict[str, str]):
    """A body to send as a form, not as JSON."""


def table(service: Service, database: Database) -> str:
    """Call every route as every role, on a recommendation, report or session of Kent's."""
    kents = prepare(service, database)
    return "\n".join((HEAD, RULE, *_rows(service, database, kents)))


def prepare(service: Service, database: Database) -> Published:
    """Publish a report of Kent's, and all else that the addresses of routes are about."""
    kents = published(service, "kent-matrix-2022")
    path = f"/v1/recommendations/{kents.recommendations[0]}/documents"
    assert _cell(service, "POST", path, KENT, DOCUMENT) == "yes", "a document to read"
    assert service.get("/v1/ledger", AUDITOR).is_success, "access on record"
    Inspecting(service, INSPECTION).sent("Train all officers.")
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO people VALUES (%s, 'tenant', 'object', NULL, 'force', 'kent', now())",
            (KENT.id,),
        )
        connection.execute(
            "INSERT INTO contacts VALUES (%s, NULL, 'Wrong.', NULL, now(), now() + '1d')",
            (CONTACT,),
        )
    return kents


def _rows(service: Service, database: Database, kents: Published) -> Generator[str]:
    for method, path in sorted(routes(), key=lambda route: (route[1], route[0])):
        for name, body in bodies_of(path, kents) if method in WRITES else [("", None)]:
            cells: list[str] = []
            for actor in COLUMNS.values():
                live = _session(service, database) if "sessions" in path else kents.id
                address = address_of(path, kents).replace("{identity:uuid}", live)
                cells.append(_cell(service, method, address, actor, body))
            shown = f"`{method} {path}`{f' `{name}`' if name else ''}"
            yield f"| {shown} | " + " | ".join(cells) + " |"


def _cell(service: Service, method: str, path: str, actor: Actor | None, body: object) -> str:
    payload: dict[str, Any] = {"json": body}
    if isinstance(body, bytes):
        payload = {"content": body}
    elif isinstance(body, Typed):
        payload = {"data": body}
    headers = service.headers(actor, {"Content-Type": "text/plain"} if "content" in payload else {})
    answer = service.client.request(method, path, headers=headers, **payload)
    assert answer.status_code < 500, (method, path, answer.text)
    assert answer.status_code not in {400, 405, 415, 422}, (method, path, answer.text)
    return CELLS.get(answer.status_code, "yes")


def _session(service: Service, database: Database) -> str:
    """Start a session of Kent's; an actor who may end sessions has ended the last."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("TRUNCATE rates")  # one address signs in more often than is allowed
    browser = Browser(service).sign_in(database, KENT)
    return str(browser.get("/v1/session").json()["session"]["id"])


def routes() -> set[tuple[str, str]]:
    """Return the method and path of every route that depends on a role."""
    every: set[tuple[str, str]] = {
        (method, path)
        for handler in (*HANDLERS, *PAGES, *DOWNLOAD_ROUTES, *ODATA_ROUTES)
        for path in handler.paths
        for method in handler.http_methods
    }
    assert every >= OF_NO_ROLE
    return every - OF_NO_ROLE


def address_of(path: str, kents: Published) -> str:
    """Return an address of a path, about Kent's report or recommendation."""
    stream = kents.id if "/reports/" in path else kents.recommendations[0]
    if "/inspections/" in path:
        stream = str(inspection_id(INSPECTION))
    values = {
        "stream:uuid": stream,
        "code:str": "kent",
        "force:str": "kent",
        "secret:str": "a-secret",
        "slug:str": "stale",
        "ending:str": "csv",
        "view:str": "recommendation_v1",
        "entity_set:str": "recommendations",
        "actor:str": KENT.id if "people" in path else AUDITOR.id,
        "of:str": version(),
        "name:str": "tracker.css",
        "address:str": "leadership",
        "tag:str": "comment",
        "step:int": "1",
        "reference:str": CONTACT,
        "subscription:uuid": kents.id,
        "token:str": "of-no-mail",
        "recipient:uuid": kents.id,
        "field:str": "text" if "suppression" in path else "area",
        "sha256:str": sha256(DOCUMENT).hexdigest(),
    }
    if path.startswith("/inspections/"):
        values |= {"tag:str": "defer_publication"}
    if path.startswith("/reports/"):
        values |= {"field:str": "title", "tag:str": "receive_action_plan"}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path + QUERIES.get(path, "")


def bodies_of(path: str, kents: Published) -> list[tuple[str, object]]:  # noqa: C901, PLR0911, PLR0912, PLR0915  a table
    """Return the bodies to send to a path: each command it takes, with its name."""
    match path:
        case "/v1/reports":
            return _named(publish(reference="kent-matrix-again-2022"))
        case "/v1/reports/{stream:uuid}/commands":
            return _named(*OF_REPORTS)
        case "/v1/recommendations/{stream:uuid}/commands":
            return _named(*OF_RECOMMENDATIONS)
        case "/v1/inspections":
            return _named(
                PlanInspection(
                    reference="kent-matrix-again-2026",
                    addressee="kent",
                    product=Product.NCPI,
                    edition="2024",
                )
            )
        case "/v1/inspections/{stream:uuid}/commands":
            return [(str(body["type"]), body) for body in OF_INSPECTIONS]
        case "/v1/inspections/{stream:uuid}/draft":
            return [("", {"version": 1, "draft": {"title": "A report"}})]
        case "/inspections/new":
            return [("", Typed(reference="kent-matrix-typed-2026", then="change"))]
        case "/inspections/{stream:uuid}/draft":
            return [("", Typed(version="1", count="0", then="add"))]
        case "/inspections/{stream:uuid}/record/{tag:str}":
            return [("defer_publication", Typed(reason="An election.", step="1"))]
        case "/v1/commands":
            comment = msgspec.to_builtins(Comment(comment="Noted."))
            return [("comment", [{"stream": kents.recommendations[0], "command": comment}])]
        case "/v1/recommendations/{stream:uuid}/documents":
            return [("", DOCUMENT)]
        case "/v1/subscriptions":
            return [("", {"url": "https://example.org/hook"})]
        case "/v1/subscriptions/{subscription:uuid}/resume":
            return [("", {"after": 1})]
        case (
            "/v1/subscriptions/{subscription:uuid}/secret"
            | "/v1/subscriptions/{subscription:uuid}/test"
        ):
            return [("", {})]
        case "/v1/people/{actor:str}":
            return [("", {"name": "Somebody"})]
        case "/portfolios":
            return [("", Typed(led=""))]
        case "/portfolios/{code:str}":
            return [("", Typed(lead=""))]
        case "/contacts/{reference:str}":
            return [("", Typed(outcome="no_change"))]
        case "/messages":
            return [("", Typed(address="a@example.org", at_once="yes", digest="daily"))]
        case "/alerts":
            return [("", Typed(address="a@example.org", force="kent"))]
        case "/messages/confirm/{token:str}" | "/messages/unsubscribe/{recipient:uuid}":
            return [("", Typed(then="record"))]
        case "/work/filters":
            return [("", Typed(path="/work", query="", name="All"))]
        case "/work/addresses":
            return [("", Typed(kind="deadlines"))]
        case "/work/addresses/{identity:uuid}/renew" | "/work/addresses/{identity:uuid}/revoke":
            return [("", Typed())]
        case "/work/filters/delete":
            return [("", Typed(name="All"))]
        case "/v1/portfolios/{code:str}":
            return [("", {"lead": "inspector-1"})]
        case "/recommendations/{stream:uuid}/record/{tag:str}":
            return [("comment", Typed(comment="Noted.", step="1"))]
        case "/recommendations/{stream:uuid}/record/correct/{step:int}/{field:str}":
            return [("", Typed(now="investigation", why="A slip.", step="1"))]
        case "/reports/{stream:uuid}/record/correct/{step:int}/{field:str}":
            return [("", Typed(now="A title", why="A slip.", step="1"))]
        case "/recommendations/{stream:uuid}/record/request_redaction/{step:int}/{field:str}":
            return [("", Typed(ground="court_order", step="1"))]
        case "/recommendations/{stream:uuid}/record/approve_redaction/{step:int}/{field:str}":
            return [("", Typed(step="1"))]
        case (
            "/recommendations/{stream:uuid}/record/request_suppression/{step:int}/{field:str}"
            | "/reports/{stream:uuid}/record/request_suppression/{step:int}/{field:str}"
        ):
            return [("", Typed(ground="court_order", why="A name.", step="1"))]
        case (
            "/recommendations/{stream:uuid}/record/approve_suppression/{step:int}/{field:str}"
            | "/reports/{stream:uuid}/record/approve_suppression/{step:int}/{field:str}"
        ):
            return [("", Typed(step="1"))]
        case _ if "/record/dispute/" in path:
            return [("", Typed(reasons="Typing.", statement="It is not so.", step="1"))]
        case _ if path.split("/")[4:5] and path.split("/")[4] in OF_TAG:
            return [("", Typed(REPLY_FORMS, step="1"))]
        case "/recommendations/{stream:uuid}/record/withdraw":
            return [("", Typed({"steps-1": "1"}, why="A slip.", step="1"))]
        case "/recommendations/{stream:uuid}/record/agree_to_withdrawal/{step:int}":
            return [("", Typed(step="1"))]
        case "/reports/{stream:uuid}/work/{tag:str}":
            of = kents.recommendations[0]
            typed = {f"of-{of}": "yes", f"step-{of}": "1", "answer": "act", "content": "We will."}
            return [("", Typed(typed, then="check"))]
        case "/reports/{stream:uuid}/undo":
            of = kents.recommendations[0]
            typed = {f"of-{of}": "yes", f"undo-{of}": "1", f"step-{of}": "1", "why": "A slip."}
            return [("", Typed(typed, then="check"))]
        case "/record/plan":
            chosen = {f"of-{kents.recommendations[0]}": "1"}
            return [("", Typed(chosen, force="kent", answer="act", content="We will."))]
        case "/record/reviews":
            of = kents.recommendations[0]
            return [("", Typed({f"outcome-{of}": "accepted", f"step-{of}": "1"}))]
        case "/record/workbook":
            place = RowPlace("Answers", 4, {})
            row = AnsweredRow(place, "kent-matrix-2022-r01", 1, (NameOwner(owner="A post"),))
            return [("", Typed(answers=msgspec.json.encode([row]).decode()))]
        case "/record/report/text":
            return [("", Typed(pasted="1. Do it within three months."))]
        case "/record/report":
            return [("", Typed(REPORT))]
        case _:
            raise AssertionError(f"Add a body for {path} here, then review its answers.")


def _named(*commands: Command | PlanInspection) -> list[tuple[str, object]]:
    plain = [msgspec.to_builtins(command) for command in commands]
    return [(body["type"], body) for body in plain]
