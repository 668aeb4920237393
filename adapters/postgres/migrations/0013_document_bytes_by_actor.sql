-- Finds how much an actor has stored today, which is limited.
CREATE INDEX documents_uploaded_by_idx ON documents (uploaded_by, at);
