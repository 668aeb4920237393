"""Pages of inspections before their reports are published."""
