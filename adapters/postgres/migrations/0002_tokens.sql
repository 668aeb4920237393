-- Bearer tokens. Only a hash is kept; who a person is lives elsewhere, `actor` is an identifier.
CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    actor text NOT NULL,
    role text NOT NULL,
    force text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK ((role IN ('force', 'local_policing_body')) = (force IS NOT NULL))
);
GRANT SELECT ON tokens TO tracker_app;
