"""A board pack in words: each sentence says no more than the record knows."""

from collections.abc import Mapping
from uuid import UUID

from adapters.printing.paper import Grid, Line, Paper, Section, Span, line
from api.pages.packs.changes import changes_section, restated_section
from api.pages.packs.late import forces_section, late_section
from api.pages.packs.reading import Pack, Story
from api.pages.packs.values import NOT_KNOWN, address, change, is_told, overdue
from api.pages.rendering import formatting, language, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import number
from domain.vocabulary.forces import ADDRESSEES
from projections.coverage import Coverage
from projections.progress.board import Counts


def title_of(pack: Pack) -> str:
    """Return the title of a pack: the force, or all of them."""
    if pack.force:
        return _("Board pack: %(force)s", force=formatting.force(pack.force))
    return _("Board pack: training forces") if pack.training else _("Board pack: all forces")


def in_words(pack: Pack, stories: Mapping[UUID, Story], *, training: bool) -> Paper:
    """Return a pack as a paper; `stories` has the recommendations that it names."""
    title, day = title_of(pack), formatting.day(pack.on)
    sections = [_figures_section(pack), late_section(pack, stories)]
    if pack.force is None:
        sections.insert(1, forces_section(pack))
    sections += [changes_section(pack, stories), restated_section(pack), _about(pack)]
    return Paper(
        title=title,
        language=language.code(),
        author=_("Recommendation Tracker"),
        warning=_("Training: fictional. These forces and recommendations were invented.")
        if training
        else "",
        opening=_opening(pack),
        sections=tuple(sections),
        foot=f"{title}, {day}. {_taken_at(pack)}",
        sheet=_("Page {n} of {total}"),
    )


def _opening(pack: Pack) -> tuple[Line, ...]:
    days = {"day": formatting.day(pack.on), "since": formatting.day(pack.since)}
    if pack.known_at:
        moment = formatting.moment(pack.known_at)
        known = _(
            "As at the end of %(day)s, compared with the end of %(since)s, using what this service "
            "knew on %(moment)s.",
            moment=moment,
            **days,
        )
    else:
        known = _(
            "As at the end of %(day)s, compared with the end of %(since)s, using everything "
            "recorded up to record number %(n)s.",
            n=pack.position,
            **days,
        )
    counted = _(
        "It counts recommendations, causes of concern and areas for improvement of HMICFRS about "
        "child protection that are on record here. "
        "What is not on record is not counted."
    )
    body = ADDRESSEES[pack.force].local_policing_body if pack.force else None
    if body is None:
        return line(known), line(counted)
    return line(known), line(counted), line(reading.body_as_published(body))


def _taken_at(pack: Pack) -> str:
    """Return up to what a pack takes the record into account: the same for ever."""
    if pack.known_at:
        return _("As known on %(moment)s", moment=formatting.moment(pack.known_at))
    return _("Record number %(n)s", n=pack.position)


def _figures_section(pack: Pack) -> Section:
    then, now = _of(pack, pack.then.forces, pack.then.national), _now(pack)
    rows = [
        _row(_("On record"), then.total, now.total),
        _row(_("Of these, not known where they stand"), *(
            counts.stages["not_known"] for counts in (then, now)
        )),
        *(
            _row(name, *(value if is_told(counts) else None
                         for counts, value in ((then, before), (now, after))))
            for name, before, after in (
                (_("Known to be open"), then.open, now.open),
                (_("Action plan overdue"), then.plan_overdue, now.plan_overdue),
                (_("The force says done, not verified"), then.claimed, now.claimed),
                (_("Closed by the inspectorate"), then.stages["closed"], now.stages["closed"]),
            )
        ),
    ]  # fmt: skip
    rows.insert(3, _overdue_row(then, now))
    coverage = pack.coverage.forces.get(pack.force, Coverage()) if pack.force else None
    return Section(
        _("What do the figures say?"),
        grid=Grid(
            _("Recommendations on the two days"),
            (_("Figure"), formatting.day(pack.since), formatting.day(pack.on), _("Change")),
            tuple(rows),
            (3, 1.2, 1.2, 1),
            figures=True,
        ),
        after=(line(reading.coverage(coverage or pack.coverage.together)),),
    )


def _of(pack: Pack, forces: Mapping[str, Counts], national: Counts) -> Counts:
    return forces[pack.force] if pack.force else national


def _now(pack: Pack) -> Counts:
    return _of(pack, pack.now.forces, pack.now.national)


def _row(name: str, before: int | None, after: int | None) -> tuple[Line, ...]:
    shown = [_(NOT_KNOWN) if value is None else number(value) for value in (before, after)]
    return tuple(line(text) for text in (name, *shown, change(before, after)))


def _overdue_row(then: Counts, now: Counts) -> tuple[Line, ...]:
    values = [counts.overdue if counts.limited else None for counts in (then, now)]
    shown = [overdue(counts) for counts in (then, now)]
    name = _("Overdue, of those with a last day that is known")
    return tuple(line(text) for text in (name, *shown, change(*values)))


def _about(pack: Pack) -> Section:
    force = {"force": pack.force, "training": "true" if pack.training else None}
    path = f"/board-pack/{pack.force}" if pack.force else "/board-pack"
    here = address(path, pack, since=pack.since.isoformat(), training=force["training"])
    return Section(
        _("About this pack"),
        after=(
            line(
                _(
                    "Overdue: the inspectorate's time limit has certainly passed, and neither a "
                    "claim by the force nor a closure that still stands is on record. A claim that "
                    "was returned or withdrawn, or a closure that was reversed, does not count. "
                    "Where published sources are silent, it is not known what was done, and "
                    "nothing is called overdue."
                )
            ),
            line(
                _(
                    "Sources: published reports of HMICFRS and other published sources, which "
                    "each page of this service names, and what was recorded in it."
                ),
                f" {_taken_at(pack)}.",
                " ",
                Span(_("The reports on record"), address("/reports", pack, **force)),
                ", ",
                Span(_("the recommendations"), address("/recommendations", pack, **force)),
                ", ",
                Span(_("this pack as a page"), here),
                ".",
            ),
            line(
                _(
                    "This is not an HMICFRS service. It contains public sector information "
                    "licensed under the Open Government Licence v3.0."
                )
            ),
        ),
    )
