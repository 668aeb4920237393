"""Tests of the import."""
