"""The corpus files: their reader, their importer, and the data that ships."""
