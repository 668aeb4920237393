"""Changes of the text of an inspection from each check to the next, and to the final text.

Only the seals are compared, so that whoever knows the entries alone can do the same.
"""

from itertools import pairwise

from msgspec import Struct

from domain.inspection.parts import changed_parts
from domain.inspection.state import FINAL, Inspection, InspectionStage
from domain.vocabulary.values import PartName, StepNumber


class TextChange(Struct, frozen=True):
    """A part that changed from one text to the next, and the comments accepted for it between.

    `before` and `after` are the steps with the two texts: of a check, or of the embargo.
    """

    part: PartName
    before: StepNumber
    after: StepNumber
    accepted: tuple[StepNumber, ...]


def changes_of(state: Inspection) -> tuple[TextChange, ...]:
    """Return every change between two texts, in order; the last is the final one if there is one.

    A part that was changed and changed back is named twice.
    """
    texts = [(check.step, check.parts) for check in state.checks]
    if state.embargo is not None and state.stage in {*FINAL, InspectionStage.RELEASED}:
        texts.append((state.embargo.step, state.embargo.parts))
    return tuple(
        TextChange(part, before, after, accepted_for(state, part, since=before, until=after))
        for (before, former), (after, later) in pairwise(texts)
        for part in changed_parts(former, later)
    )


def accepted_for(
    state: Inspection, part: PartName, *, since: StepNumber, until: StepNumber | None = None
) -> tuple[StepNumber, ...]:
    """Return the comments on a part that were accepted after one step, and before another."""
    return tuple(
        comment.step
        for comment in state.comments
        if comment.part == part
        and comment.accepted
        and comment.answer is not None
        and since < comment.answer
        and (until is None or comment.answer < until)
    )
