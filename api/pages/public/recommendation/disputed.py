"""Disputes beside the facts that they are about, in words for everybody."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from api.pages.rendering import event_fields, formatting, labels
from api.pages.rendering.language import gettext as _
from api.v1.record.disputes import PublicDispute
from domain.events.event import History
from domain.vocabulary.values import Code, Party, When


class ShownDispute(Struct, frozen=True):
    """A dispute in words: who disputes which fact, in which words, and since when."""

    opened: int
    on: When
    who: str
    step: int
    label: str
    statement: str
    agreed: bool


def who_of(party: Party, addressee: Code) -> str:
    """Return the name of a party to a dispute about an addressee."""
    force = formatting.force(addressee)
    return force if party == "force" else _("The local policing body of %(force)s", force=force)


def disputed(
    disputes: Iterable[PublicDispute], known: History, addressee: Code
) -> list[ShownDispute]:
    """Return the open disputes of public facts, oldest first."""
    return [
        ShownDispute(
            each.opened,
            each.on,
            who_of(each.party, addressee),
            each.step,
            event_fields.label_of(type(known[each.step - 1].event), each.field),
            formatting.published(each.statement),
            each.agreed,
        )
        for each in disputes
        if each.settlement is None
    ]


def by_step(shown: Sequence[ShownDispute]) -> Mapping[int, list[ShownDispute]]:
    """Return the disputes by the step whose facts they are about."""
    steps = dict.fromkeys(each.step for each in shown)
    return {step: [each for each in shown if each.step == step] for step in steps}


def ending(result: str) -> str:
    """Return what came of a dispute, in words."""
    return labels.DISPUTE_RESULTS[result]
