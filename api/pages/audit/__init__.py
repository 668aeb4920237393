"""Pages for auditors: histories and comparisons."""
