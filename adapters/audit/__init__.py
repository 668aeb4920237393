"""Proving and exporting the record: checks of the ledger, of documents, and the export."""
