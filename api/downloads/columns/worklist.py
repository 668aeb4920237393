"""The columns of the worklist, the part of it that a reader may save, and what is late."""

from asyncio import to_thread
from collections.abc import Callable
from datetime import date

from msgspec.structs import replace

from adapters.tables.columns import DataColumn, DataTable
from adapters.tables.whole import Reader, Whole
from api.downloads.columns.parts import Columns, dated, force, plain, recommendation, worded
from api.http.problems import Request
from api.pages.messages.wording import HAPPENED
from api.pages.rendering import labels
from api.pages.work.start import share_of_force, share_of_inspector
from api.request.authentication import current_actor
from api.request.readings import record_list_read
from api.v1.lists.worklist import WorklistParams, share_asked_for
from domain.access.permissions import ReadPermission, can_read, may_read
from domain.vocabulary.errors import Forbidden
from projections.worklist import listing
from projections.worklist.late import LateItem
from projections.worklist.listing import WorkItem


async def work(
    request: Request, params: WorklistParams
) -> Callable[[Reader, date], Whole[WorkItem]]:
    """Return the work of the API's list, or of the start page of its reader.

    An auditor's reading is recorded first. Raises Forbidden.
    """
    actor, share = current_actor(request), None
    of_page = not request.scope["path"].startswith("/v1/")
    if can_read(actor, ReadPermission.WORKLIST):
        await record_list_read(request, "worklist")
        if of_page and not params.assigned:
            share = await to_thread(share_of_inspector, request)
        else:
            share = await to_thread(share_asked_for, request, params)
    elif of_page and actor.force and may_read(actor, ReadPermission.HISTORY, actor.force):
        share = share_of_force(actor.role, actor.force)
        params = replace(params, force=actor.force)
    else:
        raise Forbidden("Only inspectors and auditors see everybody's work.")
    return lambda cursor, today: listing.every(cursor, params, today, share)


WORKLIST: DataTable[WorkItem] = DataTable(
    "worklist",
    "Work waiting",
    "What waits at each recommendation, in the order of the list, and whose move it is.",
    (
        *worded("work", "Type of work", "What is to be done.", labels.WORK_IN_FILES, of="work"),
        *recommendation(),
        *force("force"),
        *dated(
            "waiting_since",
            "Waiting since",
            "Since when it waits; of a deadline ahead, from when it will be overdue.",
            of="waiting_since",
        ),
        *dated(
            "window_to",
            "Follow-up until",
            "The last day of the follow-up's window.",
            of="window_to",
            absent="[z]",
        ),
        *worded(
            "clock",
            "Deadline",
            "The deadline that it is about, passed or ahead.",
            labels.CLOCKS,
            of="clock",
            absent="[z]",
        ),
        plain("due", "Last day", "The last day by that deadline.", "date", absent="[z]"),
        *worded(
            "next_by",
            "Next action by",
            "Whose move it is; of a deadline, who owes what is due.",
            labels.PARTIES_NEXT,
            of="next_by",
        ),
        plain(
            "assignee",
            "Assigned to",
            "The identifier of the inspector to whom it is assigned.",
            absent="[z]",
        ),
    ),
    (),
)
_LATE_COLUMNS: Columns = (
    *recommendation(),
    *force("force"),
    *worded("clock", "Deadline", "The deadline that passed.", labels.CLOCKS, of="clock"),
    plain("due", "Last day", "The last day by that deadline.", "date"),
    *worded("owed_by", "Owed by", "Who owes it, or owed it.", labels.PARTIES_NEXT, of="owed_by"),
    *worded(
        "stage",
        "Stage",
        "Where it stands at the end of the day; a closure does not end the deadline of the local "
        "policing body's comments.",
        labels.STAGES,
        of="stage",
    ),
)
LATE: DataTable[LateItem] = DataTable(
    "late",
    "What is late",
    "Recommendations that are certainly late by a deadline, one row for each deadline, and "
    "who owes what is late.",
    _LATE_COLUMNS,
    ("id", "clock"),
)
CLEARED: DataTable[LateItem] = DataTable(
    "cleared",
    "What is not late any more",
    "Recommendations that were certainly late by a deadline at the end of an earlier day, which is "
    "the since of the address, and are not late by it at the end of the later day; one row for "
    "each deadline, with what was recorded of the day that cleared it.",
    (
        *_LATE_COLUMNS,
        plain(
            "cleared_on",
            "Not late since",
            "The first day on which it was not late by that deadline any more.",
            "date",
        ),
        DataColumn(
            "cleared_by",
            "Cleared by (code)",
            "The published steps of that day; several are separated by ' | '. None: only what is "
            "not published changed.",
            "string",
            "cleared_by",
            then=lambda steps: " | ".join(step.tag for step in steps) or None,
        ),
        DataColumn(
            "cleared_by_words",
            "Cleared by",
            "The published steps of that day, in words.",
            "string",
            "cleared_by",
            then=lambda steps: "; ".join(HAPPENED[step.tag] for step in steps) or None,
        ),
    ),
    ("id", "clock"),
)
