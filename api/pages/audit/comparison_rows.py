"""What differs between two views of the register, in words and with the way to both."""

from collections.abc import Sequence
from urllib.parse import urlencode

from msgspec import Struct

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.v1.lists.compare import Compared
from domain.vocabulary.values import Code
from projections.register.comparison import AsOf, Differing, Pair, StandingThen, Tally


class Line(Struct, frozen=True):
    """One figure in both views, each with the address of the list that it counts."""

    name: str
    before: int
    after: int
    before_at: str
    after_at: str

    @property
    def difference(self) -> str:
        """How much more or less it is."""
        return _signed(self.after - self.before)


class Moved(Struct, frozen=True):
    """A recommendation that stands elsewhere: of what differs the name, what it was and is."""

    one: Differing
    told: Sequence[tuple[str, str, str]]
    before_at: str | None
    after_at: str | None


def lines(found: Compared, force: Code | None) -> list[Line]:
    """Every figure of both views."""
    views = (found.before, found.after)
    before, after = found.figures.before, found.figures.after

    def line(name: str, numbers: tuple[int, int], **filters: str) -> Line:
        one, other = (_listed(view, force=force, **filters) for view in views)
        return Line(name, *numbers, one, other)

    return [
        line(_("All"), (before.total, after.total)),
        *(
            line(name, (before.stages[stage], after.stages[stage]), stage=stage)
            for stage, name in labels.STAGES.items()
        ),
        line(_("Open"), (before.open, after.open), open="true"),
        line(_("Overdue on record"), (before.overdue, after.overdue), overdue="true"),
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


def differences(pair: Pair) -> list[str]:
    """How much more or less there is at a force, in the order of `HEADS`."""
    before, after = map(_figures, (pair.before, pair.after))
    return [_signed(now - was) for was, now in zip(before, after, strict=True)]


HEADS = (N_("All"), N_("Open"), N_("Overdue on record"), N_("Force says done"), N_("Closed"))


def moved(one: Differing, found: Compared) -> Moved:
    """What differs of one recommendation."""
    return Moved(
        one,
        _changed_words(one.before, one.after),
        _shown(one, found.before) if one.before else None,
        _shown(one, found.after) if one.after else None,
    )


def _changed_words(
    before: StandingThen | None, after: StandingThen | None
) -> list[tuple[str, str, str]]:
    if before is None or after is None:
        was, now = (_("Not on record") if one is None else _stage(one) for one in (before, after))
        return [(_("Where it stands"), was, now)]
    told = [
        (_("Where it stands"), _stage(before), _stage(after)),
        (_("Overdue on record"), _yes(before.overdue), _yes(after.overdue)),
        (_("Force says done"), _yes(before.claimed), _yes(after.claimed)),
        (_("Time limit"), formatting.limit(before.time_limit), formatting.limit(after.time_limit)),
    ]
    return [(name, was, now) for name, was, now in told if was != now]


def _stage(place: StandingThen) -> str:
    stage = labels.STAGES[place.stage]
    return f"{stage}: {labels.CLOSED[place.closed_reason]}" if place.closed_reason else stage


def _yes(said: bool) -> str:  # noqa: FBT001  what is said is the answer
    return _("Yes") if said else _("No")


def _figures(tally: Tally) -> tuple[int, ...]:
    closed = tally.total - tally.open
    return tally.total, tally.open, tally.overdue, tally.claimed, closed


def _signed(difference: int) -> str:
    """A difference with its sign; the minus is the true one, which is read out as such."""
    return f"{difference:+}".replace("-", "\u2212") if difference else "0"


def _listed(view: AsOf, **filters: str | None) -> str:
    return _address("/recommendations", view, **filters)


def _shown(one: Differing, view: AsOf) -> str:
    return _address(f"/recommendations/{one.id}", view)


def _address(path: str, view: AsOf, **filters: str | None) -> str:
    """An address, as at the day and as known at the moment of a view."""
    moment = view.known_at.isoformat() if view.known_at else None
    query = {**filters, "on": view.on.isoformat(), "known_at": moment}
    return f"{path}?{urlencode({name: text for name, text in query.items() if text is not None})}"
