"""A database with rows in every table: the corpus, the training world, and whatever they lack."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
from psycopg.sql import SQL, Identifier

from adapters.documents.media_types import TYPES
from adapters.documents.store import describe, put
from adapters.identity import tokens
from adapters.identity.access_log import access_submission
from adapters.ledger.append import Key
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import Submission
from adapters.postgres.database import APP, OWNER, Database
from domain.commands.recommendation import Comment
from domain.vocabulary.actors import Role
from tests.support.data.documents import PDF, TEXT
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, published, redact, submit
from tests.support.data.paged import fill

CONFIDENTIAL = "Confidential: tabs\tand\\N\nlines, é ☃ 𝄞."
REMOVED = "Removed for good."
SESSIONS = """
    INSERT INTO people (actor, authority, subject, name, role, signed_in_at)
    VALUES ('p-1', 'https://id.example', 's-1', 'Jo "É" Bloggs', 'inspector', now());
    INSERT INTO sessions (id, sha256, actor, role, way, created_at, seen_at, ends_at)
    VALUES (gen_random_uuid(), sha256('s'), 'p-1', 'inspector', 'oidc', now(), now(), now() + '1h');
    INSERT INTO sign_in_links VALUES (sha256('l'), 'a-1', 'admin', NULL, now() + '10min');
    INSERT INTO pending_sign_ins VALUES (sha256('p'), sha256('x'), '/', now() + '10min');
    INSERT INTO form_tokens VALUES (sha256('t'), 'p-1', now() + '1h');
    INSERT INTO held_forms VALUES (gen_random_uuid(), sha256('h'), 'p-1', 'x', now() + '1h');
    INSERT INTO force_leads (force, lead, by, at) VALUES ('kent', 'p-1', 'p-1', now());
    INSERT INTO private_addresses VALUES (gen_random_uuid(), sha256('secret'), 'p-1', 'changes',
        'A “filter”', 'force=kent', now(), '2026-01-05');
    INSERT INTO saved_filters VALUES ('p-1', 'A “filter”', '/work', 'force=kent', now());
    INSERT INTO contacts VALUES ('ABCDEFGH23', '/reports', 'A “message”', 'é@example.org', now(),
        now() + '180d');
    INSERT INTO contact_outcomes (reference, received_at, outcome, by, at)
    VALUES ('ABCDEFGH23', now(), 'no_change', 'p-1', now());
    INSERT INTO visits VALUES ('p-1', now(), NULL);
    INSERT INTO inspection_drafts VALUES (gen_random_uuid(), 1, '{}', now(), 'p-1', 'kent-é');
    INSERT INTO message_progress SELECT 'ledger', id, 1, '2026-01-05' FROM ledger_lineages LIMIT 1;
    WITH made AS (INSERT INTO message_recipients (actor, address, at_once, digest)
        VALUES ('p-1', 'jo@example.org', true, 'daily') RETURNING id)
    INSERT INTO messages (recipient, kind, cause, about, next_at)
    SELECT id, 'digest', '2026-01-05', '{"overdue": 1}', now() FROM made;
    INSERT INTO message_recipients (address, force) VALUES ('reader@example.org', 'kent');
    INSERT INTO bi_logins VALUES ('bi-kent', 'kent');
    WITH made AS (INSERT INTO subscriptions (id, actor, url, training, lineage, position)
        SELECT gen_random_uuid(), 'p-1', 'https://example.org/é', false, id, 1
          FROM ledger_lineages LIMIT 1 RETURNING id)
    INSERT INTO webhook_secrets (subscription, secret) SELECT id, sha256('w') FROM made;
    SELECT rates_take('sign-in', 1, 5, 1000)
"""


def fill_all(database: Database, *, corpus: bool = True) -> None:
    """Put rows into every table: notes, redactions, documents, one removed, tokens, sessions."""
    if corpus:
        fill(database, training=True)
    with Ledger(environment(database.conninfo(APP), pool=2)) as ledger:
        stream = published(ledger, reference="kent-backup-2026")
        key = Key(INSPECTOR.id, "a key", sha256(b"body").digest())
        ledger.submit([Submission(stream, Comment(comment=CONFIDENTIAL))], INSPECTOR, key=key)
        submit(ledger, stream, Comment(comment=REMOVED), KENT)
        redact(ledger, stream, 3, "comment")
        for content, kind in ((PDF, "application/pdf"), (TEXT, "text/plain")):
            media = TYPES[kind]
            document = describe(content, media, f"A file.{media.extension}")
            ledger.rows.run(put(stream, document, content, KENT.id, datetime.now(UTC)))
        redact(ledger, stream, 1, f"documents.{sha256(PDF).hexdigest()}")
        tokens.create(
            database.conninfo(OWNER),
            actor="tool-1",
            role=Role.AUDITOR,
            force=None,
            expires_at=datetime.now(UTC) + timedelta(days=1),
            record=lambda event: ledger.submit([access_submission(event)], ADMIN),
        )
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(SESSIONS)


def rows_of(database: Database) -> dict[str, list[str]]:
    """Return every row of every table of a database as text, sorted, by another way than COPY."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("SET timezone = 'UTC'; SET bytea_output = 'hex'; SET datestyle = 'ISO'")
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            name: sorted(
                text
                for (text,) in connection.execute(
                    SQL("SELECT t::text FROM {} AS t").format(Identifier(name))
                )
            )
            for (name,) in names
        }
