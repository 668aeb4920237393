"""Tables as files: one definition of columns, written as CSV, a spreadsheet, Arrow or JSON."""
