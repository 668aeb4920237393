"""The machinery of read models: schemas, positions, building, following and supervision."""
