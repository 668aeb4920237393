"""Error pages: a problem in words for readers, where programs get those of its type.

The detail of a single case has no translation, and stays as the rules word it.
"""

from litestar import Response

from adapters.identity.held_forms import LIFE
from api.http import problems
from api.http.cookies import UNSENT, cookie
from api.http.problem_types import PROBLEM_TYPES
from api.http.problems import PROBLEM_JSON, Problem, Request
from api.pages.forms.typed_answers import typed_answers
from api.pages.rendering import labels, reading
from api.pages.rendering.language import N_, Table
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.browser.unsent_forms import form_to_repeat, unsent_form
from domain.vocabulary.actors import Role
from domain.vocabulary.errors import Forbidden, Refused

OF_PROGRAMS = ("/v1", "/odata", "/health", "/problems")
PASSING = frozenset(
    {"behind", "busy", "clock-wrong", "fault", "overloaded", "overtaken", "restored", "too-many"}
    | {"unavailable", "unreadable-entry"}
)
"""Problems that pass, so that the same form can be sent again."""
UNSENT_PATH = "/record/unsent"
"""The page of the forms that were held while their person signed in again."""

UNAVAILABLE = N_("Sorry, the service is unavailable")
LATER = N_("Try again later.")
SOON = N_("Try again in a moment.")
TITLES = Table(
    {
        "invalid": "There is a problem with the address of this page",
        "unauthenticated": "Sign in to continue",
        "sign-in-failed": "You could not be signed in",
        "no-role": "You do not have a role in this service",
        "cross-site": "This form could not be sent",
        "forbidden": "You do not have permission to do this",
        "not-found": "Page not found",
        "method-not-allowed": "You cannot do this here",
        "timed-out": "What you sent took too long to arrive",
        "refused": "This cannot be recorded",
        "overtaken": "Other people were recording at the same time",
        "stale": "Somebody else recorded something in the meantime",
        "too-large": "What you sent is too large",
        "address-too-long": "The address of this page is too long",
        "malformed": "This form could not be read",
        "unsupported-document": "This kind of file is not accepted",
        "infected": "A file contains a virus",
        "unscanned": "A file could not be checked for viruses",
        "too-many": "You have made too many requests",
        "fault": "Sorry, there is a problem with the service",
        "unavailable": UNAVAILABLE,
        "busy": UNAVAILABLE,
        "overloaded": UNAVAILABLE,
        "behind": "Sorry, this page is not up to date yet",
        "clock-wrong": UNAVAILABLE,
        "restored": UNAVAILABLE,
        "unreadable-entry": UNAVAILABLE,
        "provider-away": "Sorry, you cannot sign in at the moment",
    }
)
TEXTS = Table(
    {
        "unauthenticated": "You need to sign in to see this page. If you did before, your "
        "session has ended.",
        "sign-in-failed": "You may have taken too long, used another browser, or signed in "
        "already. Start again.",
        "not-found": "If you typed the web address, check that it is correct. If you pasted it, "
        "check that you copied all of it. You may need to sign in to see it.",
        "method-not-allowed": "Go back to the page that you came from, and try again.",
        "timed-out": "Check your connection, then try again. Nothing was recorded.",
        "overtaken": "Nothing was recorded. Try again in a moment.",
        "cross-site": "It was made in another session of yours, or somebody else's, or by another "
        "site. Nothing was recorded.",
        "too-large": "The files of one form may have 20 MB together, and each of them 10 MB. "
        "Nothing was recorded.",
        "address-too-long": "Go back to the page that you came from, and choose fewer filters.",
        "unsupported-document": PROBLEM_TYPES["unsupported-document"].meaning,
        "unscanned": "Try again later. The file was not kept.",
        "too-many": "Wait a minute, then try again.",
        "fault": LATER,
        "unavailable": "Try again later. If you were recording something, check first whether it "
        "is there.",
        "busy": SOON,
        "overloaded": SOON,
        "behind": SOON,
        "clock-wrong": "Nothing was recorded. Try again later.",
        "restored": "Nothing can be recorded at the moment. Try again later.",
        "unreadable-entry": LATER,
        "provider-away": "Your organisation's sign-in service did not answer. Try again in a "
        "moment.",
    }
)
"""Advice for a reader; a detail of the single case is shown instead, if there is one."""


def answer(request: Request, error: Exception) -> Response[Problem] | Response[bytes]:
    """Answer an error: a page for browsers, a problem (RFC 9457) for other clients."""
    response = problems.answer(request, error)
    if not _is_for_people(request):
        return response
    slug = response.content.type.rpartition("/")[2]
    detail = _(response.content.detail)
    if isinstance(error, Forbidden) and error.roles:
        people = [role for role in error.roles if role is not Role.IMPORTER]
        roles = ", ".join(labels.ROLES[role] for role in people)
        detail = _("Only people with one of these roles can: %(roles)s.", roles=roles)
    elif isinstance(error, Refused):
        detail = reading.refusal(error)
    elif slug in TEXTS and response.content.detail == PROBLEM_TYPES[slug].meaning:
        detail = TEXTS[slug]
    unsent = unsent_form(request) or (form_to_repeat(request) if slug in PASSING else None)
    shown = page(
        request,
        "pages/problem.html",
        status=response.status_code or 500,
        headers=response.headers,
        title=TITLES[slug] if slug in TITLES else _(response.content.title),
        problem=response.content,
        detail=detail,
        unsent=unsent,
        answers=typed_answers(unsent.form) if unsent and not unsent.secret else [],
        unsent_path=UNSENT_PATH,
    )
    if unsent and unsent.secret:
        shown.cookies = [cookie(UNSENT, unsent.secret, seconds=int(LIFE.total_seconds()))]
    return shown


def _is_for_people(request: Request) -> bool:
    path = request.scope["path"]
    if any(path == prefix or path.startswith(f"{prefix}/") for prefix in OF_PROGRAMS):
        return False
    return request.accept.best_match([PROBLEM_JSON, "application/json", "text/html"]) == "text/html"
