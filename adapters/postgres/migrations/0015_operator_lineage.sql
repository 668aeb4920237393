-- Operators see whether the present copy of the database is the one that was last confirmed.
GRANT SELECT (number, id, since_position, server, began_at) ON ledger_lineages TO tracker_operator;
GRANT EXECUTE ON FUNCTION ledger_server TO tracker_operator;
CREATE VIEW operator.lineage WITH (security_invoker = true) AS
    SELECT id, since_position, began_at,
           server IS DISTINCT FROM public.ledger_server() AS unconfirmed
      FROM public.ledger_lineages ORDER BY number DESC LIMIT 1;
COMMENT ON VIEW operator.lineage IS 'The present lineage of the ledger. It is unconfirmed where the '
    'database was put back or copied and no operator has said that the service may go on with it.';
GRANT SELECT ON operator.lineage TO tracker_operator;
