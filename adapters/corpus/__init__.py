"""The three corpus files: reading them, taking them in, and the data that is shipped."""
