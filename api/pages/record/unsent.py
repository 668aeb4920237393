"""The page of what a person was typing when their session ended, to go on with."""

from litestar import Response, get

from api.http.cookies import UNSENT
from api.http.problems import Request
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.problem import UNSENT_PATH
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.services import services


@get(UNSENT_PATH)
async def unsent(request: Request) -> Response[bytes]:
    """The forms that are held for the person, in this browser."""
    browser, actor = request.cookies.get(UNSENT, ""), current_actor(request)
    forms = await services(request).sign_in.forms.listing(browser, actor.id)
    return page(
        request,
        "pages/record/unsent.html",
        title=_("Go on where you were"),
        forms=forms,
        crumbs=[HOME],
    )


UNSENT_PAGES = (unsent,)
