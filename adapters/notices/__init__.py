"""Notices of steps for programs: read from the ledger, in the form of CloudEvents."""
