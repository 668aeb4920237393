"""The ledger promises."""
