"""The way in and out: HTTP and the command line."""
