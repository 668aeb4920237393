"""What anybody may read, without signing in: the API's answers in plain words."""

from itertools import groupby
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from api import progress, recommendations, register, reports
from api.asking import Asked, StreamAsked, today
from api.forces import named
from api.pages import filters, form, words
from api.pages.page import page
from api.pages.timeline import timeline
from api.problems import Asker
from api.progress import ProgressAsked
from api.register import RegisterAsked
from api.reports import ReportsAsked
from api.services import services
from domain.clocks import RULES
from domain.forces import ADDRESSEES, FORCES, NATIONAL, TRAINING
from domain.recommendation import Stage
from domain.values import AREAS, Code, Kind, Product

OPT = {"public": True}
LATEST = 5
REPORTS_SHOWN = 200
"""The most reports of one page, which stays under 100 KB by that."""
HOME = {"text": "Home", "href": "/"}
FIELDS = ("q", "force", "area", "stage", "open", "kind", "overdue", "claimed", "product")
TARGETS = {"on": "on-day", **{name: name for name in FIELDS}}
"""Which field a wrong parameter stands in."""


@get("/", opt=OPT, sync_to_thread=True)
def home(request: Asker) -> Response[bytes]:
    """What this is, the figures of all forces, and the latest reports."""
    board = progress.board_of(services(request).ledger, ProgressAsked())
    latest = reports.listed(request, ReportsAsked(limit=LATEST, order="newest"))
    return page(
        request,
        "pages/home.html",
        title="Child protection inspections of the police: what became of recommendations",
        counts=board.national,
        latest=latest.items,
        asof=_asof(board.position),
    )


@get("/recommendations", opt=OPT, sync_to_thread=True)
def list_recommendations(request: Asker) -> Response[bytes]:
    """The register, by what a reader looks for."""
    sent = form.read(request, RegisterAsked)
    found = register.listed(request, sent.asked)
    areas = dict.fromkeys(area for edition in AREAS.values() for area in sorted(edition))
    return page(
        request,
        "pages/recommendations.html",
        status=400 if sent.errors else 200,
        title="Recommendations",
        crumbs=[HOME],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        found=found,
        applied=filters.applied(sent, "/recommendations"),
        unseen=filters.unseen(sent),
        following=sent.link("/recommendations", cursor=found.next) if found.next else None,
        forces=_forces(),
        areas=[(area, words.AREAS[area]) for area in areas],
        stages=[(str(s), words.STAGES[s]) for s in Stage if s is not Stage.ABSENT],
        kinds=[(str(kind), words.KINDS[kind]) for kind in Kind],
        asof=_asof(found.position),
    )


@get("/recommendations/{stream:uuid}", opt=OPT)
async def show_recommendation(request: Asker, stream: FromPath[UUID]) -> Response[bytes]:
    """Where one recommendation stands, and why it is still open."""
    sent = form.read(request, StreamAsked)
    found = await recommendations.read(request, stream, sent.asked)
    shown = await recommendations.told(request, found, sent.asked)
    return page(
        request,
        "pages/recommendation.html",
        status=400 if sent.errors else 200,
        title=f"{words.KINDS[shown.kind]} to {shown.addressee_name}",
        crumbs=[HOME, {"text": "Recommendations", "href": "/recommendations"}],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        shown=shown,
        happened=timeline(found[1]),
        asof=_asof(shown.position),
    )


@get("/reports", opt=OPT, sync_to_thread=True)
def list_reports(request: Asker) -> Response[bytes]:
    """The published reports, year by year."""
    sent = form.read(request, ReportsAsked)
    found = reports.listed(request, replace(sent.asked, limit=REPORTS_SHOWN, order="newest"))
    years = groupby(found.items, key=lambda one: one.listing.published_on[:4])
    return page(
        request,
        "pages/reports.html",
        status=400 if sent.errors else 200,
        title="Reports",
        crumbs=[HOME],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        years=[(year if year.isdigit() else "Year not known", list(all_)) for year, all_ in years],
        following=sent.link("/reports", cursor=found.next) if found.next else None,
        forces=_forces(),
        products=[(str(product), words.PRODUCTS[product]) for product in Product],
        asof=_asof(found.position),
    )


