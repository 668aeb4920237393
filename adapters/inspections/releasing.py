"""The release of embargoed reports at their minute, each as one submit, and once.

Every process that serves looks for what is due: the rule that ends an inspection lets one of them
release it, whichever is first, and whenever another was killed.
"""

import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import structlog
from msgspec.structs import replace

from adapters.inspections.drafts import drafted, load, remove
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import RetriesExhausted, Submission, VersionConflict
from adapters.telemetry.metrics import RELEASES_FAILED
from adapters.threads import LastingThread
from domain.commands.inspection import ReleaseReport
from domain.events.event import History
from domain.history import inspection_after
from domain.inspection.draft import text_of
from domain.inspection.state import ENDED, Inspection, InspectionStage
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.errors import RuleError
from domain.vocabulary.ids import report_id

LOOK_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 30.0
"""After a release was refused, how long it waits before it tries again."""
RELEASER: Final = Actor("release-service", Role.PUBLISHER)
"""The service itself, in the name of the two people who set the embargo and agreed to it."""

log = structlog.get_logger()


class Releaser:
    """Releases what is due, in a thread from its start to its end."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._stopping = threading.Event()
        self._thread = LastingThread(self._work, "releaser")

    def __enter__(self) -> Self:
        """Begin to look for what is due."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, after what is under way."""
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        failed: dict[UUID, float] = {}
        while not self._stopping.wait(LOOK_SECONDS):
            now = time.monotonic()
            failed = {stream: again for stream, again in failed.items() if again > now}
            again = now + RETRY_SECONDS
            failing = release_due(self._ledger, self._clock(), but=failed.keys())
            failed |= dict.fromkeys(failing, again)
            RELEASES_FAILED.set(len(failed))


def release_due(ledger: Ledger, at: datetime, *, but: Collection[UUID] = ()) -> list[UUID]:
    """Release every report whose minute has come, and remove the drafts of what is over.

    Return those that could not be released; the log says so. `but` are left for later.
    """
    histories = ledger.histories(ledger.rows.run(drafted()))
    states = {stream: inspection_after(history) for stream, history in histories.items()}
    if over := [stream for stream, state in states.items() if state.stage in ENDED]:
        ledger.rows.run(remove(over))
    return [
        stream
        for stream, state in states.items()
        if is_due(state, at)
        and stream not in but
        and not _release(ledger, stream, histories[stream], at)
    ]


def is_due(state: Inspection, at: datetime) -> bool:
    """Return whether the minute of a release has come, and nothing stands in its way."""
    return (
        state.stage is InspectionStage.AGREED
        and state.deferred is None
        and state.embargo is not None
        and state.embargo.release_at <= at
    )


def salt_of(ledger: Ledger, history: History, state: Inspection) -> str | None:
    """Return the salt of an inspection's seals; None before its first check."""
    if state.check is None:
        return None
    entry = history[state.check.step - 1].id
    return ledger.notes([entry])[entry]["salt"]


def _release(ledger: Ledger, stream: UUID, history: History, at: datetime) -> bool:
    """Publish a report and end its inspection, all or nothing; whether that is now so."""
    state = inspection_after(history)
    saved = ledger.rows.run(load(stream, state.final_version))
    salt = salt_of(ledger, history, state)
    if saved is None or salt is None or state.planned is None:
        return True  # another process was first
    try:
        text = text_of(saved.draft, state.planned)
        published = replace(text, on=day_of(at).isoformat())
        receipt = ledger.submit(
            [
                Submission(report_id(text.reference), published),
                Submission(stream, ReleaseReport(salt=salt, text=text), expected_step=state.step),
            ],
            RELEASER,
        )
    except (RuleError, VersionConflict, RetriesExhausted) as error:
        if inspection_after(ledger.history(stream)).stage in ENDED:
            return True
        log.error("release_failed", inspection=str(stream), error=type(error).__name__)  # noqa: TRY400
        return False
    ledger.rows.run(remove([stream]))
    log.info("report_released", inspection=str(stream), position=receipt.position)
    return True
