"""A page: a template, filled in with what it shows."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from litestar import Response

from api.http.cookies import SESSION
from api.http.problems import Request
from api.pages.rendering import formatting, labels, language
from api.pages.rendering.assets import address_of
from api.request.csrf import token_of

HTML = "text/html"


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **shown: object,
) -> Response[bytes]:
    """A template's page, for who asks."""
    session = request.scope["state"]["session"]
    text = (
        _environment()
        .get_template(template)
        .render(
            path=request.scope["path"],
            session=session,
            csrf=token_of(request.cookies[SESSION]) if session else None,
            **shown,
        )
    )
    return Response(text.encode(), status_code=status, media_type=HTML, headers=headers)


@cache
def _environment() -> Environment:
    # ChainableUndefined, since the design system's macros ask parameters that are not given.
    made = Environment(
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
        auto_reload=False,  # they do not change while it runs, and looking costs a page 1 ms
    )
    known: Any = made.globals  # whose type the library leaves open
    known.update(
        labels=labels,
        formatting=formatting,
        number=language.number,
        static=address_of,
        language=language.code,
    )
    translating: Any = made  # which the extension adds this to
    translating.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)
    return made
