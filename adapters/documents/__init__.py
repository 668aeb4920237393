"""Documents that support a claim: their store and the accepted file types."""
