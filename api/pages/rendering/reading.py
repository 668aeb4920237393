"""Words about reports, recommendations and statements: no more than the record knows."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from api.pages.rendering import formatting, labels
from api.pages.rendering.formatting import day
from api.pages.rendering.formatting import published as published_text
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import joined, ngettext, number
from api.v1.lists.reports import ReportView
from domain.recommendation.clocks import IMMEDIATE
from domain.recommendation.state import Recommendation
from domain.recommendation.worklist import UNMET, Work
from domain.vocabulary.errors import TooEarly
from domain.vocabulary.forces import BODIES_PUBLISHED_BY, NATIONAL
from domain.vocabulary.values import Code, Kind, Reference, Text, When, Wording
from projections.coverage import Coverage
from projections.progress.board import Counts
from projections.statements.model import Said

OWN_PAGE = "the inspectorate: publication page"
"""The publisher that the corpus names for the inspectorate's own page of the report."""
INSPECTORATE_HOSTS = ("justiceinspectorates.gov.uk", "hmicfrs.gov.uk", "hmic.gov.uk")
NOTICES = ("/news/", "/media/")
"""Parts of the inspectorate's sites that have notices about reports, not the reports."""
_ISO_DATE = re.compile(r"(?<![\w“-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w”-])")
_MONTH = re.compile(r"\b[0-9]{4}-[0-9]{2}\b")
_ABBREVIATION = re.compile(r"\b(?:PFCC|PCC|MOPAC)\b")
SEPARATOR = "|"
"""Parts the addresses of a source that has several."""


def refusal(refused: Exception) -> str:
    """Return why the rules refuse something, in words for a page: its dates are as people say them.

    Problems of the API keep the dates of ISO 8601.
    """
    if isinstance(refused, TooEarly):
        earliest = day(refused.earliest)
        if refused.published:
            return _(
                "The report was published on %(day)s. Enter that day or a later one.", day=earliest
            )
        return _(
            "Enter %(day)s or a later day, because of an earlier step on record.", day=earliest
        )
    return _ISO_DATE.sub(_said, str(refused))


def _said(iso: re.Match[str]) -> str:
    """Return a date of a refusal in words, or as it is if the calendar has none."""
    try:
        return day(iso[0])
    except ValueError:
        return iso[0]


def addresses(source: str) -> list[str]:
    """Return the addresses of a source, or its words."""
    return [part.strip() for part in source.split(SEPARATOR)]


def is_link(address: str) -> bool:
    """Return whether an address can be followed."""
    return address.startswith(("https://", "http://"))


def is_address(text: str) -> bool:
    """Return whether a text is one address of a page, which can be followed."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return is_link(text) and bool(parts.hostname) and not any(sign.isspace() for sign in text)


def host(address: str) -> str:
    """Return the name of the site of an address."""
    return urlsplit(address).netloc.removeprefix("www.") or address


def is_own_page(publisher: str | None, address: str) -> bool:
    """Return whether an address is the inspectorate's own page of a report.

    The publisher tells; where it is not known, the site does.
    """
    if publisher is not None:
        return publisher == OWN_PAGE
    parts = urlsplit(address)
    site = parts.netloc.partition(":")[0]
    of_inspectorate = any(site == name or site.endswith(f".{name}") for name in INSPECTORATE_HOSTS)
    return of_inspectorate and not any(part in f"{parts.path}/" for part in NOTICES)


def published(when: When) -> str:
    """Return when a report was published, as precisely as it is known."""
    if when == "unknown":
        return _("date of publication not known")
    return _("published %(day)s", day=day(when))


def dated(when: When) -> str:
    """Return the date of a statement, as precisely as it is known."""
    return _("date not known") if when == "unknown" else day(when)


def titled(
    kind: Kind, ordinal: int | None, text: Text, wording: Wording, reference: Reference
) -> str:
    """Return a recommendation's text, or that it was not seen, and which it is."""
    if wording != "not seen":
        return published_text(text)
    name = labels.KINDS[kind]
    if ordinal is None:
        return _("%(kind)s whose wording was not seen: %(which)s", kind=name, which=reference)
    return _("%(kind)s %(ordinal)s, whose wording was not seen", kind=name, ordinal=ordinal)


def grades(report: ReportView) -> list[tuple[str, str]]:
    """Return the area and the grade of each grade that a report gives."""
    grades_given = report.grades
    return [
        (labels.AREAS[area], labels.GRADES[grade])
        for area in grades_given.__struct_fields__
        if (grade := getattr(grades_given, area)) is not None
    ]


def cases(report: ReportView) -> list[tuple[str, int]]:
    """Return the name and the number of each count of case files that a report gives."""
    counted = report.cases
    return [
        (labels.FIELDS[f"cases.{name}"], number)
        for name in counted.__struct_fields__
        if (number := getattr(counted, name)) is not None
    ]


