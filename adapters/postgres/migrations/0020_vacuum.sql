-- A removed text stays in its table's file, as a dead row, until the table is vacuumed. Autovacuum
-- would wait until a fifth of the table is dead; here one dead row is enough, at its next turn
-- (autovacuum_naptime, a minute unless configured otherwise).
ALTER TABLE ledger_notes SET (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_enabled = true,
    toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0
);
ALTER TABLE documents SET (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_enabled = true,
    toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0
);
