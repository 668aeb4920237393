"""Pages that mend the record: corrections, withdrawals and redactions."""
