"""Backups, restores, moves and upgrades of the database, each compared byte for byte."""
