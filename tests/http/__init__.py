"""HTTP itself promises."""