@get("/reports/{stream:uuid}", opt=OPT, sync_to_thread=True)
def show_report(request: Asker, stream: FromPath[UUID]) -> Response[bytes]:
    """One report, with its recommendations."""
    sent = form.read(request, StreamAsked)
    shown = reports.told(request, stream, sent.asked)
    wanted = RegisterAsked(report=str(stream), force=shown.addressee)
    issued = register.listed(request, _as_asked(wanted, sent.asked))
    return page(
        request,
        "pages/report.html",
        status=400 if sent.errors else 200,
        title=shown.title,
        crumbs=[HOME, {"text": "Reports", "href": "/reports"}],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        shown=shown,
        issued=issued,
        more=sent.link("/recommendations", report=str(stream), force=shown.addressee, step=None)
        if issued.next
        else None,
        asof=_asof(shown.position),
    )


@get("/forces", opt=OPT, sync_to_thread=True)
def list_forces(request: Asker) -> Response[bytes]:
    """Every force, and how many recommendations it has."""
    board = progress.board_of(services(request).ledger, ProgressAsked())
    return page(
        request,
        "pages/forces.html",
        title="Forces",
        crumbs=[HOME],
        board=board,
        forces=_forces(),
        asof=_asof(board.position),
    )


@get("/forces/{code:str}", opt=OPT, sync_to_thread=True)
def show_force(request: Asker, code: FromPath[Code]) -> Response[bytes]:
    """One force: its figures, and what stands behind them."""
    force = named(code)
    sent = form.read(request, ProgressAsked)
    told = progress.of_force(request, code, sent.asked)
    listed = register.listed(request, _as_asked(RegisterAsked(force=code), sent.asked))
    return page(
        request,
        "pages/force.html",
        status=400 if sent.errors else 200,
        title=force.name,
        crumbs=[HOME, {"text": "Forces", "href": "/forces"}],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        force=force,
        told=told,
        listed=listed,
        asof=_asof(told.position),
    )


@get("/progress", opt=OPT, sync_to_thread=True)
def show_progress(request: Asker) -> Response[bytes]:
    """All forces, side by side."""
    sent = form.read(request, ProgressAsked)
    board = progress.board_of(services(request).ledger, sent.asked)
    return page(
        request,
        "pages/progress.html",
        status=400 if sent.errors else 200,
        title="Progress of all forces",
        crumbs=[HOME],
        sent=sent,
        errors=sent.errors,
        targets=TARGETS,
        board=board,
        forces=_forces(),
        asof=_asof(board.position),
    )


@get("/about", opt=OPT, sync_to_thread=False)
def about(request: Asker) -> Response[bytes]:
    """What this is, and where its facts come from."""
    return page(request, "pages/about.html", title="About", crumbs=[HOME])


@get("/about/methodology", opt=OPT, sync_to_thread=False)
def methodology(request: Asker) -> Response[bytes]:
    """Each deadline with its rule and where that stands."""
    crumbs = [HOME, {"text": "About", "href": "/about"}]
    title = "Deadlines and their sources"
    rules = RULES.values()
    return page(request, "pages/methodology.html", title=title, crumbs=crumbs, rules=rules)


@get("/about/accessibility", opt=OPT, sync_to_thread=False)
def accessibility(request: Asker) -> Response[bytes]:
    """How these pages can be used, and what was tested."""
    crumbs = [HOME, {"text": "About", "href": "/about"}]
    return page(request, "pages/accessibility.html", title="Accessibility", crumbs=crumbs)


PUBLIC_PAGES = (
    home,
    list_recommendations,
    show_recommendation,
    list_reports,
    show_report,
    list_forces,
    show_force,
    show_progress,
    about,
    methodology,
    accessibility,
)


def _forces() -> list[tuple[Code, str]]:
    """Every addressee but the training force, by name."""
    return sorted(
        ((code, ADDRESSEES[code].name) for code in (*FORCES, NATIONAL) if code != TRAINING),
        key=lambda one: one[1],
    )


def _as_asked(wanted: RegisterAsked, asked: Asked) -> RegisterAsked:
    """The same recommendations, as at the day and as known at the moment of a page."""
    return replace(wanted, on=asked.on, known_at=asked.known_at)


def _asof(position: int) -> str:
    return f"As of {words.day(today())}, and entry {position} of the ledger."
