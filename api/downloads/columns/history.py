"""The columns of a recommendation's steps: those that are published, and its whole history."""

from asyncio import to_thread
from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import dated, plain, worded
from api.http.problems import Request
from api.pages.public.recommendation.comments import with_comments
from api.pages.rendering import labels
from api.pages.rendering.timeline import Happened, timeline, what_of
from api.request.query_params import AsOfParams, StreamParams
from api.request.services import services
from api.v1.record import recommendations
from api.v1.record.history import HistoryItem, HistoryParams, history_items
from domain.history import recommendation_entries
from domain.vocabulary.ids import report_id

ALL = 1_000_000
"""More entries than a stream has."""


class StepsParams(AsOfParams, frozen=True, kw_only=True):
    """The recommendation, and the day and moment to show."""

    stream: UUID


class NumberedStep(Struct, frozen=True):
    """A published step, by its number in the file.

    Its number in the ledger would tell how many steps before it are not published.
    """

    number: int
    happened: Happened


async def steps(
    request: Request, params: StepsParams
) -> Callable[[Reader, date], Whole[NumberedStep]]:
    """Return the published steps of a recommendation, in order of date. Raises NotFound."""
    as_of = StreamParams(on=params.on, known_at=params.known_at)
    read = await recommendations.read(request, params.stream, as_of)
    shown = await recommendations.recommendation_view(request, read, as_of)
    recorded = {entry.step: entry for entry in read.known}
    happened = with_comments(timeline(read.entries, recorded=recorded), shown)
    whole = Whole(
        items=[NumberedStep(number, item) for number, item in enumerate(happened, 1)],
        position=shown.position,
        on=shown.on,
        known_at=shown.known_at,
    )
    return lambda _cursor, _today: whole


STEPS: DataTable[NumberedStep] = DataTable(
    "steps",
    "Steps",
    "The published steps of a recommendation, in order of date.",
    (
        plain("number", "Number", "The number of the step in this file.", "integer"),
        *dated("on", "Date", "When it happened.", of="happened.on"),
        *dated(
            "was",
            "Date as first recorded",
            "The date that was recorded first, if it was corrected.",
            of="happened.was",
            absent="[z]",
        ),
        plain("what", "What happened", "What happened, in words.", of="happened.what"),
        DataColumn(
            "text",
            "Text",
            "What was published with it.",
            "string",
            lambda item: item.happened.text or None,
            "[z]",
        ),
        *worded(
            "party",
            "Party",
            "The party that acted, or that spoke.",
            labels.SAID_BY,
            of="happened.party",
        ),
        DataColumn(
            "source",
            "Source",
            "Where it is published; several are parted by |.",
            "string",
            lambda item: item.happened.source or None,
        ),
        DataColumn(
            "reported_in_page",
            "Reported in",
            "The page of the later report that says so.",
            "anyURI",
            lambda item: _page_of(item.happened.reported_in),
            "[z]",
        ),
    ),
    ("number",),
)


class HistoryFileParams(StreamParams, frozen=True, kw_only=True):
    """The recommendation, and the day, moment and last step to show."""

    stream: UUID


async def history(
    request: Request, params: HistoryFileParams
) -> Callable[[Reader, date], Whole[HistoryItem]]:
    """Return every entry of a recommendation, as recorded; an auditor's reading is recorded.

    Raises NotFound if there is none, or its reader may not read it.
    """
    entries = recommendation_entries(await services(request).async_ledger.history(params.stream))
    as_of = HistoryParams(on=params.on, known_at=params.known_at, step=params.step)
    page = await to_thread(partial(history_items, request, entries, as_of, ALL))
    whole = Whole(
        items=page.items,
        position=entries[page.step - 1].position,
        on=page.on,
        known_at=page.known_at,
    )
    return lambda _cursor, _today: whole


def _json(value: object) -> str | None:
    return None if value is UNSET else msgspec.json.encode(value).decode()


HISTORY: DataTable[HistoryItem] = DataTable(
    "history",
    "History",
    "Every step of a recommendation as it was recorded, with notes, corrections and withdrawals, "
    "as far as its reader may see them.",
    (
        plain("step", "Step", "The number of the step.", "integer"),
        DataColumn("entry", "Entry", "The id of the entry.", "string", lambda item: str(item.id)),
        plain(
            "entry_position",
            "Position of the entry",
            "Its number in the whole record.",
            "integer",
            of="position",
        ),
        *dated("on", "Took effect on", "When it took effect, as recorded.", of="on"),
        plain("at", "Recorded at", "When it was recorded.", "dateTime"),
        plain("actor", "Recorded by", "The identifier of the person or tool that recorded it."),
        *worded("role", "Role", "The role in which they did.", labels.ROLES, of="role"),
        plain("tag", "Kind of step (code)", "The tag of the event."),
        DataColumn(
            "what",
            "Kind of step",
            "What happened, in words.",
            "string",
            lambda item: what_of(item.event),
        ),
        DataColumn(
            "event",
            "Event",
            "All that was recorded, in JSON; a note is a commitment to its text.",
            "string",
            lambda item: _json(item.event),
        ),
        DataColumn(
            "notes",
            "Notes",
            "The texts of its notes, in JSON; null for a text that was removed.",
            "string",
            lambda item: _json(item.notes),
            "[z]",
        ),
        DataColumn(
            "documents",
            "Documents",
            "The documents that it names, in JSON.",
            "string",
            lambda item: _json(item.documents),
            "[z]",
        ),
        DataColumn(
            "corrected_by",
            "Corrected by step",
            "The step that corrected it last.",
            "integer",
            lambda item: item.amended.step if item.amended else None,
            "[z]",
        ),
        DataColumn(
            "corrected_on",
            "Took effect on, as corrected",
            "When it took effect, after corrections; YYYY-MM-DD, YYYY-MM, YYYY or unknown.",
            "string",
            lambda item: item.amended.on if item.amended else None,
            "[z]",
        ),
        DataColumn(
            "corrected_event",
            "Event, as corrected",
            "All that it says after corrections, in JSON.",
            "string",
            lambda item: _json(item.amended.event) if item.amended else None,
            "[z]",
        ),
        DataColumn(
            "withdrawn_by",
            "Withdrawn by step",
            "The step that withdrew it, as recorded by mistake.",
            "integer",
            lambda item: item.withdrawn or None,
            "[z]",
        ),
        DataColumn(
            "stage",
            "Status after (code)",
            "The status of the recommendation after it.",
            "string",
            lambda item: item.stage or None,
            "[z]",
        ),
        DataColumn(
            "stage_words",
            "Status after",
            "The status of the recommendation after it, in words.",
            "string",
            lambda item: labels.STAGES[item.stage] if item.stage else None,
            "[z]",
        ),
    ),
    ("step",),
)


def _page_of(reference: str | None) -> str | None:
    return None if reference is None else f"/reports/{report_id(reference)}"
