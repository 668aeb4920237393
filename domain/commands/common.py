"""Commands that recommendations and reports share."""

from msgspec import Struct

from domain.vocabulary.values import FieldName, Note, Plain, RedactionGround, StepNumber, When


class Dated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every command; `on` is the date of effect, by default today."""

    on: When | None = None


class Correct(Dated, frozen=True, kw_only=True, tag="correct"):
    """Correct one field of an earlier step, with the reason.

    `was` is the value on record, `now` is the right value. To correct the date of the step, name
    the field `on`.
    """

    step: StepNumber
    field: FieldName
    was: Plain
    now: Plain
    why: Note


class RequestRedaction(Dated, frozen=True, kw_only=True, tag="request_redaction"):
    """Request the removal of a note's text, or of a document; another person has to approve it.

    `field` names the note; a document is named as `documents.` and its SHA-256, at the step of the
    first claim that names it, or at step 1 if no claim does.
    """

    step: StepNumber
    field: FieldName
    ground: RedactionGround


class ApproveRedaction(Dated, frozen=True, kw_only=True, tag="approve_redaction"):
    """Approve the request made by another person at step `request`.

    The note's text is removed, or the document: its bytes and the name of its file. They cannot be
    restored. The step stays, with the commitment of the note or the SHA-256 of the document.
    """

    request: StepNumber
    step: StepNumber
    field: FieldName


class RequestSuppression(Dated, frozen=True, kw_only=True, tag="request_suppression"):
    """Request that a published text be taken out of every answer; another person has to approve it.

    `field` names the text as step `step` recorded it; `now` of a correction is the text that it
    put in place. The same text in any other entry of the stream goes with it.
    """

    step: StepNumber
    field: FieldName
    ground: RedactionGround
    why: Note


class ApproveSuppression(Dated, frozen=True, kw_only=True, tag="approve_suppression"):
    """Approve the request made by another person at step `request`.

    No answer shows the text any more, whatever day or moment it is asked for; each says that it was
    removed, and when. The ledger keeps it as its proof. To show a text there again, correct it.
    """

    request: StepNumber
    step: StepNumber
    field: FieldName
