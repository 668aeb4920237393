"""The database promises."""
