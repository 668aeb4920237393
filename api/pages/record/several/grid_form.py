"""The form of one step for the recommendations of a report."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.command_form import file_names
from api.pages.record.form_parser import DOCUMENTS
from api.pages.record.several.bulk import has_training
from api.pages.record.several.grid import BulkStep, in_row
from api.pages.record.several.grid_answers import common_in_words
from api.pages.record.several.grid_errors import in_page_order
from api.pages.record.several.grid_rows import ROWS_MAX, numbers_of, rows_to_answer
from api.pages.record.several.plans.filled_marks import marks_of
from api.pages.record.several.plans.plan_file import columns
from api.pages.record.subject import Subject
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from domain.commands.recommendation import ReceiveActionPlan
from domain.events.event import History
from domain.vocabulary.values import Sha256

NONE_TICKED = "rows"
"""The place of the error that no row is ticked; it leads to the first that can be."""


class StepForm(Struct, frozen=True):
    """The form of a step: the report, and the recommendations as they are now."""

    report: Subject
    step: BulkStep
    place: str
    histories: Mapping[UUID, History]
    typed: Mapping[str, str] = {}
    shown: Mapping[UUID, int] = {}
    """The rows of a form that was sent, each with the step that it was shown at."""
    filled: int = 0
    """How many rows have answers of a file, which nobody has looked at yet."""

    @property
    def path(self) -> str:
        """The address of the form."""
        return f"{self.report.address}/work/{self.step.question.tag}{self.place}"

    @property
    def is_whole(self) -> bool:
        """Whether it has every recommendation of the report that its reader may answer."""
        return len(self.histories) < ROWS_MAX and "page=" not in self.place

    @property
    def marks(self) -> dict[str, str]:
        """The marks of those answers that a file filled."""
        return marks_of(self.typed)

    @property
    def crumbs(self) -> list[dict[str, str]]:
        """The breadcrumbs of its pages."""
        work = {
            "text": N_("Work on this report"),
            "href": f"{self.report.address}/work{self.place}",
        }
        return [*self.report.crumbs, work]

    @property
    def chosen(self) -> dict[UUID, int]:
        """The ticked rows, each with the step that it was shown at."""
        return {s: step for s, step in self.shown.items() if self.typed.get(f"of-{s}")}

    def ticked(self) -> "StepForm":
        """Return it with every row ticked."""
        ticks = {f"of-{stream}": "yes" for stream in self.shown}
        return replace(self, typed={**self.typed, **ticks})

    def moved(self) -> dict[str, str]:
        """An error for each ticked row of which something else was recorded meanwhile."""
        numbers = numbers_of(self.histories)
        text = _("Something else was recorded meanwhile. Look at it again.")
        return {
            f"row-{stream}": in_row(numbers[stream], text)
            for stream, step in self.chosen.items()
            if step != len(self.histories[stream])
        }


async def render_grid(
    request: Request, form: StepForm, errors: Mapping[str, str], status: int = 400
) -> Response[bytes]:
    """The form with its rows as they are now, and everything that was typed."""
    people = await form_parser.pickable(request, form.step.question)
    rows, values = await rows_to_answer(
        request, form.step, form.histories, form.typed, form.shown, people=people
    )
    naming = any(row.beside for row in rows)
    possible = [row for row in rows if row.obstacle is None]
    first = f"of-{possible[0].row.stream}" if possible else "main-content"
    return page(
        request,
        "pages/record/several/grid.html",
        status=status if errors else 200,
        title=_(form.step.question.title),
        of=form.report.reference,
        form=form,
        step=form.step,
        rows=rows,
        possible=len(possible),
        kept=[] if possible else common_in_words(form.step, form.typed, people),
        typed=values,
        errors=in_page_order(
            form.step,
            [row.row.stream for row in rows],
            {first if place == NONE_TICKED else place: text for place, text in errors.items()},
        ),
        columns=columns(naming=naming) if form.step.command is ReceiveActionPlan else {},
        uploaded=await uploaded_names(request, form),
        people=people,
        training=has_training(row.row for row in rows),
        crumbs=form.crumbs,
    )


async def uploaded_names(request: Request, form: StepForm) -> Mapping[Sha256, str]:
    """The names of the files that were kept for the ticked recommendations, by hash."""
    names = form.typed.get(DOCUMENTS, "").split()
    return await file_names(request, next(iter(form.chosen)), names) if form.chosen else {}
