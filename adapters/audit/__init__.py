"""Audit of the record: checks of the ledger and its documents, and the export."""
