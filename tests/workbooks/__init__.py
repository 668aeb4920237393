"""Workbooks to answer in: written, filled in, read, checked and recorded."""
