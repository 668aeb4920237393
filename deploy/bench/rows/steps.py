"""Rows about importing: the past of many cases, one row a step."""

import csv
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import LiteralString

import psycopg
from msgspec import Struct
from psycopg.sql import SQL, Identifier

from adapters.corpus import importer, reading
from adapters.corpus.rows import (
    FILES,
    OUTCOMES,
    PRODUCTS,
    RECOMMENDATIONS,
    STEPS,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
    StepRow,
)
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from deploy.bench import processes
from deploy.bench.data import TEXTS
from deploy.bench.rows.memory import peak
from deploy.bench.rows.registry import row
from deploy.bench.world import World, log_progress
from domain.vocabulary.forces import FORCES

IMPORTED_STEPS = 100_000
PER_REPORT = 100
PAUSE_SECONDS = 0.05
Cells = Mapping[str, str]
LIFE: tuple[Cells, ...] = (
    {"type": "receive_action_plan", "date": "2019-07-20", "answer": "act"},
    {"type": "review_action_plan", "date": "2019-08-01", "outcome": "accepted"},
    {"type": "respond_under_section_55", "date": "2019-08-05", "answer": "act"},
    {"type": "assign_follow_up", "date": "2019-08-05", "follow_up": "reinspection"},
    {"type": "claim_completion", "date": "2020-01-10"},
    {"type": "return_claim", "date": "2020-01-20"},
    {"type": "claim", "date": "2020-02-01", "said_by": "force", "confidence": "stated"},
    {"type": "claim_completion", "date": "2020-03-01"},
    {"type": "report_follow_up", "date": "2020-04-10", "finding": "met"},
    {"type": "close", "date": "2020-04-20", "reason": "verified"},
)
_TEXTS = frozenset({"respond_under_section_55", "claim", "report_follow_up"})
_SOURCES = frozenset({"claim", "report_follow_up", "close"})
_NOTELESS = _TEXTS | {"assign_follow_up"}
_KINDS: dict[str, type[Struct]] = {
    PRODUCTS: ProductRow,
    RECOMMENDATIONS: RecommendationRow,
    OUTCOMES: OutcomeRow,
    STEPS: StepRow,
}
_HEAD = "SELECT coalesce(max(notification_id), 0) FROM ledger_events"
_ADDED: dict[str, LiteralString] = {
    "ledger_events": "SELECT * FROM ledger_events WHERE notification_id > %s",
    "ledger_notes": (
        "SELECT n.* FROM ledger_notes n JOIN ledger_events USING (entry_id)"
        " WHERE notification_id > %s"
    ),
}
_REPORT = "https://example.org/report"


@row("import-steps", "importing 100,000 steps of files / COPY of the rows they become", 0.1)
def _(world: World) -> float:
    return world.once("import-steps", partial(_imported, world))


@row("import-hold", "the most seconds that another command waits for that import", 8, at_most=True)
def _(world: World) -> float:
    world.once("import-steps", partial(_imported, world))
    return world.measured["import-hold"]


def _imported(world: World) -> float:
    conninfo = world.empty.conninfo
    with TemporaryDirectory() as name:
        write_pasts(Path(name), f"round-{world.round}", _steps(world))
        with psycopg.connect(conninfo) as connection:
            before = connection.execute(_HEAD).fetchone()
        ended, waits = Event(), [0.0]
        other = Thread(target=_wait_in_turn, args=(conninfo, ended, waits))
        other.start()
        began = time.perf_counter()
        try:
            import_all(world.empty.database, Path(name))
        finally:
            ended.set()
            other.join()
        seconds = time.perf_counter() - began
    world.measured["import-hold"] = max(waits)
    copied = _copied(conninfo, before[0] if before else 0)
    log_progress(f"    {copied:.4g} s / {seconds:.4g} s")
    return copied / seconds


