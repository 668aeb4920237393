"""Notices of steps for programs: page by page, and as they come."""
