"""Following the ledger: entries are folded once and written at once, for several read models."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import LedgerRecorder, writing
from adapters.ledger.subscription import BATCH_ROWS
from domain.events.event import Event
from domain.vocabulary.entry import Entry
from projections.runtime.history import StreamReader, naming
from projections.runtime.periods import Change, PeriodFolder
from projections.runtime.read_model import OnProgress, PoisonEntry, ReadModel
from projections.runtime.tracking import ReadModelStore


class FollowedModel(Struct, frozen=True, eq=False):
    """A read model, and its tables that are kept."""

    model: type[ReadModel]
    view: ReadModelStore


class Follower:
    """Takes entries in for read models that are at one position: all of them, or none."""

    def __init__(self, recorder: LedgerRecorder, kept: Sequence[FollowedModel]) -> None:
        self.kept = kept
        self._recorder = recorder
        self._past = StreamReader(", ".join(one.model.name for one in kept), recorder)
        self._folder = self._new_folder()
        (self.position,) = {one.view.position() for one in kept}

    def _new_folder(self) -> PeriodFolder:
        return PeriodFolder(
            [one.model.show for one in self.kept], self._past.whole, self._past.moves
        )

    def catch_up(self, through: int, told: OnProgress) -> None:
        """Read and take in what there is up to a position, a batch a transaction."""
        while self.position < through:
            self.take(self._recorder.page(self.position, min(BATCH_ROWS, through - self.position)))
            told(self.position, through)

    def take(self, rows: Sequence[StoredRow]) -> None:
        """Take in rows in order of position; those taken in before are passed by.

        Raises PoisonEntry at an entry that cannot be taken; what came before it is kept.
        """
        try:
            self._take([row for row in rows if row[4] > self.position])
        except BaseException:
            self._folder = self._new_folder()  # what was folded may not have been kept
            raise

    def _take(self, rows: Sequence[StoredRow]) -> None:
        entries: list[Entry[Event]] = []
        changes: list[tuple[Change, ...]] = []
        poisoned: PoisonEntry | None = None
        try:
            for row in rows:
                entries.append(self._past.read(row))  # noqa: PERF401  kept if a later one fails
        except PoisonEntry as error:
            poisoned = error
        try:
            self._folder.prepare(entries)
            for entry in entries:
                with naming(self._past.names, entry.position):
                    changes.append(self._folder.fold(entry))
        except PoisonEntry as error:
            poisoned = error
        if changes:
            self._write(entries[len(changes) - 1].position, changes)
        if poisoned:
            raise poisoned

    def _write(self, position: int, changes: Sequence[tuple[Change, ...]]) -> None:
        """Write the changes that each read model has, in one transaction."""
        with writing(self.kept[0].view.datastore) as wire:
            for one, some in zip(self.kept, zip(*changes, strict=True), strict=True):
                one.view.move(wire, self.position, position)
                one.model.write(wire, one.view.schema, some)
        self.position = position
