"""OData 4.0: the views for tools, read by spreadsheets and dashboards that need no driver."""
