"""Amendments of the record: corrections, withdrawals and removals, and what they must leave."""
