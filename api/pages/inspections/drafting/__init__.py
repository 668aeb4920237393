"""The draft of a report on pages: its form, what is missing, and a pasted text split."""
