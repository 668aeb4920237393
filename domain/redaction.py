"""Redactions: how the text of a note is removed, by two people.

One asks, giving a category and no words; another agrees, and only then the text is gone. The step
and its commitment stay.
"""

from domain.checks import REDACTED, REDACTION_REQUESTED
from domain.commands.common import ApproveRedaction, RequestRedaction
from domain.correction import notes_of
from domain.events.event import History
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused


def check_redaction(
    history: History, command: RequestRedaction | ApproveRedaction, stamp: Stamp
) -> None:
    """Raise Refused unless there is such a note to remove, asked for once by another person."""
    if command.step > len(history):
        raise Refused(f"There is no step {command.step}; the last one is {len(history)}.")
    event = history[command.step - 1].event
    if command.field not in notes_of(type(event)) or getattr(event, command.field) is None:
        raise Refused(f"Step {command.step} has no note named {command.field}.")
    requested = _requested(history, command.step, command.field)
    if isinstance(command, RequestRedaction):
        if requested:
            raise Refused(f"That was asked already, at step {requested}; it waits for approval.")
        return
    if command.request != requested:
        raise Refused(f"Step {command.request} does not ask for the removal of that note.")
    if history[requested - 1].stamp.by == stamp.by:
        raise Refused("Whoever asked for a redaction cannot approve it; another person must.")


def _requested(history: History, step: int, field: str) -> int:
    """The step that asks for the removal of a note, or 0. Raises Refused if it was removed."""
    requested = 0
    for entry in history:
        about = entry.event
        if not isinstance(about, (*REDACTED, *REDACTION_REQUESTED)):
            continue
        if (about.step, about.field) == (step, field):
            if isinstance(about, REDACTED):
                raise Refused(f"That note was removed already, at step {entry.step}.")
            requested = entry.step
    return requested
