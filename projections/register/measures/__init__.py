"""Measures of the register, and the conditions that open each of them to its rows."""
