-- A one-time link may carry the person's name, so that colleagues can pick them by name where there
-- is no identity provider. A person who signs in by a link is in `people` from then on.
ALTER TABLE sign_in_links ADD COLUMN name text;
