"""Published facts as rows of the import's files: their names, and their columns in both ways."""
