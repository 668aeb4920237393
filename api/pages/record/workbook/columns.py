"""The columns of the workbook that a force answers in.

A column is known by its head when the workbook comes back, wherever it stands then.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from api.pages.rendering.language import N_

Answer: TypeAlias = Literal["text", "choice", "date"]


class AnswerColumn(Struct, frozen=True, eq=False):
    """A column: its head, its meaning, and the kind of its answers; None if it is not answered."""

    head: str
    means: str
    width: int
    answer: Answer | None = None
    options: Mapping[str, str] = {}
    """The choices in words, by their codes; a comma would part one in Excel's lists."""


YES: Final = "yes"
ROW_ID = AnswerColumn(
    "Row id: leave as it is",
    N_(
        "The reference of the recommendation, and the number of its last step when this workbook "
        "was made. The service needs it to know what a row is about, and what happened since."
    ),
    30,
)
REPORT = AnswerColumn("Report", N_("The title of the report."), 30)
NUMBER = AnswerColumn("Number", N_("The number of the recommendation in its report."), 9)
TEXT = AnswerColumn("Recommendation", N_("The text of the recommendation."), 60)
LIMIT = AnswerColumn("Time limit", N_("The time that the inspectorate set for it."), 18)
STAGE = AnswerColumn("Stage", N_("Where it was when this workbook was made."), 24)
PAGE = AnswerColumn("Page", N_("The address of its page in the service."), 30)
OWNER_NOW = AnswerColumn(
    "Owner now", N_("The responsible post on record when this workbook was made."), 28
)
OWNER = AnswerColumn(
    "Owner",
    N_(
        "The senior post that is responsible: a post, not a person. Leave it blank to keep the one "
        "on record."
    ),
    28,
    "text",
)
ANSWER = AnswerColumn(
    "Answer",
    N_("The answer of the action plan. Choose it from the list, with every plan."),
    24,
    "choice",
    {"act": "It will act", "no_action": "It will take no action"},
)
PLAN = AnswerColumn(
    "Plan", N_("What the force will do, or why it will take no action."), 60, "text"
)
TARGET = AnswerColumn(
    "Target date",
    N_("When the plan will be done. It becomes the last line of the plan."),
    18,
    "date",
)
UPDATE = AnswerColumn(
    "Update",
    N_("What was done at once. Only for a recommendation whose time limit is: immediately."),
    40,
    "text",
)
PROGRESS = AnswerColumn("Progress", N_("What has been done since, as of today."), 40, "text")
DONE = AnswerColumn(
    "Done",
    N_("Choose Yes to say that the work is done. Inspectors then check this."),
    10,
    "choice",
    {YES: "Yes"},
)
DONE_ON = AnswerColumn(
    "Done on",
    N_("When it was done. Leave it blank for the day on which you record it."),
    18,
    "date",
)
EVIDENCE = AnswerColumn(
    "Evidence", N_("What shows that it is done. Needed where Done is Yes."), 40, "text"
)
COLUMNS = (
    ROW_ID, REPORT, NUMBER, TEXT, LIMIT, STAGE, PAGE, OWNER_NOW,
    OWNER, ANSWER, PLAN, TARGET, UPDATE, PROGRESS, DONE, DONE_ON, EVIDENCE,
)  # fmt: skip
"""Every column, in the order in which the workbook has them."""
TO_ANSWER = tuple(column for column in COLUMNS if column.answer)
