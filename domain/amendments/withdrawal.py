"""Withdrawals: steps that were recorded by mistake are taken back.

A withdrawal only adds to the record: the steps stay readable, and count as never having happened
from the moment the withdrawal is known.
"""

from collections.abc import Collection
from contextlib import suppress

from domain.access.permissions import COMMANDS
from domain.checks import ABOUT_THE_RECORD, REPLIES
from domain.commands.recommendation import AgreeToWithdrawal, Withdraw
from domain.events.event import History
from domain.events.recommendation import WithdrawalRequested, Withdrawn
from domain.recommendation.decisions import DECISIONS
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.errors import Forbidden, Refused, inside


def withdrawn_steps(history: History) -> frozenset[int]:
    """Return the numbers of the steps that were withdrawn."""
    return frozenset(
        step
        for entry in history
        if isinstance(entry.event, Withdrawn)
        for step in entry.event.steps
    )


def withdraw(command: Withdraw, history: History, actor: Actor) -> Withdrawn | WithdrawalRequested:
    """Return the withdrawal, at once or as a request to which a second person has to agree.

    An import states a withdrawal that was agreed before. Raises Refused if a step cannot be
    withdrawn, and Forbidden if not by this actor.
    """
    steps = tuple(sorted(set(command.steps)))
    with inside("/steps"):
        _check_steps(steps, history)
        if pending := pending_request(history, steps):
            raise Refused(f"Step {pending} already asks to withdraw this, and awaits agreement.")
        for step in steps:
            _check_role(history, step, actor)
    own = all(history[step - 1].stamp.by == actor.id for step in steps)
    if actor.role is Role.IMPORTER or (own and not _later_decision(history, steps)):
        return Withdrawn(steps, command.why)
    return WithdrawalRequested(steps, command.why)


def agree(command: AgreeToWithdrawal, history: History, actor: Actor) -> Withdrawn:
    """Return the withdrawal that another person asked for.

    Raises Refused if there is no such request, or it is the actor's own.
    """
    request = history[command.request - 1] if command.request <= len(history) else None
    if request is None or not isinstance(request.event, WithdrawalRequested):
        raise Refused(f"Step {command.request} is not a request to withdraw anything.")
    _check_steps(request.event.steps, history)
    if request.stamp.by == actor.id:
        raise Refused("The person who asked for a withdrawal cannot agree to it. Another must.")
    for step in request.event.steps:
        _check_role(history, step, actor)
    return Withdrawn(request.event.steps, request=command.request)


def withdrawable(history: History, actor: Actor) -> tuple[int, ...]:
    """Return the steps that an actor may withdraw, or ask to; other steps may rest on them."""
    steps: list[int] = []
    gone = withdrawn_steps(history)
    for entry in history:
        with suppress(Refused, Forbidden):
            _check_step(entry.step, history, gone)
            _check_role(history, entry.step, actor)
            steps.append(entry.step)
    return tuple(steps)


def pending_requests(history: History) -> tuple[int, ...]:
    """Return the steps that ask for a withdrawal and await the agreement of another person."""
    return tuple(
        entry.step
        for entry in history
        if isinstance(entry.event, WithdrawalRequested)
        and pending_request(history, entry.event.steps) == entry.step
    )


def pending_request(history: History, steps: tuple[int, ...]) -> int:
    """Return the step of the open request to withdraw any of some steps, or 0."""
    answered = {entry.event.request for entry in history if isinstance(entry.event, Withdrawn)}
    for entry in history:
        event = entry.event
        if not isinstance(event, WithdrawalRequested) or entry.step in answered:
            continue
        if not set(steps).isdisjoint(event.steps):
            return entry.step
    return 0


def _check_steps(steps: tuple[int, ...], history: History) -> None:
    gone = withdrawn_steps(history)
    for step in steps:
        _check_step(step, history, gone)


def _check_step(step: int, history: History, gone: Collection[int]) -> None:
    if step > len(history):
        raise Refused(f"There is no step {step}. The last step is {len(history)}.")
    if step in gone:
        raise Refused(f"Step {step} was already withdrawn.")
    if isinstance(history[step - 1].event, ABOUT_THE_RECORD):
        raise Refused(
            f"Step {step} is about the record itself. It cannot be withdrawn; record the "
            "right value as another correction."
        )
    if isinstance(history[step - 1].event, REPLIES):
        raise Refused(
            f"Step {step} is of a dispute or a question, which both sides have read. Say more "
            "there; a dispute is taken back by its own party."
        )


def _check_role(history: History, step: int, actor: Actor) -> None:
    by = history[step - 1].stamp.role
    if actor.role not in {Role.INSPECTOR, by} or actor.role not in COMMANDS[Withdraw]:
        raise Forbidden(
            f"Step {step} was recorded by the role {by}. Only that role and inspectors can "
            "withdraw it."
        )


def _later_decision(history: History, steps: tuple[int, ...]) -> bool:
    """Whether a decision that stands was recorded after any of some steps, but is not of them."""
    gone = withdrawn_steps(history) | set(steps)
    return any(
        isinstance(entry.event, DECISIONS) and entry.step not in gone
        for entry in history[min(steps) :]
    )
