"""Documents: their bytes, names, types, removal and scan."""
