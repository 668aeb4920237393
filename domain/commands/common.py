"""Commands that recommendations and reports share."""

from msgspec import Struct

from domain.vocabulary.values import Line, Note, Plain, RedactionGround, StepNumber, When


class Dated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every command; `on` is the date of effect, by default today."""

    on: When | None = None


class Correct(Dated, frozen=True, kw_only=True, tag="correct"):
    """Correct one field of an earlier step, with the reason.

    `was` is the value on record, `now` is the right value. To correct the date of the step, name
    the field `on`.
    """

    step: StepNumber
    field: Line
    was: Plain
    now: Plain
    why: Note


class RequestRedaction(Dated, frozen=True, kw_only=True, tag="request_redaction"):
    """Request the removal of a note's text; another person has to approve it."""

    step: StepNumber
    field: Line
    ground: RedactionGround


class ApproveRedaction(Dated, frozen=True, kw_only=True, tag="approve_redaction"):
    """Approve the request made by another person at step `request`: the note's text is removed."""

    request: StepNumber
    step: StepNumber
    field: Line
