"""Rendering of templates into pages."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, cast
from urllib.parse import quote

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from litestar import Response

from api.http.cookies import SESSION
from api.http.moment import today
from api.http.problems import Request
from api.pages.rendering import formatting, labels, language, reading
from api.pages.rendering.assets import address_of
from api.pages.rendering.figures import cells
from api.pages.rendering.query_form import Query
from api.request.browser.csrf import field_of
from api.request.services import service_address, services
from domain.vocabulary.forces import is_training

HTML = "text/html"
OK = 200
TRAINING = "/training"
"""The page whose query is of training without saying so."""
ADDRESS_MAX = 500
"""The longest address, in characters, to which a sign-in comes back."""
COMPONENTS = {
    "govukBreadcrumbs": "breadcrumbs",
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorSummary": "error-summary",
    "govukFileUpload": "file-upload",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukNotificationBanner": "notification-banner",
    "govukPagination": "pagination",
    "govukPanel": "panel",
    "govukPhaseBanner": "phase-banner",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukServiceNavigation": "service-navigation",
    "govukSkipLink": "skip-link",
    "govukSummaryList": "summary-list",
    "govukTag": "tag",
    "govukTextarea": "textarea",
}
"""The components of the design system that every template can use, with their folders."""
WITH_FORM = re.compile(
    r"/record/|^/reports/[^/]+/(?:work/|undo$)|^/inspections/(?:new$|[^/]+/draft$)"
    r"|^/(?:portfolios|contacts|messages)(?:/|$)"
)
"""The pages on which a person types answers: they say when the session ends."""
COMPONENTS_KEPT = 4_000
"""How many rendered components are kept; a list of forces takes 3 ms to render."""
KEPT_LENGTH_MAX = 2_000
"""The longest HTML, in characters, within a component that is kept."""


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
    base = service_address(request)
    whole = base + this_page
    canonical = whole if status == OK and request.method == "GET" else None
    text = (
        environment()
        .get_template(template)
        .render(
            path=path,
            this_page=this_page,
            canonical=canonical,
            whole_address=whole,
            printed_on=today(),
            session=session,
            has_form=WITH_FORM.search(path) is not None,
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


def _select_items(
    first: str, options: Iterable[tuple[str, str]], chosen: str | None
) -> list[dict[str, object]]:
    """Return the options of a select, in words, after one that chooses nothing."""
    return [
        {"value": "", "text": first},
        *(
            {"value": value, "text": language.gettext(text), "selected": chosen == value}
            for value, text in options
        ),
    ]


class _Component:
    """A component of the design system with its parameters, equal to another of the same."""

    __slots__ = ("_key", "macro", "params")

    def __init__(
        self, macro: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any]
    ) -> None:
        self.macro, self.params = macro, params
        self._key = id(macro), _frozen(params)

    def __eq__(self, other: object) -> bool:
        """Return whether the other renders the same."""
        return isinstance(other, _Component) and self._key == other._key

    def __hash__(self) -> int:
        """Return a hash of the parameters."""
        return hash(self._key)


def _frozen(value: object) -> Hashable:
    """Return a key of a parameter; types tell a text to be escaped from HTML, and 1 from True."""
    if type(value) is str:
        return value
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        return dict, tuple((name, _frozen(part)) for name, part in parts.items())
    if isinstance(value, list | tuple):
        return list, tuple(map(_frozen, cast("Iterable[object]", value)))
    return type(value), value


@lru_cache(COMPONENTS_KEPT)
def _rendered(component: _Component) -> Any:  # noqa: ANN401  whatever a macro returns
    return component.macro(component.params)


def _component(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return a component of the design system, rendered once for the same parameters.

    It depends on nothing else. What somebody typed is not kept, and no long text.
    """

    @cache
    def macro() -> Callable[[Mapping[str, Any]], Any]:
        file = f"govuk_frontend_jinja/components/{COMPONENTS[name]}/macro.html"
        loaded: Any = environment().get_template(file).module
        component: Callable[[Mapping[str, Any]], Any] = getattr(loaded, name)
        return component

    def render(params: Mapping[str, Any]) -> Any:  # noqa: ANN401  as above
        if params.get("value") or len(params.get("html") or "") > KEPT_LENGTH_MAX:
            return macro()(params)
        return _rendered(_Component(macro(), params))

    return render


@cache
def environment() -> Environment:
    """Return the environment of the templates: the names that all of them know."""
    # ChainableUndefined, because the design system's macros read parameters that callers leave out.
    templates = Environment(
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
    names: Any = templates.globals  # the library leaves its type open
    names.update(
        labels=labels,
        formatting=formatting,
        reading=reading,
        figure=cells,
        number=language.number,
        static=address_of,
        language=language.code,
        is_training=is_training,
        select_items=_select_items,
        **{name: _component(name) for name in COMPONENTS},
    )
    translating: Any = templates  # the extension adds this method
    translating.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)
    return templates
