"""Shared by tests: people, commands, stories, servers and browsers."""
