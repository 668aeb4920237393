"""The late in words: by whom and how long, what waits, and whose move it is."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from adapters.printing.paper import Grid, Line, Section, Span, line
from api.pages.packs.reading import Pack, Story
from api.pages.packs.values import NOT_KNOWN, address, change, is_told, overdue
from api.pages.rendering import formatting, labels, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext, number
from domain.vocabulary.values import Code
from projections.coverage import Coverage
from projections.worklist.listing import WorkItem

OF_FORCES = ("time_limit", "action_plan")
"""The clocks that run for a force."""
TITLE_CHARS = 90


def title_of(story: Story, item: UUID, pack: Pack) -> Span:
    """Return the name of a recommendation, which leads to its page on the day of a pack."""
    issued = story.state.issued if story.state else None
    if issued is None:
        return Span(_("A recommendation that was withdrawn"))
    name = reading.titled(
        issued.kind, issued.ordinal, issued.text, issued.wording, issued.reference
    )
    short = formatting.shortened(formatting.headline(name), TITLE_CHARS)
    return Span(short, address(f"/recommendations/{item}", pack))


def late_section(pack: Pack, stories: Mapping[UUID, Story]) -> Section:
    """Return what is late, the longest late first."""
    heading = _("What is late, and what does it wait for?")
    if not pack.late:
        return Section(heading, (_nothing_late(pack),))
    items = pack.longest.items
    if not items:
        return Section(heading, _of_closed(pack))
    heads = [
        _("Recommendation"), _("What is late, and who owes it"), _("Last day"),
        _("Days late, at least"), _("Whose move it is"), _("Next visit"),
    ]  # fmt: skip
    widths = [3.2, 2.2, 1.2, 0.8, 2.6, 1.5]
    if pack.force is None:
        heads.insert(1, _("Force"))
        widths.insert(1, 1.5)
    return Section(
        heading,
        (*_left_out(pack), *_of_closed(pack)),
        Grid(
            _("Late at the end of %(day)s, the longest first", day=formatting.day(pack.on)),
            tuple(heads),
            tuple(_late_row(item, stories[item.id], pack) for item in items),
            tuple(widths),
        ),
    )


def _nothing_late(pack: Pack) -> Line:
    """Return that the steps make nothing late, and where to read what published sources say."""
    training = "true" if pack.training else None
    said = address("/statements", pack, force=pack.force, training=training)
    return line(
        _("By the steps on record, nothing is certainly late."),
        " ",
        Span(_("What published sources say"), said),
        ".",
    )


def _of_closed(pack: Pack) -> tuple[Line, ...]:
    """Return how many deadlines passed at recommendations that are closed."""
    if not pack.late_closed:
        return ()
    words = ngettext(
        "%(n)s deadline passed at a recommendation that is closed, and is not in the list.",
        "%(n)s deadlines passed at recommendations that are closed, and are not in the list.",
        pack.late_closed,
        n=number(pack.late_closed),
    )
    return (line(words),)


def _left_out(pack: Pack) -> tuple[Line, ...]:
    shown, total = len(pack.longest.items), pack.longest.total
    if total <= shown:
        return ()
    words = _(
        "These are the %(n)s deadlines that passed the longest ago, of %(total)s.",
        n=number(shown),
        total=number(total),
    )
    training = "true" if pack.training else None
    every = address("/recommendations", pack, force=pack.force, overdue="true", training=training)
    return (line(words, " ", Span(_("All that are past their time limit"), every), "."),)


def _late_row(item: WorkItem, story: Story, pack: Pack) -> tuple[Line, ...]:
    state = story.state
    assert state  # noqa: S101  work is of recommendations
    waits = labels.CLOCK_TASKS[item.clock] if item.clock else labels.WORK[item.work]
    who = labels.PARTIES_NEXT[item.next_by]
    days = (pack.on - item.due).days if item.due else None
    visit = (
        _("Planned: %(kind)s", kind=formatting.lowered(labels.FOLLOW_UPS[state.follow_up.kind]))
        if state.follow_up
        else _("None on record")
    )
    cells = [
        line(title_of(story, item.id, pack)),
        line(_("%(task)s (%(who)s)", task=waits, who=who)),
        line(formatting.day(item.due) if item.due else _(NOT_KNOWN)),
        line(_(NOT_KNOWN) if days is None else number(days)),
        line(reading.hands_of(state)),
        line(visit),
    ]
    if pack.force is None:
        cells.insert(1, line(formatting.force(item.force)))
    return tuple(cells)


def days_late(pack: Pack, force: Code) -> int | None:
    """Return the most days by which a force is certainly late; None if it is not."""
    due = [late.due for late in pack.late if late.force == force and late.clock in OF_FORCES]
    return (pack.on - min(due)).days if due else None


def forces_section(pack: Pack) -> Section:
    """Return where each force stands of which anything is on record, the longest late first."""
    every = pack.now.forces
    codes = [code for code in every if every[code].total or pack.then.forces[code].total]
    codes.sort(key=lambda code: (-(days_late(pack, code) or 0), formatting.force(code)))
    others = len(every) - len(codes)
    silent = ngettext(
        "No recommendation to %(n)s other force is on record here. That does not mean that none "
        "was made.",
        "No recommendation to %(n)s other forces is on record here. That does not mean that none "
        "was made.",
        others,
        n=number(others),
    )
    return Section(
        _("Where does each force stand?"),
        grid=_forces_grid(pack, codes) if codes else None,
        after=(line(silent), *_missing(pack, codes)) if others else (),
    )


def _missing(pack: Pack, codes: Sequence[Code]) -> tuple[Line, ...]:
    """Return of which other forces reports state recommendations that are not on record."""
    missing = {
        code: (of.stated or 0) - (of.on_record or 0)
        for code, of in pack.coverage.forces.items()
        if code not in codes
    }
    named = sorted((formatting.force(code), many) for code, many in missing.items() if many > 0)
    if not named:
        return ()
    words = ngettext(
        "Reports on %(n)s of these forces state recommendations that are not on record here: "
        "%(forces)s.",
        "Reports on %(n)s of these forces state recommendations that are not on record here: "
        "%(forces)s.",
        len(named),
        n=number(len(named)),
        forces=", ".join(f"{force} ({number(many)})" for force, many in named),
    )
    return (line(words),)


def _forces_grid(pack: Pack, codes: Sequence[Code]) -> Grid:
    return Grid(
        _(
            "Each force with recommendations on record, the longest late first; "
            "in brackets, the change since %(since)s",
            since=formatting.day(pack.since),
        ),
        (
            _("Force"), _("On record"), _("Of those that reports state"), _("Open"),
            _("Overdue, of those with a last day that is known"), _("Action plan overdue"),
            _("Most days late by the force, at least"), _("Policing body's comments overdue"),
            _("Force says done"), _("Closed"),
        ),
        tuple(_force_row(pack, code) for code in codes),
        (2.8, 0.8, 1.1, 1.15, 1.35, 1.1, 1.1, 1.2, 1.1, 1.15),
        figures=True,
    )  # fmt: skip


def _force_row(pack: Pack, code: Code) -> tuple[Line, ...]:
    then, now = pack.then.forces[code], pack.now.forces[code]
    coverage = pack.coverage.forces.get(code, Coverage())
    known = is_told(now)

    def moved(before: int, after: int) -> str:
        if not known:
            return _(NOT_KNOWN)
        if not is_told(then):
            return number(after)
        return _("%(n)s (%(change)s)", n=number(after), change=change(before, after))

    days = days_late(pack, code)
    comments = sum(
        late.many for late in pack.late if late.force == code and late.clock == "section_55"
    )
    here = address(f"/board-pack/{code}", pack, since=pack.since.isoformat())
    cells = (
        number(now.total),
        _("%(many)s of %(stated)s", many=number(coverage.on_record or 0),
          stated=number(coverage.stated))
        if coverage.stated is not None
        else _(NOT_KNOWN),
        moved(then.open, now.open),
        overdue(now),
        number(now.plan_overdue) if known else _(NOT_KNOWN),
        _("None") if days is None and known else _(NOT_KNOWN) if days is None else number(days),
        number(comments) if known else _(NOT_KNOWN),
        number(now.claimed) if known else _(NOT_KNOWN),
        moved(then.stages["closed"], now.stages["closed"]),
    )  # fmt: skip
    return (line(Span(formatting.force(code), here)), *(line(text) for text in cells))
