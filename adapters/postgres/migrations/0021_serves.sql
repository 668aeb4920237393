-- Programs of the release before go on beside a newer schema, so that an upgrade needs no pause: a
-- step only adds, and may be ignored by older programs. One that takes something away says in its
-- first line which step a program must know to run on: `-- Serves: 21`.
ALTER TABLE schema_migrations ADD COLUMN serves integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN schema_migrations.serves IS
    'The step that a program has to know to run on the schema since this one; 0 is any program.';
