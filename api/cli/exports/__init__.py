"""Commands that write what is on record into files for others."""
