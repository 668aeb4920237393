"""Alerts of the public: mails about what is published of a force or an area."""

from litestar import Response, get, post

from adapters.messages import recipients
from adapters.messages.mail import is_address
from api.http.forms import fields_of
from api.http.problems import ProblemError, Request
from api.http.rate_limits import client_of
from api.pages.rendering import labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import forces
from api.pages.rendering.render import page
from api.request.browser.csrf import check_source
from api.request.services import services
from domain.vocabulary.forces import ADDRESSEES, is_training

PATH = "/alerts"
AREAS = tuple(area for area in labels.AREAS.english if area not in {"unknown", "n/a"})


@get(PATH, opt={"public": True})
async def show_alerts(request: Request) -> Response[bytes]:
    """The form by which anybody asks for mails about a force or an area."""
    return _form(request, {}, {})


@post(PATH, opt={"public": True}, status_code=200)
async def ask_for_alerts(request: Request) -> Response[bytes]:
    """Ask an address to confirm an alert; the answer does not say whether the address is known."""
    opened = services(request)
    if not opened.sends_mail:
        raise ProblemError("refused", "This service sends no email: TRACKER_MAIL is not set.")
    check_source(request.headers, opened.public_url)
    typed = await fields_of(request)
    address = typed.get("address", "").strip()
    force, area = typed.get("force") or None, typed.get("area") or None
    errors: dict[str, str] = {}
    if not is_address(address):
        errors["address"] = _("Enter an email address, like name@example.org.")
    if force is not None and (force not in ADDRESSEES or is_training(force)):
        errors["force"] = _("Choose one of the forces.")
    if area is not None and area not in AREAS:
        errors["area"] = _("Choose one of the areas.")
    if force is None and area is None:
        errors["force"] = _("Choose a force, an area, or both.")
    if errors:
        return _form(request, typed, errors)
    await opened.limits.take("alert", client_of(request.scope))
    await opened.async_ledger.run(recipients.ask_for_alert(address, force, area))
    return page(
        request,
        "pages/messages/alert_asked.html",
        title=_("Check your email"),
        alerts_max=recipients.ALERTS_EACH_MAX,
        mails_max=recipients.CONFIRMATIONS_MAX,
    )


def _form(request: Request, typed: dict[str, str], errors: dict[str, str]) -> Response[bytes]:
    return page(
        request,
        "pages/messages/alerts.html",
        status=400 if errors else 200,
        title=_("Get emails about a force or an area"),
        sends_mail=services(request).sends_mail,
        typed=typed,
        errors=errors,
        targets={name: name for name in errors},
        forces=forces(),
        areas=[(area, labels.AREAS[area]) for area in AREAS],
    )


ALERT_PAGES = (show_alerts, ask_for_alerts)
