"""The rules: pure, without a clock, a database or a request."""
