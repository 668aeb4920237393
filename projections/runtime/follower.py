"""Following the ledger: entries are folded once and written at once, for several read models."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.ledger.queries import Row
from adapters.ledger.recorder import LedgerRecorder, writing
from adapters.ledger.subscription import BATCH_ROWS
from domain.events.event import Event
from domain.vocabulary.entry import Entry
from projections.runtime.history import Past, naming
from projections.runtime.periods import Change, Folder
from projections.runtime.read_model import Poisoned, ReadModel, Told
from projections.runtime.tracking import View


class Kept(Struct, frozen=True, eq=False):
    """A read model, and its tables that are kept."""

    model: type[ReadModel]
    view: View


class Follower:
    """Takes entries in for read models that are at one position: all of them, or none."""

    def __init__(self, recorder: LedgerRecorder, kept: Sequence[Kept]) -> None:
        self.kept = kept
        self._recorder = recorder
        self._past = Past(", ".join(one.model.name for one in kept), recorder)
        self._folder = self._new_folder()
        (self.position,) = {one.view.position() for one in kept}

    def _new_folder(self) -> Folder:
        return Folder([one.model.show for one in self.kept], self._past.whole, self._past.moves)

    def catch_up(self, upto: int, told: Told) -> None:
        """Read and take in what there is up to a position, a batch a transaction."""
        while self.position < upto:
            self.take(self._recorder.page(self.position, min(BATCH_ROWS, upto - self.position)))
            told(self.position, upto)

    def take(self, rows: Sequence[Row]) -> None:
        """Take in rows in order of position; those taken in before are passed by.

        Raises Poisoned at an entry that cannot be taken; what came before it is kept.
        """
        try:
            self._take([row for row in rows if row[4] > self.position])
        except BaseException:
            self._folder = self._new_folder()  # what was folded may not have been kept
            raise

    def _take(self, rows: Sequence[Row]) -> None:
        entries: list[Entry[Event]] = []
        changes: list[tuple[Change, ...]] = []
        poisoned: Poisoned | None = None
        try:
            for row in rows:
                entries.append(self._past.read(row))  # noqa: PERF401  kept if a later one fails
        except Poisoned as error:
            poisoned = error
        try:
            self._folder.prepare(entries)
            for entry in entries:
                with naming(self._past.names, entry.position):
                    changes.append(self._folder.fold(entry))
        except Poisoned as error:
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
