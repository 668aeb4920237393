"""The ledger: one way in, `submit`; one way out for truth, `history`."""
