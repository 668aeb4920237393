-- A subscription may be to the changes of a list: the query string of its filters.
ALTER TABLE subscriptions ADD COLUMN filters text CHECK (length(filters) <= 1000);
