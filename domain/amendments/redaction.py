"""Redactions: the removal of a note's text, by two people.

The first person requests it, with a category and no words. Only when a second person approves it is
the text removed. The step and its commitment stay.
"""

from domain.amendments.correction import notes_of
from domain.checks import REDACTED, REDACTION_REQUESTED
from domain.commands.common import ApproveRedaction, RequestRedaction
from domain.events.event import History
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused


def check_redaction(
    history: History, command: RequestRedaction | ApproveRedaction, stamp: Stamp
) -> None:
    """Raise Refused unless the note exists and its redaction may be requested or approved.

    A redaction is requested once, and approved by another person.
    """
    if command.step > len(history):
        raise Refused(f"There is no step {command.step}. The last step is {len(history)}.")
    event = history[command.step - 1].event
    if command.field not in notes_of(type(event)) or getattr(event, command.field) is None:
        raise Refused(f"Step {command.step} has no note called {command.field}.")
    requested = _requested(history, command.step, command.field)
    if isinstance(command, RequestRedaction):
        if requested:
            raise Refused(
                f"This redaction was already requested at step {requested} and awaits approval."
            )
        return
    if command.request != requested:
        raise Refused(f"Step {command.request} is not a request to remove this note.")
    if history[requested - 1].stamp.by == stamp.by:
        raise Refused(
            "The person who requested a redaction cannot approve it. Another person must."
        )


def _requested(history: History, step: int, field: str) -> int:
    """Return the step that requests the removal of a note, or 0 if none does.

    Raises Refused if the note was already removed.
    """
    requested = 0
    for entry in history:
        about = entry.event
        if not isinstance(about, (*REDACTED, *REDACTION_REQUESTED)):
            continue
        if (about.step, about.field) == (step, field):
            if isinstance(about, REDACTED):
                raise Refused(f"This note was already removed at step {entry.step}.")
            requested = entry.step
    return requested
