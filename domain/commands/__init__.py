"""Everything that can be requested: the commands of recommendations and reports."""
