"""The command line: one program, `tracker`."""
