"""What every read model needs: schemas, positions, building, following and supervision."""
