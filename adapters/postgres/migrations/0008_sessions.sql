-- People who sign in, and their sessions. What a browser holds is a random secret; only its hash
-- is kept, and no row is written for who does not sign in.

-- Who signed in through the identity provider. Entries and sessions know a person by `actor`
-- alone, so that a name can be changed or removed here and stands nowhere else.
CREATE TABLE people (
    actor text PRIMARY KEY,
    authority text NOT NULL,  -- the tenant's id (Entra ID), or the issuer
    subject text NOT NULL,    -- the object's id (Entra ID), or the subject
    name text,
    role text NOT NULL,       -- as at the last sign-in
    force text,
    signed_in_at timestamptz NOT NULL,
    UNIQUE (authority, subject),
    CHECK ((role IN ('force', 'local_policing_body')) = (force IS NOT NULL))
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    actor text NOT NULL,
    role text NOT NULL,
    force text,
    way text NOT NULL CHECK (way IN ('oidc', 'link')),
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CHECK ((role IN ('force', 'local_policing_body')) = (force IS NOT NULL))
);
CREATE INDEX sessions_actor_idx ON sessions (actor, id);
CREATE INDEX sessions_ends_at_idx ON sessions (ends_at);

-- A sign-in that is on its way through the identity provider: deleted when it comes back. The
-- secrets that go there are derived from the browser's and this salt; neither tells them alone.
CREATE TABLE pending_sign_ins (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    return_to text NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX pending_sign_ins_ends_at_idx ON pending_sign_ins (ends_at);

-- One-time links, for where there is no identity provider. The owner makes them; the service can
-- only use one up, for the role that stands in it.
CREATE TABLE sign_in_links (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    actor text NOT NULL,
    role text NOT NULL,
    force text,
    ends_at timestamptz NOT NULL,
    CHECK ((role IN ('force', 'local_policing_body')) = (force IS NOT NULL))
);

GRANT SELECT, INSERT ON people TO tracker_app;
GRANT UPDATE (name, role, force, signed_in_at) ON people TO tracker_app;
GRANT SELECT, INSERT, DELETE ON sessions TO tracker_app;
GRANT UPDATE (seen_at) ON sessions TO tracker_app;
GRANT SELECT, INSERT, DELETE ON pending_sign_ins TO tracker_app;
GRANT SELECT, DELETE ON sign_in_links TO tracker_app;
