"""Tests by room, mirroring the packages they test."""
