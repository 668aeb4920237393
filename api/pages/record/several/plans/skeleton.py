"""The rows of a report as a CSV file to fill in with a plan, and to send with the form of plans."""

import csv
from collections.abc import Collection, Mapping
from io import StringIO
from uuid import UUID

from litestar import Response

from adapters.tables.delimited import BOM, FORMULA, QUOTED
from api.pages.record.form_fields import OF_COMMAND
from api.pages.record.several.grid_rows import numbers_of, row_of
from api.pages.record.several.plans.plan_lines import ANSWER, OWNER, PLAN, RECOMMENDATION, TARGET
from api.pages.record.subject import Subject
from api.pages.rendering import formatting
from api.v1.record.content_disposition import attachment
from domain.commands.recommendation import ReceiveActionPlan
from domain.events.event import History

_TAG = OF_COMMAND[ReceiveActionPlan].tag
OF_SKELETON = {f"{_TAG}.csv": _TAG}
"""The step of each file to fill in, by the end of its address."""
TEXT = "text"
"""The column with the beginning of a recommendation, which is not read."""
TEXT_SHOWN_MAX = 160


def skeleton(
    report: Subject, histories: Mapping[UUID, History], possible: Collection[UUID]
) -> Response[bytes]:
    """The file: a row for each recommendation that a plan can be recorded for, with no answers.

    It has the mark by which Excel knows UTF-8, and keeps it.
    """
    out = StringIO(newline="")
    written = csv.writer(out)
    written.writerow([RECOMMENDATION, TEXT, ANSWER, PLAN, OWNER, TARGET])
    for stream, number in numbers_of(histories).items():
        if stream in possible:
            text = row_of(stream, histories[stream]).text
            shown = formatting.shown(formatting.published(text))
            text = formatting.shortened(shown, TEXT_SHOWN_MAX)
            quoted = QUOTED + text if text[:1] in FORMULA else text
            written.writerow([number, quoted, "", "", "", ""])
    headers = {"Content-Disposition": attachment(f"{report.reference}-plan.csv")}
    content = BOM + out.getvalue().encode()
    return Response(content, media_type="text/csv", headers=headers)
