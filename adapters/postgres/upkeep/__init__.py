"""Upkeep of the database: backups, restores, moves and upgrades, each compared byte for byte."""
