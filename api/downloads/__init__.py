"""Lists and boards as files to save: their columns, their addresses and their making."""
