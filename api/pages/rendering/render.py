"""Rendering of templates into pages."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from litestar import Response

from api.http.cookies import SESSION
from api.http.moment import today
from api.http.problems import Request
from api.pages.rendering import formatting, labels, language, reading
from api.pages.rendering.assets import address_of
from api.pages.rendering.query_form import Query
from api.request.browser.csrf import field_of
from api.request.services import services
from domain.vocabulary.forces import is_training

HTML = "text/html"
OK = 200
TRAINING = "/training"
"""The page whose query is of training without saying so."""
ADDRESS_MAX = 500
"""The longest address, in characters, to which a sign-in comes back."""


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **shown: object,
) -> Response[bytes]:
    """Render a template for the actor of the request."""
    session, path = request.scope["state"]["session"], request.scope["path"]
    this_page = _address(path, shown.get("query"))
    base = (services(request).public_url or str(request.base_url)).rstrip("/")
    whole = base + this_page
    canonical = whole if status == OK and request.method == "GET" else None
    text = (
        _environment()
        .get_template(template)
        .render(
            path=path,
            this_page=this_page,
            canonical=canonical,
            whole_address=whole,
            printed_on=today(),
            session=session,
            csrf=field_of(request.cookies[SESSION], session.actor.id) if session else None,
            session_ends=session and services(request).sign_in.sessions.idle_ends_at(session),
            **shown,
        )
    )
    return Response(text.encode(), status_code=status, media_type=HTML, headers=headers)


def _address(path: str, query: object) -> str:
    """Return the address of a page, with those parameters only that it knows."""
    quoted = quote(path)
    if not isinstance(query, Query) or path == TRAINING:
        return quoted
    whole = query.link(quoted, position=None)
    return whole if len(whole) <= ADDRESS_MAX else quoted


def _finalize(value: object) -> object:
    """Return what an expression of a template shows: a text so that it can be seen and is safe."""
    return formatting.shown(formatting.published(value)) if type(value) is str else value


@cache
def _environment() -> Environment:
    # ChainableUndefined, because the design system's macros read parameters that callers leave out.
    environment = Environment(
        loader=PrefixLoader(
            {
                "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                "pages": PackageLoader("api.pages"),
            }
        ),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
        finalize=_finalize,
        auto_reload=False,  # templates do not change while it runs, and the check costs 1 ms a page
    )
    names: Any = environment.globals  # the library leaves its type open
    names.update(
        labels=labels,
        formatting=formatting,
        reading=reading,
        number=language.number,
        static=address_of,
        language=language.code,
        is_training=is_training,
    )
    translating: Any = environment  # the extension adds this method
    translating.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)
    return environment
