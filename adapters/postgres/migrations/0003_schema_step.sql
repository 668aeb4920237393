-- The service may see which step the schema is at, so that it can say that it is not its own.
GRANT SELECT ON schema_migrations TO tracker_app, tracker_projector;
