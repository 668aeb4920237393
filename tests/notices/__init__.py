"""Tests of notices: pages, event streams and webhooks."""
