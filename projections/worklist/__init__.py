"""The worklist: what waits, and for whom."""
