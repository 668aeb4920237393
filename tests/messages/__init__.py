"""Tests of messages by mail."""
