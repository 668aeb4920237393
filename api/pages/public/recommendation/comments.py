"""Comments under section 55, beside the steps that published them."""

from collections.abc import Iterable

from msgspec.structs import replace

from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import Happened
from api.v1.record.recommendations import RecommendationView, Section55


def with_comments(happened: Iterable[Happened], shown: RecommendationView) -> list[Happened]:
    """Return the steps, those with comments under section 55 with what each of them says."""
    comments = {response.step: _comments(response) for response in shown.responses}
    return [
        replace(item, text=comments[item.step]) if item.step in comments else item
        for item in happened
    ]


def _comments(response: Section55) -> str:
    """Return the comments under section 55, with the chief officer's and the copy that was sent."""
    parts = [response.explanation or _("The text was removed.")]
    if response.chief_officer:
        parts.append(_("The chief officer's comments: %(text)s", text=response.chief_officer))
    if response.copied_on:
        day = formatting.dated(response.copied_on)
        parts.append(_("Copied to the Secretary of State: %(day)s.", day=day))
    return "\n\n".join(parts)
