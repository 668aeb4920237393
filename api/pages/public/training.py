"""The page of the training world: its board, its recommendations, and one whole life to read."""

from litestar import Response, get
from msgspec.structs import replace

from adapters.corpus.training.world import WHOLE_LIFE
from api.http.problems import Request
from api.pages.public.figures.boards import points
from api.pages.rendering import query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, forces, render_view, with_as_of
from api.request.services import services
from api.v1.lists import progress, register
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from domain.vocabulary.ids import recommendation_id


@get("/training", opt=OPT, sync_to_thread=True)
def show_training(request: Request) -> Response[bytes]:
    """Show the training forces side by side, and where to begin reading."""
    asked_for = query_form.read_known(request, ProgressParams)
    query = replace(asked_for, params=replace(asked_for.params, training=True))
    ledger = services(request).ledger
    whole = recommendation_id(WHOLE_LIFE)
    board = progress.board_of(request, query.params)
    listed = RegisterParams(training=True)
    return render_view(
        request,
        "pages/public/training.html",
        query,
        title=_("The training world"),
        crumbs=[HOME],
        training=True,
        whole=whole if ledger.history(whole) else None,
        board=board,
        forces=forces(training=True),
        listed=register.register_page(request, with_as_of(listed, query.params)),
        points=points(progress.months_of(request, query.params), board.on),
        position=board.position,
    )


TRAINING_PAGES = (show_training,)
