"""Commands that recommendations and reports share."""

from msgspec import Struct

from domain.vocabulary.values import Line, Note, Plain, RedactionGround, StepNumber, When


class Dated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command has: the date on which what it records took effect."""

    on: When | None = None


class Correct(Dated, frozen=True, kw_only=True, tag="correct"):
    """Mend one field of an earlier step: what it said, what it should say, and why.

    The field `on` is the step's effective date.
    """

    step: StepNumber
    field: Line
    was: Plain
    now: Plain
    why: Note


class RequestRedaction(Dated, frozen=True, kw_only=True, tag="request_redaction"):
    """Ask that the text of one note be removed; another person has to approve it."""

    step: StepNumber
    field: Line
    ground: RedactionGround


class ApproveRedaction(Dated, frozen=True, kw_only=True, tag="approve_redaction"):
    """Agree to the request of another person, made at step `request`: that note's text goes."""

    request: StepNumber
    step: StepNumber
    field: Line