def _wait_in_turn(conninfo: str, ended: Event, waits: list[float]) -> None:
    """Take the lock of ledger_append every now and then; note how long each took, in seconds."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while not ended.wait(PAUSE_SECONDS):
            began = time.perf_counter()
            connection.execute("SELECT pg_advisory_xact_lock(7411, 1)")
            waits.append(time.perf_counter() - began)


@row("memory-import-steps", "the most MB, importing 100,000 steps", 256, at_most=True, once=True)
def _(world: World) -> float:
    with TemporaryDirectory() as name:
        write_pasts(Path(name), "memory", _steps(world))
        return processes.run_helper(ImportPeak(world.empty.conninfo, name), float)


class ImportPeak(Struct, frozen=True, tag=True):
    """An import by a process of its own."""

    conninfo: str
    directory: str

    def run(self) -> float:
        """Return the peak of the process in megabytes."""
        import_all(Database(self.conninfo, self.conninfo), Path(self.directory))
        return peak()


def import_all(database: Database, directory: Path) -> None:
    """Import the files of a directory."""
    with Ledger(environment(database.conninfo(APP), pool=2)) as ledger:
        corpus = reading.read(directory, datetime.now(UTC).date())
        importer.load(
            ledger,
            corpus,
            importer.IMPORTER,
            dry_run=False,
            progress=lambda _done, _of: None,
            hold=importer.HOLD_SECONDS_MAX,
        )


def write_pasts(directory: Path, tag: str, steps: int) -> None:
    """Write the files of some reports with recommendations, each with ten steps of its past."""
    rows = _rows(tag, steps // len(LIFE))
    for file in FILES:
        with (directory / file).open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, _KINDS[file].__struct_fields__, restval="")
            writer.writeheader()
            writer.writerows(cells for of, cells in rows if of == file)


def _rows(tag: str, recommendations: int) -> list[tuple[str, Cells]]:
    return [*_pasts(tag, recommendations)]


def _pasts(tag: str, recommendations: int) -> Iterator[tuple[str, Cells]]:
    forces = list(FORCES)
    for number in range(recommendations):
        report, ordinal = divmod(number, PER_REPORT)
        force = forces[report % len(forces)]
        of = {"product_id": f"{force}-{tag}-{report}", "force_code": force, "confidence": "stated"}
        if not ordinal:
            yield (
                PRODUCTS,
                {
                    **of,
                    "kind": "ncpi",
                    "in_programme": "yes",
                    "edition": "pre-2024",
                    "title": "National child protection inspection",
                    "first_published": "2019-06-20",
                    "first_published_precision": "day",
                    "fieldwork_precision": "unknown",
                    "source": _REPORT,
                },
            )
        reference = f"{of['product_id']}-r{ordinal + 1}"
        yield (
            RECOMMENDATIONS,
            {
                **of,
                "rec_id": reference,
                "ordinal": str(ordinal + 1),
                "item_type": "recommendation",
                "text_seen": "yes",
                "time_limit": "months:6",
                "area": "leadership",
                "paraphrase": TEXTS[number % len(TEXTS)],
                "source": _REPORT,
            },
        )
        for place, step in enumerate(LIFE):
            text, kind = TEXTS[(number + place) % len(TEXTS)][:200].strip(), step["type"]
            yield (
                STEPS,
                {
                    "product_id": of["product_id"],
                    "force_code": force,
                    "rec_id": reference,
                    "step_id": f"{reference}-s{place}",
                    "date_precision": "day",
                    "text": text if kind in _TEXTS else "",
                    "notes": "" if kind in _NOTELESS else text,
                    "source": _REPORT if kind in _SOURCES else "",
                    **step,
                },
            )


def _steps(world: World) -> int:
    """Return how many steps are imported: fewer beside a small ledger."""
    return min(IMPORTED_STEPS, world.scale.size.entries // 10)


def _copied(conninfo: str, after: int) -> float:
    """Return the seconds that COPY takes for the rows after a position, with their indexes."""
    seconds = 0.0
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for table, added in _ADDED.items():
            copy = Identifier(f"copied_{table}")
            connection.execute(SQL("DROP TABLE IF EXISTS {}").format(copy))
            like = SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
            connection.execute(like.format(copy, Identifier(table)))
            query = SQL("COPY ({}) TO STDOUT (FORMAT binary)")
            with connection.cursor().copy(query.format(SQL(added)), (after,)) as rows:
                parts = [bytes(part) for part in rows]
            began = time.perf_counter()
            into = SQL("COPY {} FROM STDIN (FORMAT binary)").format(copy)
            with connection.cursor().copy(into) as rows:
                for part in parts:
                    rows.write(part)
            seconds += time.perf_counter() - began
    return seconds
