"""The commands to an inspection on pages: their forms, their answers to check, the recording."""
