"""Read models: disposable views of the ledger, kept current and rebuilt at will."""
