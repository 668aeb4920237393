"""The changes between two meetings and their steps, and what was recorded later of the first."""

from collections.abc import Mapping
from uuid import UUID

from adapters.printing.paper import Grid, Line, Section, Span, line
from api.pages.audit.comparison_rows import moved
from api.pages.packs.late import title_of
from api.pages.packs.reading import Pack, Story
from api.pages.packs.values import NOT_KNOWN, address, change
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext, number
from api.pages.rendering.timeline import timeline
from api.v1.known_counts import known_tally
from domain.recommendation.state import Stage
from projections.filters import PAGE_MAX
from projections.register.comparison import Differing, Pair, Tally


def changes_section(pack: Pack, stories: Mapping[UUID, Story]) -> Section:
    """Return what changed since the last meeting, and the recorded steps that changed it."""
    heading = _("What changed since %(since)s?", since=formatting.day(pack.since))
    items = pack.changes.items
    if not items:
        return Section(
            heading,
            (
                line(
                    _(
                        "No recommendation on record changed its stage, its time limit, whether "
                        "it is overdue or whether the force says that it is done."
                    )
                ),
            ),
        )
    heads = [_("Recommendation"), _("Change"), _("Steps on record")]
    widths = [3.0, 3.6, 3.6]
    if pack.force is None:
        heads.insert(1, _("Force"))
        widths.insert(1, 1.6)
    return Section(
        heading,
        (_how_many(pack, len(items)),),
        Grid(
            _("Changes: reopened, closed and newly overdue first"),
            tuple(heads),
            tuple(_changed_row(item, stories[item.id], pack) for item in items),
            tuple(widths),
        ),
    )


def _how_many(pack: Pack, shown: int) -> Line:
    many = pack.changed
    if pack.changes.next:
        words = _("More than %(n)s recommendations changed.", n=number(PAGE_MAX))
    else:
        words = ngettext(
            "%(n)s recommendation changed.", "%(n)s recommendations changed.", many, n=number(many)
        )
    every = address(
        "/compare", pack, since=pack.since.isoformat(), force=pack.force, training=_flag(pack)
    )
    if many == shown:
        return line(words, " ", Span(_("The two days side by side"), every), ".")
    some = _("%(n)s of them are below.", n=number(shown))
    return line(words, " ", some, " ", Span(_("All of them"), every), ".")


def _changed_row(item: Differing, story: Story, pack: Pack) -> tuple[Line, ...]:
    words = "; ".join(
        _("%(name)s: from “%(was)s” to “%(now)s”", name=name, was=was, now=now)
        for name, was, now in moved(item, (pack.changes.before, pack.changes.after)).changes
    )
    cells = [
        line(title_of(story, item.id, pack)),
        line(words),
        _steps(item, story, pack),
    ]
    if pack.force is None:
        cells.insert(1, line(formatting.force(item.force)))
    return tuple(cells)


def _steps(item: Differing, story: Story, pack: Pack) -> Line:
    """Return the published steps between the days, each with its day."""
    steps = timeline(story.between)
    href = address(f"/recommendations/{item.id}", pack)
    if not steps:
        return line(_("No step: time passed."))
    shown = [
        Span(
            _("%(what)s (%(day)s, step %(step)s)",
              what=formatting.shortened(happened.what, 100), day=formatting.dated(happened.on),
              step=happened.step),
            href,
        )
        for happened in steps[-STEPS_SHOWN:]
    ]  # fmt: skip
    spans: list[str | Span] = []
    for span in shown:
        spans += [span, "; "]
    before = len(steps) - len(shown)
    more = _("and %(n)s before.", n=number(before)) if before else ""
    return line(*(spans[:-1] if not before else spans), *([more] if more else []))


STEPS_SHOWN = 3
"""The most steps that a pack names of one change: the latest."""


def restated_section(pack: Pack) -> Section:
    """Return which figures of the last meeting's day are others now."""
    day = formatting.day(pack.since)
    heading = _("Do the figures for %(since)s still hold?", since=day)
    if not pack.restates:
        words = _("This pack uses nothing that was recorded after the end of %(since)s.", since=day)
        return Section(heading, (line(words),))
    compared = pack.restated
    if compared is None and pack.reports_restated:
        reports = address("/reports", pack, force=pack.force, training=_flag(pack))
        words = _("The totals hold, but reports were recorded or corrected later.")
        return Section(heading, (line(words, " ", Span(_("The reports on record"), reports), "."),))
    if compared is None:
        words = _("Yes. Nothing recorded or corrected after that day changes them.")
        return Section(heading, (line(words),))
    link = Span(
        _("What was recorded later about that day"),
        address(
            "/restatement", pack, on=pack.since.isoformat(), known_by=pack.since.isoformat(),
            force=pack.force, training=_flag(pack),
        ),
    )  # fmt: skip
    if not compared.before.total:
        words = (
            _(
                "No recommendation to this force was on record at the end of that day. All that "
                "this pack says of it was recorded later."
            )
            if pack.force
            else _(
                "No recommendation was on record at the end of that day. All that this pack says "
                "of it was recorded later."
            )
        )
        return Section(heading, (line(words, " ", link, "."),))
    rows = _restated_rows(compared)
    if not rows:
        words = _("The totals hold, but recommendations were recorded or corrected later.")
        return Section(heading, (line(words, " ", link, "."),))
    words = _("No. Something was recorded or corrected after that day.")
    return Section(
        heading,
        (line(words, " ", link, "."),),
        Grid(
            _("Figures for %(since)s that have changed since", since=day),
            (
                _("Figure"), _("As known at the end of that day"), _("As known to this pack"),
                _("Change"),
            ),
            rows,
            (3, 1.6, 1.2, 1),
            figures=True,
        ),
    )  # fmt: skip


def _restated_rows(compared: Pair) -> tuple[tuple[Line, ...], ...]:
    names = (
        _("On record"), _("Of these, not known where they stand"), _("Known to be open"),
        _("Overdue"), _("The force says done, not verified"), _("Closed by the inspectorate"),
    )  # fmt: skip
    before, after = map(_figures, (compared.before, compared.after))
    return tuple(
        tuple(
            line(text)
            for text in (
                name,
                *(_(NOT_KNOWN) if value is None else number(value) for value in (was, now)),
                change(was, now),
            )
        )
        for name, was, now in zip(names, before, after, strict=True)
        if was != now
    )


def _figures(tally: Tally) -> tuple[int | None, ...]:
    of = known_tally(tally)
    of_known = (of.open, of.overdue, of.claimed, of.stages[Stage.CLOSED])
    return of.total, of.stages[Stage.NOT_KNOWN], *of_known


def _flag(pack: Pack) -> str | None:
    return "true" if pack.training else None
