"""Amendments of the record: corrections, withdrawals and redactions, and what they must leave."""
