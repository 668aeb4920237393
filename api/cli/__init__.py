"""The command line: a single program, `tracker`."""
