"""Data for every page: the corpus, and recommendations in every stage."""

from datetime import UTC, datetime

from adapters.corpus import importer, reading
from adapters.corpus.training.play import play
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from api.cli.main import CORPUS
from tests.support.data.examples import ESSEX, INSPECTOR, issue
from tests.support.served.serving import ESSEX_BODY, Published, Service, command, published

LONG = ("Improve the response to children who are at risk. " * 12).strip()


def fill(database: Database, *, training: bool = False) -> None:
    """Import the corpus, and the training world on request."""
    with Ledger(environment(database.conninfo(APP), pool=2)) as ledger:
        corpus = reading.read(CORPUS, today=datetime.now(UTC).date())
        importer.load(
            ledger, corpus, importer.IMPORTER, dry_run=False, progress=lambda _done, _of: None
        )
        if training:
            play(ledger, lambda _done, _of: None)


def live(service: Service) -> Published:
    """Record two recommendations to Essex: one closed, and one only issued."""
    issues = (issue("essex", text=LONG), issue("essex", ordinal=2))
    made = published(service, "essex-pages-2026", *issues, force="essex")
    stream = made.recommendations[0]
    for actor, tag, fields in (
        (ESSEX, "receive_action_plan", {"answer": "act", "content": "We will."}),
        (INSPECTOR, "review_action_plan", {"outcome": "accepted"}),
        (INSPECTOR, "assign_follow_up", {"kind": "monitoring", "procedure": "2020"}),
        (ESSEX_BODY, "respond_under_section_55", {"answer": "act", "explanation": "<b>Yes</b>"}),
        (ESSEX, "claim_completion", {"evidence": "It is."}),
        (ESSEX_BODY, "record_assurance", {"level": "assured", "reason": "Seen."}),
        (INSPECTOR, "report_follow_up", {"finding": "met", "passage": LONG, "source": "Review"}),
        (INSPECTOR, "close", {"reason": "verified", "basis": "It.", "source": "Review"}),
    ):
        answer = command(service, stream, actor, tag, **fields)
        assert answer.status_code == 201, answer.text
        reached = f"/v1/recommendations?position={answer.json()['position']}"
        assert service.get(reached).is_success
    return made
