"""How things are kept: the ledger, the database, files, settings and logs."""
