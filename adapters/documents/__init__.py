"""Documents that evidence a claim: their store and the file types that are accepted."""