def coverage(of: Coverage) -> str:
    """Return how much of what was published is on record, to stand beside figures."""
    if of.stated is None:
        return _(
            "No report on record says how many recommendations it makes, so it is not known how "
            "many are missing here."
        )
    on_record = of.on_record or 0
    return " ".join(
        (
            ngettext(
                "%(n)s report is on record.", "%(n)s reports are on record.", of.reports,
                n=of.reports,
            ),
            ngettext(
                "%(n)s of them says how many recommendations it makes: %(stated)s in all.",
                "%(n)s of them say how many recommendations they make: %(stated)s in all.",
                of.stating, n=of.stating, stated=of.stated,
            ),
            ngettext(
                "%(n)s of these recommendations is on record here.",
                "%(n)s of these recommendations are on record here.",
                on_record, n=on_record,
            )
            if on_record
            else _("None of these recommendations is on record here."),
        )
    )  # fmt: skip


def policing_body(name: str) -> str:
    """Return a local policing body, its abbreviations in full and its dates in words."""
    spelt = _ABBREVIATION.sub(lambda match: labels.BODIES[match[0]], name)
    return _MONTH.sub(lambda match: day(match[0]), spelt)


def body_as_published(name: str) -> str:
    """Return a sentence about a local policing body, with the month of which it is true."""
    return _(
        "By what was published by %(month)s, the local policing body that holds the force to "
        "account is: %(body)s.",
        month=day(BODIES_PUBLISHED_BY),
        body=policing_body(name),
    )


def speaker(said: Said) -> str:
    """Return who said it; an area to improve is what the compiler read in a source."""
    return said_by(said.said_by, said.force) if said.said_by else _("Compiled from the source")


def said_by(party: str, addressee: Code) -> str:
    """Return who said something of what an addressee was asked.

    What was asked of all forces is answered by one at a time, which its text may name.
    """
    return (labels.SAID_BY_ONE if addressee == NATIONAL else labels.SAID_BY)[party]


def said_heading(party: str, addressee: Code) -> str:
    """Return the heading of what a party said."""
    return (labels.PARTIES_OF_ALL if addressee == NATIONAL else labels.PARTIES)[party]


def read_as(said: Said) -> str:
    """Return what a statement is: a kind of step, or how it is read here."""
    if said.what == "area":
        return _("An area to improve, not a recommendation")
    if said.what not in labels.READINGS:
        parts = [labels.MILESTONES[said.what]]
        parts += [labels.ANSWERS[said.answer]] if said.answer else []
        parts += [labels.ASSURANCE[said.level]] if said.level else []
        return ": ".join(parts)
    words = _("As we read it: %(reading)s", reading=formatting.lowered(labels.READINGS[said.what]))
    if said.register_status is None:
        return words
    status = labels.REGISTER_STATUSES[said.register_status].lower()
    return _(
        "%(reading)s (“%(status)s” on the inspectorate's register)", reading=words, status=status
    )


def hands(
    stage: str,
    plan: str,
    *,
    claimed: bool,
    immediate: bool = False,
    updated: bool = False,
    finding: str | None = None,
    unseen: str | None = None,
) -> str:
    """Return the party that acts next on a recommendation, and the action.

    `unseen` is the work of inspectors that readers of the history alone may know of.
    """
    if unseen or stage == "closed":
        return labels.UNSEEN_MOVES[unseen] if unseen else labels.HANDS[stage]
    if claimed:
        return _("Inspectors. The force says that it is done, and they need to check this.")
    place = stage
    if stage == "issued" and (plan == "waived" or updated):
        place = "plan_reviewed"
    elif stage == "issued" and immediate:
        place = "immediate"
    elif stage == "followed_up" and finding in UNMET:
        place = "unmet"
    if stage == "plan_reviewed" and plan == "changes_requested":
        return _("The force. Inspectors asked for changes to its action plan.")
    return labels.HANDS[place]


def hands_of(state: Recommendation, unseen: Work | None = None) -> str:
    """Return the same of a state; `unseen` as for `hands`."""
    return hands(
        state.stage,
        state.plan,
        claimed=state.claim is not None,
        immediate=state.time_limit == IMMEDIATE,
        updated=state.updated,
        finding=state.findings[-1].finding if state.findings else None,
        unseen=unseen,
    )


def counted(kind: Kind, many: int) -> str:
    """Return how many recommendations of a kind there are, in words."""
    match kind:
        case Kind.RECOMMENDATION:
            return ngettext("%(n)s recommendation", "%(n)s recommendations", many, n=number(many))
        case Kind.CAUSE_OF_CONCERN:
            return ngettext(
                "%(n)s cause of concern", "%(n)s causes of concern", many, n=number(many)
            )
        case Kind.AREA_FOR_IMPROVEMENT:
            return ngettext(
                "%(n)s area for improvement", "%(n)s areas for improvement", many, n=number(many)
            )


def of_kinds(kinds: Mapping[str, int]) -> str:
    """Return how many there are of each kind, in words: "13 recommendations and 1 cause of …"."""
    return joined([counted(kind, many) for kind in Kind if (many := kinds.get(kind, 0))])


def on_record(counts: Counts) -> str:
    """Return what the figure of all is of: one kind by its name, several as recommendations."""
    many = counts.total
    if counts.kinds.get(Kind.CAUSE_OF_CONCERN) == many > 0:
        return ngettext("cause of concern on record", "causes of concern on record", many)
    if counts.kinds.get(Kind.AREA_FOR_IMPROVEMENT) == many > 0:
        return ngettext("area for improvement on record", "areas for improvement on record", many)
    return ngettext("recommendation on record", "recommendations on record", many)
