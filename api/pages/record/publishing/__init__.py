"""Publishing a report with its recommendations: typed, or read from a text or a workbook."""
