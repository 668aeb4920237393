"""The life of a force's inspections: its reports in order, and what was said under each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from api.pages.rendering import formatting, labels, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext, number
from api.v1.lists.reports import ReportView
from domain.vocabulary.dates import earliest, end_of
from domain.vocabulary.values import REVIEWS, Code, Product, Reference, When
from projections.progress.board import Counts
from projections.register.listing import RegisterItem
from projections.statements.listing import StatementItem
from projections.statements.model import Said

LAST = "9999"
"""The place of a report whose date is not known, nor what it follows."""
WHOLE = "all"
"""The area of a statement about a report as a whole."""


class AreaStory(Struct, frozen=True):
    """One area of one report: its recommendations, and what was said of it."""

    name: str
    recommendations: tuple[RegisterItem, ...]
    statements: tuple[StatementItem, ...]


class Chapter(Struct, frozen=True):
    """One report, with what was asked and said in each area."""

    report: ReportView
    areas: tuple[AreaStory, ...]
    on_record: int | None
    """How many of its recommendations are on record, if it states how many it makes."""


def chapters(
    reports: Iterable[ReportView],
    recommendations: Iterable[RegisterItem],
    statements: Iterable[StatementItem],
    on_record: Mapping[UUID, int],
) -> list[Chapter]:
    """Return the reports in order, each with what was asked and said in each area."""
    requests, said = tuple(recommendations), tuple(statements)
    return [
        Chapter(
            report,
            stories(
                [item for item in requests if item.standing.report == report.id],
                [item for item in said if item.said.report == report.id],
            ),
            on_record.get(report.id),
        )
        for report in in_order(reports)
    ]


def stories(
    recommendations: Sequence[RegisterItem], statements: Sequence[StatementItem]
) -> tuple[AreaStory, ...]:
    """Return what was asked and said in each area, in the order of the areas."""
    requests = {item.standing.area for item in recommendations}
    said = {_area(item.said) for item in statements}
    places = [*labels.AREAS, WHOLE]
    return tuple(
        AreaStory(
            labels.AREAS[area] if area in labels.AREAS else _("The report as a whole"),
            tuple(item for item in recommendations if item.standing.area == area),
            tuple(
                sorted(
                    (item for item in statements if _area(item.said) == area),
                    key=lambda item: (item.said.what != "area", _last_place(item.said.said_on)),
                )
            ),
        )
        for area in places
        if area in requests | said
    )


def in_order(reports: Iterable[ReportView]) -> list[ReportView]:
    """Return reports by date; one without a date comes after the report that it follows."""
    known = {report.reference: report for report in reports}

    def place(report: ReportView) -> tuple[When, int, Reference]:
        line = [*_line(report, known)]
        dates = [
            _last_place(entry.published_on) for entry in line if entry.published_on != "unknown"
        ]
        return max(dates, default=LAST), len(line), report.reference

    return sorted(known.values(), key=place)


def opening(force: Code, reports: Iterable[ReportView], statements: Sequence[StatementItem],
            counts: Counts, requests: Sequence[RegisterItem] = ()) -> list[str]:  # fmt: skip
    """Return sentences: the last inspection, the last review, and what is open.

    `requests` are what was asked of the force, or a part of it.
    """
    ordered = in_order(reports)
    own = [report for report in ordered if report.addressee == force]
    inspections = [report for report in own if report.product not in REVIEWS]
    reviews = [report for report in own if report.product in REVIEWS]
    parts: list[str] = []
    if inspections:
        parts.append(_inspection(inspections))
    elif reviews:
        parts.append(_("No inspection of this force is on record"))
    elif ordered:
        parts.append(_("No report about this force alone is on record"))
    else:
        parts.append(_("No report about this force is on record"))
    if reviews:
        parts.append(_review(reviews, statements))
    parts.append(_standing(counts, Counter(item.standing.kind for item in requests)))
    return [f"{part}." for part in parts]


def _inspection(reports: Sequence[ReportView]) -> str:
    report = reports[-1]
    if not _is_last(reports):
        words = _("One of the reports on record is the")
    elif report.product is Product.THEMATIC:
        words = _("The latest report on record is the")
    else:
        words = _("The latest inspection on record is the")
    return _("%(which)s %(report)s", which=words, report=_named(report))


def _review(reports: Sequence[ReportView], statements: Sequence[StatementItem]) -> str:
    report = reports[-1]
    words = _("One of the reviews on record is the")
    if _is_last(reports):
        words = _("The latest review on record is the")
    readings = Counter(
        item.said.what
        for item in statements
        if item.said.reported_in == report.reference
        and item.said.said_by == "inspectorate"
        and item.said.what in labels.READINGS
    )
    many = sum(readings.values())
    if not many:
        of_it = _(". None of its findings is on record")
    else:
        read = ", ".join(
            f"{formatting.lowered(labels.READINGS[what])} ({readings[what]})"
            for what in labels.READINGS
            if readings[what]
        )
        of_it = ngettext(
            ". As we read it, %(n)s of its findings is on record: %(readings)s",
            ". As we read them, %(n)s of its findings are on record: %(readings)s",
            many,
            n=many,
            readings=read,
        )
    return _("%(which)s %(report)s%(said)s", which=words, report=_named(report), said=of_it)


def _standing(counts: Counts, kinds: Mapping[str, int]) -> str:
    if not counts.total:
        return _("No recommendation to it is on record")
    many, closed, unknown = counts.total, counts.stages["closed"], counts.stages["not_known"]
    each = _("%(n)s recommendations, causes of concern and areas for improvement", n=number(many))
    if sum(kinds.values()) == many:
        each = reading.of_kinds(kinds)
    words = ngettext("%(each)s is on record", "%(each)s are on record", many, each=each)
    if unknown == many:
        where = ngettext(
            "It is not known where it stands", "It is not known where they stand", many
        )
        return f"{words}. {where}"
    parts = [
        _("%(n)s open", n=counts.open) if counts.open else "",
        _("%(n)s closed", n=closed) if closed else "",
        ngettext(
            "%(n)s of which it is not known where it stands",
            "%(n)s of which it is not known where they stand",
            unknown,
            n=unknown,
        )
        if unknown
        else "",
    ]
    return f"{words}: " + ", ".join(filter(None, parts))


def _named(report: ReportView) -> str:
    product = formatting.lowered(labels.PRODUCTS[report.product])
    return f"{product} ({reading.published(report.published_on)})"


def _is_last(reports: Sequence[ReportView]) -> bool:
    """Return whether the last of some reports in order certainly came out last."""
    known = {report.reference: report for report in reports}
    last = reports[-1]
    line = [*_line(last, known)]
    dates = [earliest(entry.published_on) for entry in line if entry.published_on != "unknown"]
    return all(
        report in line or (bool(dates) and end_of(report.published_on) <= max(dates))
        for report in reports
    )


def _line(report: ReportView, known: Mapping[Reference, ReportView]) -> Iterator[ReportView]:
    """Yield a report, the report that it follows, and so on."""
    passed: set[Reference] = set()
    before: ReportView | None = report
    while before is not None and before.reference not in passed:
        yield before
        passed.add(before.reference)
        before = known.get(before.follows) if before.follows else None


def _area(said: Said) -> str:
    return said.area if said.area and said.area in labels.AREAS else WHOLE


def _last_place(when: When) -> str:
    return LAST if when == "unknown" else when
