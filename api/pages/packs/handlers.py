"""Board packs as pages and as PDF: of all forces, and of one."""

import asyncio
from io import BytesIO
from typing import TypeVar

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from adapters.printing.paper import Paper
from adapters.printing.pdf import PDF, write_pdf
from api.downloads.making import Made, moment_in_name
from api.downloads.sending import answer_file
from api.http.problems import Request, invalid
from api.pages.packs.reading import (
    ForcePackParams,
    NationalPackParams,
    Pack,
    read_pack,
    read_stories,
)
from api.pages.packs.words import in_words
from api.pages.rendering import formatting, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.layout import HOME, OPT, render_view
from api.pages.rendering.query_form import Query
from api.request.published import as_published
from api.request.services import service_address
from api.v1.lists.forces import named
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code

P = TypeVar("P", bound=ForcePackParams)
ENDING = ".pdf"
SHEETS_MAX = 2
"""The most sheets of A4 that a pack takes."""
PDF_BYTES_MAX = 300_000
"""The most bytes of the PDF of a pack, as the pages that link to one say."""


@get("/board-pack", opt=OPT, sync_to_thread=True)
def show_national_pack(request: Request) -> Response[bytes]:
    """Show the board pack of all forces."""
    return _page(request, None, query_form.read_known(request, NationalPackParams))


@get("/board-pack.pdf", opt=OPT)
async def print_national_pack(request: Request) -> Response[bytes] | Stream:
    """Answer the board pack of all forces as PDF."""
    return await _file(request, None, await _strict(request, NationalPackParams))


@get("/board-pack/{code:str}", opt=OPT)
async def show_force_pack(request: Request, code: FromPath[Code]) -> Response[bytes] | Stream:
    """Show the board pack of one force, or answer it as PDF if its address ends in `.pdf`."""
    force = named(code.removesuffix(ENDING)).code
    _check_world(request, force)
    if code.endswith(ENDING):
        return await _file(request, force, await _strict(request, ForcePackParams))
    query = await query_form.aread_known(request, ForcePackParams)
    return await asyncio.to_thread(_page, request, force, query)


PACK_PAGES = (show_national_pack, print_national_pack, show_force_pack)


def _check_world(request: Request, force: Code) -> None:
    """Refuse a pack of a force that is said to be of training and is not, or the reverse."""
    said = request.query_params.get("training")
    if said in {"true", "false"} and said != str(is_training(force)).lower():
        kind = "a training force" if is_training(force) else "no training force"
        raise invalid(f"{force} is {kind}: leave this out.", parameter="training")


async def _strict(request: Request, kind: type[P]) -> P:
    """Return the parameters of a file, which has no form to show what is wrong with them."""
    query = await query_form.aread_known(request, kind)
    for name, words in query.errors.items():
        raise invalid(words, parameter=name)
    return query.params


def _page(request: Request, force: Code | None, query: Query[P]) -> Response[bytes]:
    pack, paper = _paper(request, force, query.params)
    path = request.scope["path"]
    days = {"since": pack.since.isoformat(), "on": pack.on.isoformat(), "position": None}
    crumbs = [HOME, {"text": N_("Progress of all forces"), "href": "/progress"}]
    if force:
        crumbs = [
            HOME,
            {"text": N_("Forces"), "href": "/forces"},
            {"text": formatting.force(force), "href": f"/forces/{force}"},
        ]
    return render_view(
        request,
        "pages/public/board_pack.html",
        query,
        title=paper.title,
        crumbs=crumbs,
        force=force,
        paper=paper,
        file=query.link(f"{path}{ENDING}", **days),
        position=pack.position,
    )


async def _file(
    request: Request, force: Code | None, params: ForcePackParams
) -> Response[bytes] | Stream:
    return await answer_file(
        request, lambda: asyncio.to_thread(_printed, request, force, params), PDF
    )


def _printed(request: Request, force: Code | None, params: ForcePackParams) -> Made:
    pack, paper = _paper(request, force, params)
    service = service_address(request)
    made = write_pdf(paper, service=service)
    return Made(BytesIO(made), len(made), _name(pack))


def _paper(request: Request, force: Code | None, params: ForcePackParams) -> tuple[Pack, Paper]:
    """Return a pack, with the position that its reader may know of, and its paper."""
    pack = read_pack(request, force, params)
    items = (*(item.id for item in pack.longest.items), *(item.id for item in pack.changes.items))
    stories = read_stories(request, pack, items)
    shown = as_published(request, pack)
    return shown, in_words(shown, stories, training=pack.training or is_training(force))


def _name(pack: Pack) -> str:
    """Return the name of a file: what, of which days, at which position or moment."""
    whose = [pack.force] if pack.force else ["training"] if pack.training else []
    days = [pack.on.isoformat(), "since", pack.since.isoformat()]
    known = (
        ["known", moment_in_name(pack.known_at)] if pack.known_at else ["at", str(pack.position)]
    )
    return "-".join(["board-pack", *whose, *days, *known]) + ENDING
