"""The differences between two views of the register, in words and with links to both."""

from collections.abc import Sequence
from urllib.parse import urlencode

from msgspec import Struct

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.v1.known_counts import KnownTally
from api.v1.lists.compare import KnownComparison, KnownPair
from domain.recommendation.state import Stage
from domain.vocabulary.values import Code
from projections.register.comparison import Differing, StandingThen
from projections.register.views import AsOf


class Line(Struct, frozen=True):
    """A figure in both views, each with the address of the list it counts; None if not known.

    Where no recommendation is on record, it is 0.
    """

    name: str
    before: int | None
    after: int | None
    before_at: str
    after_at: str

    @property
    def difference(self) -> str | None:
        """The signed difference, later minus earlier; None if not known."""
        return _difference(self.before, self.after)


class Moved(Struct, frozen=True):
    """A recommendation that differs: each change has a name, and the words before and after."""

    recommendation: Differing
    changes: Sequence[tuple[str, str, str]]
    before_at: str | None
    after_at: str | None


def lines(compared: KnownComparison, force: Code | None, *, training: bool | None) -> list[Line]:
    """Return every figure of both views."""
    views = (compared.before, compared.after)
    before, after = compared.figures.before, compared.figures.after
    of = {"force": force, "training": "true" if training else None}

    def line(name: str, numbers: tuple[int | None, int | None], **filters: str) -> Line:
        was, now = map(_counted, numbers, (before, after))
        return Line(name, was, now, *(_listed(view, **of, **filters) for view in views))

    return [
        line(_("All"), (before.total, after.total)),
        *(
            line(name, (before.stages[stage], after.stages[stage]), stage=stage)
            for stage, name in labels.STAGES.items()
        ),
        line(_("Open"), (before.open, after.open), open="true"),
        line(_("Overdue"), (before.overdue, after.overdue), overdue="true"),
        line(_("Force says done"), (before.claimed, after.claimed), claimed="true"),
        *(
            line(
                _("Closed: %(reason)s", reason=name),
                (before.closed[reason], after.closed[reason]),
                reason=reason,
            )
            for reason, name in labels.CLOSED.items()
        ),
    ]


def differences(pair: KnownPair) -> list[str | None]:
    """Return the signed differences of a force, in the order of `HEADS`; None if not known."""
    before, after = map(_figures, (pair.before, pair.after))
    return [_difference(was, now) for was, now in zip(before, after, strict=True)]


HEADS = (
    N_("All"), N_("Not known"), N_("Open"), N_("Overdue"), N_("Force says done"), N_("Closed"),
)  # fmt: skip


def moved(item: Differing, views: tuple[AsOf, AsOf]) -> Moved:
    """Return the changes of a recommendation."""
    return Moved(
        item,
        _changed_words(item.before, item.after),
        _shown(item, views[0]) if item.before else None,
        _shown(item, views[1]) if item.after else None,
    )


def _changed_words(
    before: StandingThen | None, after: StandingThen | None
) -> list[tuple[str, str, str]]:
    if before is None or after is None:
        was, now = (_("Not on record") if row is None else _stage(row) for row in (before, after))
        return [(_("Stage"), was, now)]
    rows = [
        (_("Stage"), _stage(before), _stage(after)),
        (_("Overdue"), _yes(before.overdue), _yes(after.overdue)),
        (_("Force says done"), _yes(before.claimed), _yes(after.claimed)),
        (_("Time limit"), formatting.limit(before.time_limit), formatting.limit(after.time_limit)),
    ]
    return [(name, was, now) for name, was, now in rows if was != now]


def _stage(row: StandingThen) -> str:
    stage = labels.STAGES[row.stage]
    return f"{stage}: {labels.CLOSED[row.closed_reason]}" if row.closed_reason else stage


def _yes(value: bool | None) -> str:  # noqa: FBT001  the flag is the answer
    if value is None:
        return _("Not known")
    return _("Yes") if value else _("No")


def _figures(tally: KnownTally) -> tuple[int | None, ...]:
    stages = tally.stages
    of_known = (tally.open, tally.overdue, tally.claimed, stages[Stage.CLOSED])
    figures = (tally.total, stages[Stage.NOT_KNOWN], *of_known)
    return tuple(_counted(number, tally) for number in figures)


def _counted(number: int | None, tally: KnownTally) -> int | None:
    """Return a figure of a view; 0 where no recommendation is on record in it."""
    return number if tally.total else 0


def _difference(was: int | None, now: int | None) -> str | None:
    """Return a difference with its sign; screen readers read out a true minus sign."""
    if was is None or now is None:
        return None
    difference = now - was
    return f"{difference:+}".replace("-", "\u2212") if difference else "0"


def _listed(view: AsOf, **filters: str | None) -> str:
    return _address("/recommendations", view, **filters)


def _shown(item: Differing, view: AsOf) -> str:
    return _address(f"/recommendations/{item.id}", view)


def _address(path: str, view: AsOf, **filters: str | None) -> str:
    """Return an address with the day and the known moment of a view."""
    moment = view.known_at.isoformat() if view.known_at else None
    query = {**filters, "on": view.on.isoformat(), "known_at": moment}
    return f"{path}?{urlencode({name: text for name, text in query.items() if text is not None})}"
