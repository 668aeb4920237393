"""Following the ledger for several read models: entries are folded once and written together."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import LedgerRecorder, writing
from adapters.ledger.subscription import BATCH_ROWS, LedgerReplaced
from domain.checks import SUPPRESSED
from domain.events.event import Event
from domain.vocabulary.entry import Entry
from projections.runtime.history import StreamReader, naming
from projections.runtime.periods import Change, PeriodFolder
from projections.runtime.read_model import OnProgress, PoisonEntry, ReadModel
from projections.runtime.tracking import ReadModelStore


class FollowedModel(Struct, frozen=True, eq=False):
    """A read model and the store that holds its tables."""

    model: type[ReadModel]
    store: ReadModelStore


class Follower:
    """Applies entries to read models at the same position, all or none."""

    def __init__(self, recorder: LedgerRecorder, followed: Sequence[FollowedModel]) -> None:
        self.followed = followed
        self._recorder = recorder
        self._past = StreamReader(", ".join(each.model.name for each in followed), recorder)
        self._shows = [each.model.show for each in followed]
        self._folder = self._new_folder()
        (self.position,) = {each.store.position() for each in followed}

    def _new_folder(self) -> PeriodFolder:
        return PeriodFolder(self._shows, self._past.whole, self._past.moves)

    def catch_up(self, through: int, on_progress: OnProgress) -> None:
        """Read and apply all entries up to a position, one batch per transaction.

        Raises LedgerReplaced if the ledger does not come so far (any more).
        """
        while self.position < through:
            rows = self._recorder.page(self.position, min(BATCH_ROWS, through - self.position))
            if not rows:
                raise LedgerReplaced(f"The ledger ends before position {through}.")
            self.take(rows)
            on_progress(self.position, through)

    def take(self, rows: Sequence[StoredRow]) -> None:
        """Apply rows in order of position, skipping those already applied.

        Raises PoisonEntry at an entry that cannot be applied; the entries before it are kept.
        Raises LedgerReplaced if entries before the rows were never applied.
        """
        if rows and rows[0][4] > self.position + 1:
            raise LedgerReplaced(f"Position {rows[0][4]} does not follow {self.position}.")
        try:
            self._take([row for row in rows if row[4] > self.position])
        except BaseException:
            self._folder = self._new_folder()  # it may be ahead of the tables
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
                    changes.append(self._fold(entry))
        except PoisonEntry as error:
            poisoned = error
        if changes:
            self._write(entries[len(changes) - 1].position, changes)
        if poisoned:
            raise poisoned

    def _fold(self, entry: Entry[Event]) -> tuple[Change, ...]:
        changes = self._folder.fold(entry)
        if not isinstance(entry.event, SUPPRESSED):
            return changes
        # What was known before reads otherwise from now on, so that the stream is written again.
        whole = self._past.whole_as_of(entry.position)
        folder = PeriodFolder(self._shows, whole, whole)
        steps = [folder.fold(each) for each in whole([entry.stream], entry.position)[entry.stream]]
        return tuple(Change(entry, (), (), again) for again in zip(*steps, strict=True))

    def _write(self, position: int, changes: Sequence[tuple[Change, ...]]) -> None:
        """Write the changes of every read model in one transaction."""
        with writing(self.followed[0].store.datastore) as wire:
            by_model = zip(*changes, strict=True)
            for each, model_changes in zip(self.followed, by_model, strict=True):
                each.store.move(wire, self.position, position)
                each.model.write(wire, each.store.schema, model_changes)
        self.position = position
