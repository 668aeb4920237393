"""The whole data set: every public list in one archive, with descriptions that programs read."""
