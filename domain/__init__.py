"""The rules, as pure functions: no clock, no database and no request."""
