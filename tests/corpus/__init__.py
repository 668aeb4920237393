"""The import promises."""
