"""The fields of a draft's form, and the way between what is typed and the draft."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from api.pages.forms.typed_dates import typed_date
from api.pages.record import form_parser
from api.pages.record.form_fields import Field
from api.pages.record.publishing.from_text import limit_fields
from api.pages.record.publishing.publish_form import COUNT, SHOWN_MAX
from api.pages.rendering import labels
from api.pages.rendering.language import gettext as _
from domain.events.report import Cases, TopicGrades
from domain.inspection.draft import DraftRequest, ReportDraft
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import AREAS, LINE_MAX, LIST_MAX, Code, Edition

KEPT = "kept"
"""The count of a form that leaves the recommendations as they were saved: they are too many."""
COARSE = "As precisely as you know it."
REPORT = (
    Field("title", "What is its title?", "Title", "line"),
    Field(
        "reference",
        "What will the report be called in this service?",
        "Reference",
        "line",
        "A short name in lower case letters, digits and hyphens, such as kent-ncpi-2026.",
    ),
    Field("address", "Where will it be published?", "Address", "line", "The address of its page."),
    Field("fieldwork_from", "When did fieldwork begin?", "Fieldwork from", "day", COARSE),
    Field("fieldwork_to", "When did fieldwork end?", "Fieldwork until", "day", COARSE),
    Field(
        "follows",
        "Which report does it follow?",
        "Report it follows",
        "line",
        "The reference of that report in this service.",
    ),
    Field(
        "recommendations_stated",
        "How many recommendations does it say that it makes?",
        "Recommendations stated",
        "number",
    ),
    Field(
        "causes_of_concern_stated",
        "How many causes of concern does it say that it has?",
        "Causes of concern stated",
        "number",
    ),
)
SOURCES = Field(
    "sources", "Which sources does it name?", "Sources", "text", "Each on a line of its own."
)
CASES = tuple(
    Field(name, words, words, "number")
    for name in Cases.__struct_fields__
    for words in [labels.FIELDS.english[f"cases.{name}"]]
)
GRADES = tuple(
    Field(name, words, words, "select", options=labels.GRADES)
    for name in TopicGrades.__struct_fields__
    for words in [labels.FIELDS.english[f"grades.{name}"]]
)
_TEXT = Field("text", "What does it ask for?", "Text")
_KIND = Field("kind", "What is it?", "Kind", "choice", options=labels.KINDS)
_LIMIT = Field("time_limit", "By when?", "Time limit", "limit")
_TOPIC = Field(
    "topic",
    "Which topic within the area?",
    "Topic",
    "line",
    "Its short name in lower case letters and underscores.",
)
UNDER = Field(
    "under",
    "Which cause of concern does it belong to?",
    "Part of cause of concern",
    "number",
    "The number of that cause of concern in this draft. Leave blank if it belongs to none.",
)
ADDRESSED = Field(
    "addressees",
    "Who is it for?",
    "Addressed to",
    "text",
    "Leave blank if it is for the force that was inspected alone. Otherwise the name of each force "
    "or body on a line of its own.",
)
_CODES: dict[str, Code] = {
    name.casefold(): code for code, force in ADDRESSEES.items() for name in (code, force.name)
}


class DraftForm(Struct, frozen=True, kw_only=True):
    """The form of a draft as it was typed, and the draft that it makes if nothing is wrong."""

    typed: Mapping[str, str]
    count: int
    version: int
    """The version of the draft that the form was opened with."""
    kept: bool = False
    """Whether the recommendations stay as they were saved."""
    errors: Mapping[str, str] = {}
    draft: ReportDraft | None = None


def grades_of(edition: Edition) -> tuple[Field, ...]:
    """Return the grades that reports of an edition give."""
    return GRADES if edition == "2024" else ()


def cases_of(edition: Edition) -> tuple[Field, ...]:
    """Return the counts of case files that reports of an edition give."""
    return tuple(field for field in CASES if edition != "pre-2024" or field.name != "adequate")


def recommendation_fields(edition: Edition) -> tuple[Field, ...]:
    """Return the fields of a recommendation, with the areas of an edition."""
    codes = {str(code) for code in AREAS[edition]}
    areas = {code: words for code, words in labels.AREAS.items() if code in codes}
    area = Field("area", "Which area is it about?", "Area", "select", options=areas)
    return (_TEXT, _KIND, area, _LIMIT, _TOPIC, UNDER)


def read(fields: Mapping[str, str], edition: Edition, saved: ReportDraft) -> DraftForm:
    """Read a form; `saved` has the recommendations of one that leaves them as they are."""
    typed = form_parser.tidy(fields)
    plain, errors = form_parser.values(REPORT, ReportDraft, typed)
    plain["cases"], wrong = form_parser.values(cases_of(edition), Cases, typed, "cases-")
    errors |= wrong
    plain["grades"], wrong = form_parser.values(grades_of(edition), TopicGrades, typed, "grades-")
    errors |= wrong
    sources = _lines(typed.get("sources", ""))
    plain["sources"] = sources
    if len(sources) > LIST_MAX or any(len(line) > LINE_MAX for line in sources):
        errors["sources"] = _("Enter up to %(many)s lines of up to 300 characters.", many=LIST_MAX)
    text, version = typed.get("count", "0"), typed.get("version", "0")
    kept = text == KEPT
    count = min(int(text), SHOWN_MAX) if COUNT.fullmatch(text) else 0
    rows: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        row, wrong = _row(typed, number, edition)
        rows.append(row)
        errors |= {place: of_row(number, words) for place, words in wrong.items()}
    plain["recommendations"] = saved.recommendations if kept else rows
    form = DraftForm(
        typed=typed,
        count=count,
        version=int(version) if version.isdigit() and len(version) < 10 else 0,  # noqa: PLR2004
        kept=kept,
        errors=errors,
    )
    if errors:
        return form
    return msgspec.structs.replace(form, draft=msgspec.convert(plain, ReportDraft))


def _row(
    typed: Mapping[str, str], number: int, edition: Edition
) -> tuple[dict[str, Any], dict[str, str]]:
    prefix = f"r{number}-"
    plain: dict[str, Any]
    plain, errors = form_parser.values(recommendation_fields(edition), DraftRequest, typed, prefix)
    if typed.get(f"{prefix}time_limit") == "":
        errors.pop(f"{prefix}time_limit", None)
    names = _lines(typed.get(f"{prefix}addressees", ""))
    unknown = [name for name in names if name.casefold() not in _CODES]
    if unknown:
        words = _("No force or body has this name: %(names)s.", names=", ".join(unknown))
        errors[f"{prefix}addressees"] = words
    plain["addressees"] = [_CODES[name.casefold()] for name in names if name not in unknown]
    return plain, errors


def of_row(number: int, words: str) -> str:
    """Return words about a recommendation by its number."""
    return _("Recommendation %(number)s: %(text)s", number=number, text=words)


def form_of_draft(draft: ReportDraft, version: int) -> DraftForm:
    """Return the form of a draft, filled in."""
    many = len(draft.recommendations)
    kept = many > SHOWN_MAX
    typed = dict(typed_values(draft, REPORT))
    typed |= {f"cases-{name}": text for name, text in typed_values(draft.cases, CASES)}
    typed |= {f"grades-{name}": text for name, text in typed_values(draft.grades, GRADES)}
    typed["sources"] = "\n".join(draft.sources)
    for number, request in enumerate(() if kept else draft.recommendations, 1):
        typed |= {f"r{number}-{name}": text for name, text in typed_request(request).items()}
    return DraftForm(
        typed=typed, count=0 if kept else many, version=version, kept=kept, draft=draft
    )


def typed_request(request: DraftRequest) -> dict[str, str]:
    """Return the fields of a recommendation, as they would be typed."""
    typed = dict(typed_values(request, (_TEXT, _TOPIC, UNDER)))
    typed["kind"] = str(request.kind)
    typed["area"] = request.area or ""
    names = (ADDRESSEES[code].name if code in ADDRESSEES else code for code in request.addressees)
    return {**typed, **limit_fields(request.time_limit), "addressees": "\n".join(names)}


def typed_values(of: Struct, fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """Yield the values of some fields, as they would be typed."""
    for field in fields:
        value = getattr(of, field.name)
        if value is None:
            continue
        if field.kind == "day":
            yield from typed_date(field.name, value).items()
        else:
            yield field.name, str(value)


def arranged(typed: Mapping[str, str], order: Sequence[int]) -> dict[str, str]:
    """Return typed fields with the recommendations of some numbers, in a new order.

    Numbers of causes of concern follow those.
    """
    rest = {name: text for name, text in typed.items() if not _number(name)}
    later = {former: number for number, former in enumerate(order, 1)}
    moved = {
        f"r{later[number]}-{name.partition('-')[2]}": text
        for name, text in typed.items()
        if (number := _number(name)) in later
    }
    for name, text in moved.items():
        if name.endswith(f"-{UNDER.name}") and COUNT.fullmatch(text):
            moved[name] = str(later.get(int(text), ""))  # of one that goes, nothing is left
    return {**rest, **moved}


def _number(name: str) -> int:
    """Return the number of the recommendation that a field is of; 0 if of none."""
    text = name.partition("-")[0].removeprefix("r")
    return int(text) if name.startswith("r") and COUNT.fullmatch(text) else 0


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
