"""The API promises."""
