"""Pages that mend the record: corrections, withdrawals, redactions and suppressions."""
