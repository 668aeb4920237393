"""The published reports: a row for each in its time, and the list of them."""
