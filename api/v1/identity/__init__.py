"""Sessions, people and the record of access."""
