"""Changes from each text of an inspection to the next, in words."""

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from api.pages.inspections.parts_shown import fact_rows, kind_in
from api.pages.inspections.words import part_name
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from api.v1.inspections.views import (
    ChangeView,
    CommentView,
    InspectionText,
    InspectionView,
    PartVersion,
)
from domain.inspection.state import FINAL, Inspection, InspectionStage
from domain.vocabulary.values import PartName


class ShownVersion(Struct, frozen=True):
    """A part as one text had it: its heading, its facts and words, or why there are none."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    text: str | None
    absent: str = ""


class ChangedPart(Struct, frozen=True):
    """A part that changed, before and after, with the comments that were accepted for it."""

    place: str
    title: str
    before: ShownVersion
    after: ShownVersion
    accepted: tuple[CommentView, ...]
    excuse: str
    """Why it could change although no comment was accepted."""


class ChangedText(Struct, frozen=True):
    """Two texts of which one followed the other: their words, and what changed."""

    title: str
    parts: tuple[ChangedPart, ...]
    unchanged: int
    """How many parts both texts have alike."""


def changed_texts(
    text: InspectionText, view: InspectionView, state: Inspection
) -> Iterator[ChangedText]:
    """Yield each text that was sent to the check with the text that followed, oldest first."""
    dated = {check.step: formatting.moment(check.at) for check in view.checks}
    seals = {check.step: check.parts for check in state.checks}
    if state.embargo is not None and state.stage in {*FINAL, InspectionStage.RELEASED}:
        seals[state.embargo.step] = state.embargo.parts
    for before, after in pairwise(seals):
        changes = [change for change in text.changes if change.before_step == before]
        left = {seal.part for seal in seals[after]} - {change.part for change in changes}
        title = (
            _(
                "From the text sent on %(before)s to the text sent on %(after)s",
                before=dated[before],
                after=dated[after],
            )
            if after in dated
            else _("From the text sent on %(before)s to the published text", before=dated[before])
            if view.report
            else _("From the text sent on %(before)s to the final text", before=dated[before])
        )
        yield ChangedText(title, tuple(_changed(change, view) for change in changes), len(left))


def _changed(change: ChangeView, view: InspectionView) -> ChangedPart:
    checks = {check.step: check for check in view.checks}
    kinds = [kind_in(version.facts) for version in (change.after, change.before) if version]
    title = part_name(change.part, next(filter(None, kinds), None))
    check = checks.get(change.after_step)
    heading = (
        _("As it was sent again")
        if check
        else _("As it was published")
        if view.report
        else _("As it is final")
    )
    excuse = (
        ""
        if check is None
        else _(
            "No comment was accepted for it. The force was asked to look at it by %(day)s.",
            day=formatting.day(check.reply_by),
        )
    )
    return ChangedPart(
        f"{change.part}-{change.after_step}",
        title,
        _shown(_("As it was sent to the check"), change.part, change.before),
        _shown(heading, change.part, change.after),
        tuple(each for each in view.comments if each.step in change.accepted),
        excuse,
    )


def _shown(heading: str, part: PartName, version: PartVersion | None) -> ShownVersion:
    if version is None:
        return ShownVersion(heading, (), None, _("The text has no such part."))
    if version.facts is None and version.words is None:
        return ShownVersion(heading, (), None, _("This service does not hold the part any more."))
    return ShownVersion(heading, tuple(fact_rows(part, version.facts)), version.words)
